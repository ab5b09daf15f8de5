//! Where each value came from, and the errors that tell this.
//!
//! Never here: values. An error names the file and line or the environment variable, then the key, then what is wrong
//! and what to write instead. It never quotes a value that may be a secret.
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::words::guarded;
use crate::redact::is_name;

/// Where one value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Line of the file, counted from 1.
    File(usize),
    /// Name of the environment variable.
    Environment(String),
}

/// The origins of all values that are not defaults.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    file: Option<PathBuf>,
    keys: BTreeMap<String, Source>,
}

impl Sources {
    /// The origins of the values that a file gives; without a file there are none.
    pub fn new(file: Option<PathBuf>, keys: BTreeMap<String, Source>) -> Self {
        Sources { file, keys }
    }

    /// Notes that a variable sets this key. It replaces what the file gives for this key and for everything below it,
    /// and nothing else.
    pub fn set_by_environment(&mut self, key: &str, variable: &str) {
        self.keys
            .insert(key.to_string(), Source::Environment(variable.to_string()));
    }

    /// The file that was read.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Where the value of a key (`server.listen`) came from; `None` if it is the default.
    pub fn of(&self, key: &str) -> Option<&Source> {
        self.keys.get(key)
    }

    /// A problem with a key's value, at the place that it came from.
    pub fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        let place = match (self.of(key), &self.file) {
            (Some(Source::Environment(variable)), _) => variable.clone(),
            (Some(Source::File(line)), Some(file)) => format!("{}:{line}", file.display()),
            _ => "defaults".to_string(),
        };
        Problem::new(&place, key, message)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `FILE:LINE`, `FILE`, or the name of a variable.
    pub place: String,
    /// `section.key`; empty where no key is concerned.
    pub key: String,
    /// What is wrong with it and what to do.
    pub message: String,
}

impl Problem {
    /// A problem at a place. What the message quotes, and the key, are shown only if they can be no secrets.
    pub fn new(place: &str, key: &str, message: impl Into<String>) -> Problem {
        let is_shown = key.is_empty() || is_name(key);
        Problem {
            place: place.to_string(),
            key: if is_shown { key } else { HIDDEN_KEY }.to_string(),
            message: guarded(&message.into()),
        }
    }
}

/// Stands in place of a key that has no form of one.
const HIDDEN_KEY: &str = "a key that is not repeated, since it may hold a secret";

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}{separator}{}: {}", self.place, self.key, self.message)
    }
}

/// The configuration cannot be used. All its problems are listed, each on a line; the operator has to solve them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<Problem>);

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        ConfigError(vec![problem])
    }
}
