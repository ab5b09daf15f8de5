//! `[log]`: how much is written to standard error. Never here: the logger, which `cli` starts.
use log::LevelFilter;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The log goes to standard error: one line for each session that ended, never an address, a token or a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct LogOptions {
    /// off, error, warn, info, debug or trace.
    #[serde(deserialize_with = "level", serialize_with = "write_level")]
    pub level: LevelFilter,
}

impl Default for LogOptions {
    fn default() -> Self {
        LogOptions {
            level: LevelFilter::Info,
        }
    }
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LevelFilter, D::Error> {
    let name = String::deserialize(deserializer)?;
    let levels = "\"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\"";
    name.trim()
        .parse()
        .map_err(|_| D::Error::custom(format!("{name:?} is no log level; write {levels}")))
}

/// Writes the level in the form in which it is read.
fn write_level<S: Serializer>(level: &LevelFilter, serializer: S) -> Result<S::Ok, S::Error> {
    level.as_str().to_ascii_lowercase().serialize(serializer)
}
