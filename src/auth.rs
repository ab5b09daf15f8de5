//! Decides who may send: checks JSON Web Tokens (RFC 7519) that are signed by keys the operator has named.
//!
//! The algorithm comes from the key. The token's header only chooses among the keys, so a token that says `none`, or an
//! HMAC made with the bytes of a public key, finds no key to be checked with. Claims are read when the signature fits.
//! Time is an argument: this module reads no clock and no file, and writes no log. Errors contain nothing of a token or
//! its claims.
//!
//! Limits: a token of TOKEN_BYTES_MAX, KEYS_COUNT_MAX keys, claims of CLAIM_BYTES_MAX, CLOCK_LEEWAY_S of leeway.
//! Failures: a `Denial` is the peer's fault, a `KeyError` the operator's.

mod claims;
mod denial;
mod key;
mod members;
mod options;
mod token;

pub use claims::{Grant, LabelFlaw};
pub use denial::Denial;
pub use key::{Algorithm, Key, KeyError};
pub use options::{AuthOptions, Expiry, PublicKeyOptions};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::labels::Labels;
use crate::limits::{KEYS_COUNT_MAX, TOKEN_BYTES_MAX};
use token::Token;

/// Lets in the holders of valid tokens, or everybody.
#[derive(Debug)]
pub struct Verifier {
    /// `None` is open to everybody. An empty list lets nobody in, so a key that was lost on the way never opens the
    /// door.
    keys: Option<Vec<Key>>,
    expiry: Expiry,
}

impl Verifier {
    /// Lets everybody in: no key is configured.
    pub fn open() -> Self {
        Verifier {
            keys: None,
            expiry: Expiry::Optional,
        }
    }

    /// Lets in whoever has a token made with one of these keys.
    pub fn new(keys: Vec<Key>, expiry: Expiry) -> Result<Self, KeyError> {
        if keys.len() > KEYS_COUNT_MAX {
            return Err(KeyError::TooMany);
        }
        Ok(Verifier {
            keys: Some(keys),
            expiry,
        })
    }

    /// Whether everybody is let in.
    pub fn is_open(&self) -> bool {
        self.keys.is_none()
    }

    /// Returns what a token gives that is valid at `now_s`, in seconds since 1970. An open verifier does not look at
    /// the token at all, because claims that no key has signed prove nothing.
    pub fn verify(&self, token: Option<&str>, now_s: u64) -> Result<Grant, Denial> {
        let Some(keys) = &self.keys else {
            return Ok(Grant::default());
        };
        let token = token.filter(|token| !token.is_empty()).ok_or(Denial::Missing)?;
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Denial::TooLong);
        }
        let token = Token::parse(token)?;
        let mut denial = Denial::UnknownKey;
        for key in candidates(keys, &token) {
            if key.has_signed(&token.algorithm, token.signed, &token.signature) {
                return token.claims()?.at(now_s, self.expiry);
            }
            // This key did not make the token; the next one may have.
            denial = Denial::Signature;
        }
        Err(denial)
    }
}

/// The keys that may have made a token. If a key has the name given in the token's `kid`, only the keys of that name;
/// otherwise all that fit. A named key is never tried for a token that names another key. A key without a name (every
/// secret) may have made any token, since many issuers always write a `kid`.
fn candidates<'a>(keys: &'a [Key], token: &'a Token) -> impl Iterator<Item = &'a Key> {
    let kid = token.key_id.as_deref();
    let named = kid.is_some() && keys.iter().any(|key| key.kid.as_deref() == kid);
    keys.iter().filter(move |key| {
        let chosen = match kid {
            Some(_) if named => key.kid.as_deref() == kid,
            Some(_) => key.kid.is_none(),
            None => true,
        };
        chosen && key.fits(&token.algorithm)
    })
}

/// Makes a token (HS256) with these claims that is valid from now on; without `lifetime_s` it never expires.
///
/// # Errors
/// If the secret is empty or too short.
pub fn sign(secret: &str, claims: &Labels, now_s: u64, lifetime_s: Option<u64>) -> Result<String, KeyError> {
    let mut payload = json!({ "iat": now_s });
    if let Some(lifetime_s) = lifetime_s {
        payload["exp"] = json!(now_s.saturating_add(lifetime_s));
    }
    payload["rtcStats"] = json!(claims);
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(&payload));
    let tag = key::hs256_tag(secret, signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
}

#[cfg(test)]
mod tests;
