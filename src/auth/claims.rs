//! What a token says of its session, and why one is refused.
//!
//! Never here: keys, time, logs. Limit: CLAIM_BYTES_MAX for each claim; a longer one is left out, and so is one that is no text.
use crate::limits::CLAIM_BYTES_MAX;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// What a token says of its session; goes into the row, never into a log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Claims {
    pub user: Option<String>,
    pub conference: Option<String>,
    pub session: Option<String>,
}

/// Says which claims there are, not what they are: a `{:?}` must not be a way into the log.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let present = |claim: &Option<String>| claim.as_ref().map(|_| "***");
        f.debug_struct("Claims")
            .field("user", &present(&self.user))
            .field("conference", &present(&self.conference))
            .field("session", &present(&self.session))
            .finish()
    }
}

/// Why a peer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    #[error("no token was given")]
    Missing,
    #[error("the token is malformed")]
    Malformed,
    #[error("the token's signature does not fit")]
    Signature,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token does not say when it expires")]
    NoExpiry,
    #[error("the token was made with a key or an algorithm that is not known here")]
    UnknownKey,
}

/// The claims of ours in a token. Both spellings are in use, and values of any type: what is no text is left out instead
/// of making the whole token malformed.
#[derive(Serialize, Deserialize)]
pub(super) struct Custom {
    #[serde(rename = "rtcStats", default, skip_serializing_if = "Option::is_none")]
    pub(super) camel: Option<Value>,
    #[serde(rename = "rtcstats", default, skip_serializing_if = "Option::is_none")]
    pub(super) lower: Option<Value>,
}

impl From<Custom> for Claims {
    fn from(custom: Custom) -> Self {
        let object = custom.camel.or(custom.lower).unwrap_or(Value::Null);
        let claim = |name: &str| {
            let text = object.get(name)?.as_str()?;
            (text.len() <= CLAIM_BYTES_MAX).then(|| text.to_string())
        };
        Claims {
            user: claim("user"),
            conference: claim("conference"),
            session: claim("session"),
        }
    }
}
