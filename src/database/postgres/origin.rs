//! Where the connection string comes from: the configuration, or a file that is read anew for each connection.
//!
//! So a password that is replaced in the file is used by the next connection, without a restart. What the file gives
//! last holds while it cannot be read or used; that is logged once each time. The log line names the file and no part
//! of what is in it.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::options::PostgresOptions;
use super::target::{SslMode, Target};
use crate::redact::{Secret, SecretFile};

#[derive(Debug)]
pub struct Origin {
    file: Option<SecretFile>,
    mode: Option<SslMode>,
    roots: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What the file held when it was last looked at, usable or not.
    read: Secret,
    target: Arc<Target>,
}

impl Origin {
    /// The target that the options name.
    ///
    /// # Errors
    /// What is wrong with the connection string, without any part of it.
    pub fn new(options: &PostgresOptions) -> Result<Origin, String> {
        let url = options.url.clone().unwrap_or_else(|| Secret::new(""));
        let (mode, roots) = (options.sslmode, options.ssl_root_cert.clone());
        let target = Target::parse(url.expose(), mode, roots.as_deref())?;
        let file = options.url_file.as_deref();
        Ok(Origin {
            file: file.map(|path| SecretFile::new(path, url.clone())),
            mode,
            roots,
            state: Mutex::new(State {
                read: url,
                target: Arc::new(target),
            }),
        })
    }

    /// The target for a new connection. This may read a file.
    pub fn anew(&self) -> Arc<Target> {
        let Some(file) = &self.file else {
            return self.last();
        };
        let (url, told) = file.current();
        if let Some(error) = told {
            log::warn!("database.postgres.url_file: {error}; what it held before is used");
        }
        let mut state = self.state();
        if url != state.read {
            match Target::parse(url.expose(), self.mode, self.roots.as_deref()) {
                Ok(target) => state.target = Arc::new(target),
                Err(error) => log::warn!("database.postgres.url_file: {error}; what it held before is used"),
            }
            state.read = url;
        }
        Arc::clone(&state.target)
    }

    /// Names database and servers as they were last known, without user and password.
    pub fn describe(&self) -> String {
        self.last().describe()
    }

    fn last(&self) -> Arc<Target> {
        Arc::clone(&self.state().target)
    }

    /// A panic of another holder does no harm: the target is replaced as a whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
