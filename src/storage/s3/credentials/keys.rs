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
    /// Keys as a source gives them. Each is one clean line, whatever stands around it; an empty token is none.
    ///
    /// # Errors
    /// A key is empty, or no clean line.
    pub fn of(source: &str, id: &str, secret: &str, token: Option<&str>) -> Result<Keys, Fault> {
        let clean = |what: &str, text: &str| match Secret::clean(text) {
            Ok(secret) => Ok(Some(secret).filter(|secret| !secret.expose().is_empty())),
            Err(unclean) => Err(Fault::new(source, format!("its {what} {unclean}"))),
        };
        let whole = |what: &str, text: &str| {
            clean(what, text)?.ok_or_else(|| Fault::new(source, format!("its {what} is empty")))
        };
        Ok(Keys {
            id: whole("access key id", id)?,
            secret: whole("secret access key", secret)?,
            token: token.map_or(Ok(None), |token| clean("session token", token))?,
            expires: None,
            source: source.to_owned(),
        })
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_clean_lines_and_none_is_empty() {
        let keys = Keys::of("x", " i\r\n", "\u{feff}s\n", Some("t\r\n")).unwrap();
        let token = keys.token.as_ref().map(Secret::expose);
        assert_eq!((keys.id.expose(), keys.secret.expose(), token), ("i", "s", Some("t")));
        for none in [None, Some(""), Some(" \n")] {
            assert_eq!(Keys::of("x", "i", "s", none).unwrap().token, None, "{none:?}");
        }
        for (id, secret, token, told) in [
            ("", "s", None, "its access key id is empty"),
            ("i", "\n", None, "its secret access key is empty"),
            ("i\r\nx-evil: 1", "s", None, "its access key id"),
            ("i", "'horse'", None, "its secret access key stands in quotes"),
            ("i", "s", Some("horse\r\nx-evil: 1"), "its session token"),
            ("i", "s", Some("horse\0"), "its session token"),
        ] {
            let fault = Keys::of("x", id, secret, token).unwrap_err().to_string();
            assert!(fault.contains(told) && !fault.contains("horse"), "{fault}");
        }
    }
}
