//! Decides who may send: checks JSON Web Tokens (RFC 7519) that are signed by keys the operator has named.
//!
//! The algorithm comes from the key. The token's header only chooses among the keys, so a token that says `none`, or an
//! HMAC made with the bytes of a public key, finds no key to be checked with. Time is an argument: this module reads no
//! clock and no file, and writes no log. Errors contain nothing of a token or its claims.
//!
//! Limits: a token of TOKEN_BYTES_MAX, KEYS_COUNT_MAX keys, claims of CLAIM_BYTES_MAX, CLOCK_LEEWAY_S of leeway.
//! Failures: a `Denial` is the peer's fault, a `KeyError` the operator's.

mod claims;
mod key;
mod options;

pub use claims::Denial;
pub use key::{Algorithm, Key, KeyError};
pub use options::{AuthOptions, Expiry, PublicKeyOptions};

use jwt_simple::claims::JWTClaims;
use jwt_simple::prelude::{Duration, HS256Key, MACLike, UnixTimeStamp, VerificationOptions};
use jwt_simple::token::{Token, TokenMetadata};
use serde_json::Value;

use crate::labels::Labels;
use crate::limits::{CLOCK_LEEWAY_S, KEYS_COUNT_MAX, TOKEN_BYTES_MAX};
use claims::Custom;
use key::usable;

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

    /// Returns the claims of a token that is valid at `now_s`, in seconds since 1970. An open verifier does not look at
    /// the token at all, because claims that no key has signed prove nothing.
    pub fn verify(&self, token: Option<&str>, now_s: u64) -> Result<Labels, Denial> {
        let Some(keys) = &self.keys else {
            return Ok(Labels::default());
        };
        let token = token.filter(|token| !token.is_empty()).ok_or(Denial::Missing)?;
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Denial::Malformed);
        }
        let header = Token::decode_metadata(token).map_err(|_| Denial::Malformed)?;
        let mut denial = Denial::UnknownKey;
        for key in candidates(keys, &header) {
            match key.check(token, header.algorithm(), options(now_s)) {
                Ok(claims) => return self.timely(claims, now_s),
                // This key did not make the token; the next one may have.
                Err(Denial::Signature) => denial = Denial::Signature,
                Err(other) => return Err(other),
            }
        }
        Err(denial)
    }

    /// Checks what the library leaves out: that the token has an expiry at all, and `nbf`, its beginning (see
    /// `options`).
    fn timely(&self, claims: JWTClaims<Custom>, now_s: u64) -> Result<Labels, Denial> {
        if self.expiry == Expiry::Required && claims.expires_at.is_none() {
            return Err(Denial::NoExpiry);
        }
        let latest_start = UnixTimeStamp::from_secs(now_s.saturating_add(CLOCK_LEEWAY_S));
        if claims.invalid_before.is_some_and(|start| start > latest_start) {
            return Err(Denial::NotYetValid);
        }
        Ok(claims.custom.into())
    }
}

/// The keys that may have made a token. If a key has the name given in the token's `kid`, only the keys of that name;
/// otherwise all that fit. A named key is never tried for a token that names another key. A key without a name (every
/// secret) may have made any token, since many issuers always write a `kid`.
fn candidates<'a>(keys: &'a [Key], header: &'a TokenMetadata) -> impl Iterator<Item = &'a Key> {
    let named = header
        .key_id()
        .is_some_and(|kid| keys.iter().any(|key| key.kid.as_deref() == Some(kid)));
    keys.iter().filter(move |key| {
        let chosen = match header.key_id() {
            Some(kid) if named => key.kid.as_deref() == Some(kid),
            Some(_) => key.kid.is_none(),
            None => true,
        };
        chosen && key.fits(header.algorithm())
    })
}

/// `accept_future` switches off both checks that the library makes of a token's beginning. We check `nbf` ourselves, in
/// `timely`, and do not want the check of `iat`: RFC 7519 §4.1.6 makes `iat` mere information, and refusing by it would
/// shut out an issuer whose clock is a minute ahead although its tokens are valid.
fn options(now_s: u64) -> VerificationOptions {
    VerificationOptions {
        accept_future: true,
        artificial_time: Some(UnixTimeStamp::from_secs(now_s)),
        time_tolerance: Some(Duration::from_secs(CLOCK_LEEWAY_S)),
        max_token_length: Some(TOKEN_BYTES_MAX),
        ..VerificationOptions::default()
    }
}

/// Makes a token (HS256) with these claims that is valid from now on; without `lifetime_s` it never expires.
///
/// # Errors
/// If the secret is empty or too short.
pub fn sign(secret: &str, claims: &Labels, now_s: u64, lifetime_s: Option<u64>) -> Result<String, KeyError> {
    let key = HS256Key::from_bytes(usable(secret)?);
    let object = [
        ("user", &claims.user),
        ("conference", &claims.conference),
        ("session", &claims.session),
    ]
    .into_iter()
    .filter_map(|(name, claim)| Some((name.to_string(), Value::String(claim.clone()?))))
    .collect();
    let claims = JWTClaims {
        issued_at: Some(UnixTimeStamp::from_secs(now_s)),
        expires_at: lifetime_s.map(|lifetime_s| UnixTimeStamp::from_secs(now_s.saturating_add(lifetime_s))),
        invalid_before: None,
        issuer: None,
        subject: None,
        audiences: None,
        jwt_id: None,
        nonce: None,
        custom: Custom {
            camel: Some(Value::Object(object)),
            lower: None,
        },
    };
    Ok(key
        .authenticate(claims)
        .expect("a key of sufficient length signs anything that serializes"))
}

#[cfg(test)]
mod tests;
