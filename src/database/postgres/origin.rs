//! Where the connection string comes from: the configuration, or a file that is read anew for each connection.
//!
//! So a password that is replaced in the file is used by the next connection, without a restart. What the file gives
//! last holds while it cannot be read or used; that is logged once each time. So does the file of root certificates.
//! The log line names the file and no part of what is in it.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::options::PostgresOptions;
use super::target::{SslMode, Target};
use crate::news::{News, Standing};
use crate::redact::{Secret, SecretFile};
use crate::tls::{Client, Demands, TlsError};

#[derive(Debug)]
pub struct Origin {
    file: Option<SecretFile>,
    mode: Option<SslMode>,
    roots: Option<PathBuf>,
    state: Mutex<State>,
    trusted: Mutex<Trusted>,
}

/// The certificates that were read last, and by which name.
#[derive(Debug, Default)]
struct Trusted {
    last: Option<(Option<PathBuf>, Client)>,
    standing: Standing,
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
            trusted: Mutex::default(),
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

    /// The client's side of TLS for a new connection. This reads the root certificates anew.
    ///
    /// # Errors
    /// They cannot be read or used, and never could.
    pub fn tls(&self, target: &Target) -> Result<Client, TlsError> {
        let demands = Demands {
            check: target.check,
            roots: target.roots.as_deref(),
            setting: "ssl_root_cert",
            versions: target.versions,
            greeting: target.greeting,
        };
        let read = Client::new(demands);
        let mut trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, trouble) = match read {
            Ok(client) => {
                trusted.last = Some((target.roots.clone(), client.clone()));
                (client, None)
            }
            Err(error) => match &trusted.last {
                Some((roots, last)) if *roots == target.roots => {
                    let trouble = error.to_string();
                    (last.with_its_roots(demands).ok_or(error)?, Some(trouble))
                }
                _ => return Err(error),
            },
        };
        match (trusted.standing.hear("roots", trouble.as_deref()), trouble) {
            (News::Wrong, Some(error)) => {
                log::warn!("database.postgres.ssl_root_cert: {error}; the certificates that were read last are used");
            }
            (News::Over, _) => log::info!("database.postgres.ssl_root_cert: the root certificates can be read again"),
            _ => {}
        }
        Ok(client)
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
