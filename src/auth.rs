//! Types of the authorization room as its contract states them; replaced by the real room when the branches meet.

/// What a token says about its bearer; each at most 256 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    pub user: Option<String>,
    pub conference: Option<String>,
    pub session: Option<String>,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    #[error("no token")]
    Missing,
    #[error("malformed token")]
    Malformed,
    #[error("wrong signature")]
    Signature,
    #[error("token expired")]
    Expired,
    #[error("token not yet valid")]
    NotYetValid,
    #[error("token without expiry")]
    NoExpiry,
    #[error("unknown key")]
    UnknownKey,
}

/// Verifies tokens.
#[derive(Debug, Default)]
pub struct Verifier {
    closed: bool,
}

impl Verifier {
    /// Lets everybody in.
    pub fn open() -> Verifier {
        Verifier::default()
    }

    pub fn is_open(&self) -> bool {
        !self.closed
    }

    pub fn verify(&self, token: Option<&str>, _now_s: u64) -> Result<Claims, Denial> {
        match token {
            None if self.closed => Err(Denial::Missing),
            _ => Ok(Claims::default()),
        }
    }
}
