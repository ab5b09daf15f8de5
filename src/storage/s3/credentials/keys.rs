//! Keys as one source gives them, and what is wrong where it gives none.
//!
//! Neither is ever printed: keys have no `Debug` that shows them, and a fault has only fixed texts, a status, a code or
//! an error of the system.
use std::fmt::{self, Display};

use time::OffsetDateTime;

use crate::redact::Secret;

/// What a request is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    pub id: Secret,
    pub secret: Secret,
    pub token: Option<Secret>,
    pub expires: Option<OffsetDateTime>,
    /// Where they come from, in words for an operator.
    pub source: String,
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    source: String,
    cause: String,
}

impl Keys {
    /// Source, the ends of the key's id, and until when the keys are valid. The id alone opens nothing, and an operator
    /// knows his keys by it.
    pub fn identity(&self) -> String {
        let id: Vec<char> = self.id.expose().chars().collect();
        let shown: String = match id.len() {
            0..12 => "…".to_owned(),
            length => id[..4].iter().chain(&['…']).chain(&id[length - 4..]).collect(),
        };
        let until = self.expires.map_or(String::new(), |expires| {
            let expires = expires.replace_nanosecond(0).unwrap_or(expires);
            format!(
                ", until {}",
                crate::time::UnixMs(expires.unix_timestamp().unsigned_abs() * 1000)
            )
        });
        format!("{} (key {shown}{until})", self.source)
    }
}

impl Fault {
    pub fn new(source: impl Into<String>, cause: impl Display) -> Fault {
        Fault {
            source: source.into(),
            cause: cause.to_string(),
        }
    }

    /// No source is set up.
    pub fn none() -> Fault {
        Fault::new(
            "anywhere",
            "set storage.s3.access_key_id and storage.s3.secret_access_key, or give this machine a role",
        )
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials from {}: {}", self.source, self.cause)
    }
}
