//! `[authorization]`: who may send. The files of keys are read by `config`, not here.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::key::Algorithm;
use crate::lenient;
use crate::redact::Secret;

/// Without any key here everybody may send. With one, clients need a JSON Web Token, as the query parameter
/// rtcstats-token or in the header `Authorization: Bearer`. `rtcstats-server token` makes one for trying.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct AuthOptions {
    /// A shared secret for HS256, HS384 and HS512, of at least 32 bytes: `openssl rand -base64 32`
    ///
    /// Example: `jwt_secret = "..."`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_secret: Option<Secret>,

    /// The same from a file, so that the configuration file holds no secret. It is read when the server starts: one
    /// that is replaced holds from the next start on.
    ///
    /// Example: `jwt_secret_file = "/etc/rtcstats-server/jwt-secret"`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_secret_file: Option<PathBuf>,

    /// More secrets that are accepted, so that a secret can be replaced without an interruption.
    ///
    /// Example: `jwt_secrets = ["the new one", "the old one"]`
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_list")]
    pub jwt_secrets: Option<Vec<Secret>>,

    /// Refuse tokens that never expire.
    #[serde(deserialize_with = "lenient::flag")]
    pub require_exp: Expiry,

    /// Public keys (PEM) of those who make the tokens. A token with a kid is checked with the key of that name, a token
    /// without a kid with every key of its algorithm. Repeat the table for more keys. It cannot be set by the
    /// environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_keys: Option<Vec<PublicKeyOptions>>,
}

/// One key that tokens are checked with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct PublicKeyOptions {
    /// The name that tokens call it by.
    ///
    /// Example: `kid = "2026-01"`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,

    /// The algorithm of its signatures.
    ///
    /// Example: `algorithm = "ES256"`
    pub algorithm: Algorithm,

    /// The file with the public key (PEM), relative to the working directory.
    ///
    /// Example: `file = "/etc/rtcstats-server/token-key.pem"`
    pub file: PathBuf,
}

/// Whether a token must say when it expires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(into = "bool")]
pub enum Expiry {
    #[default]
    Required,
    Optional,
}

impl From<bool> for Expiry {
    fn from(is_required: bool) -> Self {
        if is_required {
            Expiry::Required
        } else {
            Expiry::Optional
        }
    }
}

impl From<Expiry> for bool {
    fn from(expiry: Expiry) -> Self {
        expiry == Expiry::Required
    }
}
