//! The configuration: defaults, then a TOML file, then the environment, each overriding the one before. It is
//! validated.
//!
//! This is the only room that knows every other room's options, and none of them imports it. Never here: what the
//! values do, logs, or the process's own environment (it is passed in as an argument). Failures: `ConfigError` lists
//! all problems with the file and line or the variable.
mod bucket;
mod check;
mod keys;
mod layers;
mod log;
mod names;
mod options;
mod postgres;
mod print;
mod shared;
mod sources;
mod tables;
mod values;
mod words;

pub use crate::units::{Period, Size};
pub use keys::Keys;
pub use log::LogOptions;
pub use sources::{ConfigError, Problem, Source, Sources};
pub use tables::{Config, LimitsTable, PrivacyTable, ServerTable};

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Where the file is looked for when none is named, in this order.
pub const FILES: [&str; 2] = ["rtcstats-server.toml", "/etc/rtcstats-server/config.toml"];

/// A configuration that can be used.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    pub sources: Sources,
    pub keys: Keys,
    /// Complete sentences for the log about what works but is rarely intended.
    pub warnings: Vec<String>,
}

impl Loaded {
    /// The effective configuration as TOML with secrets hidden.
    pub fn to_toml(&self) -> String {
        print::effective(&self.config, &self.sources)
    }
}

/// Reads the file that is named, or else the first of `FILES` that exists, and the environment (`std::env::vars_os`).
///
/// # Errors
/// A file that cannot be read, unknown keys, values of the wrong form, values that do not fit together.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Loaded, ConfigError> {
    let file = match file {
        Some(path) => Some((
            path.to_path_buf(),
            layers::read_text(path).map_err(|error| unreadable(path, &error))?,
        )),
        None => first_file()?,
    };
    let file = file.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
    let environment: BTreeMap<OsString, OsString> = environment.into_iter().collect();
    let misspelt = names::warnings(environment.keys());
    let (mut config, sources) = layers::merge(file, environment)?;
    if config.server.host.host_identifier.is_empty() {
        config.server.host.host_identifier = rustix::system::uname().nodename().to_string_lossy().into_owned();
    }
    let mut problems = check::problems(&config, &sources);
    problems.extend(postgres::complete(&mut config.database, &sources));
    problems.extend(bucket::complete(&mut config, &sources));
    match keys::read(&config.authorization, &sources) {
        Ok(keys) if problems.is_empty() => {
            let warnings = misspelt.into_iter().chain(check::warnings(&config, &keys)).collect();
            Ok(Loaded {
                config,
                sources,
                keys,
                warnings,
            })
        }
        Ok(_) => Err(ConfigError(problems)),
        Err(more) => {
            problems.extend(more);
            Err(ConfigError(problems))
        }
    }
}

/// A file that does not exist is skipped. One that cannot be read is an error, because somebody wanted it to be used.
fn first_file() -> Result<Option<(PathBuf, String)>, ConfigError> {
    for path in FILES.map(Path::new) {
        match layers::read_text(path) {
            Ok(text) => return Ok(Some((path.to_path_buf(), text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
    Ok(None)
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    let message = format!("cannot be read: {error}");
    Problem {
        place: path.display().to_string(),
        key: String::new(),
        message,
    }
    .into()
}
