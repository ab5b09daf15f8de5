//! What a token says about its session, and the reasons for refusing one.
//!
//! This module knows no keys and no time, and writes no log. Limit: CLAIM_BYTES_MAX for each claim. A longer claim is
//! left out, and so is one that is not a text.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::labels::Labels;
use crate::limits::CLAIM_BYTES_MAX;

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

/// Those claims in a token that we use. Issuers use both spellings and values of any type. A value that is not a text
/// is left out, so that it does not make the whole token malformed.
#[derive(Serialize, Deserialize)]
pub(super) struct Custom {
    #[serde(rename = "rtcStats", default, skip_serializing_if = "Option::is_none")]
    pub(super) camel: Option<Value>,
    #[serde(rename = "rtcstats", default, skip_serializing_if = "Option::is_none")]
    pub(super) lower: Option<Value>,
}

impl From<Custom> for Labels {
    fn from(custom: Custom) -> Self {
        let object = custom.camel.or(custom.lower).unwrap_or(Value::Null);
        let claim = |name: &str| {
            let text = object.get(name)?.as_str()?;
            (text.len() <= CLAIM_BYTES_MAX).then(|| text.to_string())
        };
        Labels {
            user: claim("user"),
            conference: claim("conference"),
            session: claim("session"),
        }
    }
}
