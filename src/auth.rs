//! Who may send: JSON Web Tokens (RFC 7519) signed by keys the operator has named.
//!
//! The algorithm comes from the key: what the token's header says only chooses among the keys, so `none`, or an
//! HMAC made with the bytes of a public key, finds no key to be checked with. Never here: the clock (time is an
//! argument), files, logs. Nothing of a token or its claims is in an error. Limits: a token of TOKEN_BYTES_MAX, KEYS_COUNT_MAX
//! keys, claims of CLAIM_BYTES_MAX, CLOCK_LEEWAY_S of leeway. Failures: a `Denial` (the peer's), a `KeyError` (the operator's).
mod claims;
mod key;
mod options;

pub use claims::{Claims, Denial};
pub use key::{Algorithm, Key, KeyError};
pub use options::{AuthOptions, Expiry, PublicKeyOptions};

use crate::limits::{CLOCK_LEEWAY_S, KEYS_COUNT_MAX, TOKEN_BYTES_MAX};
use claims::Custom;
use jwt_simple::claims::JWTClaims;
use jwt_simple::prelude::{Duration, HS256Key, MACLike, UnixTimeStamp, VerificationOptions};
use jwt_simple::token::{Token, TokenMetadata};
use key::usable;
use serde_json::Value;

/// Lets in whom the keys vouch for, or everybody.
#[derive(Debug)]
pub struct Verifier {
    /// `None`: open to everybody. An empty list lets nobody in, so that a key lost on the way never opens the door.
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

    /// Lets in who has a token of one of these keys.
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

    /// The claims of a token that is valid at `now_s`, in seconds since 1970. An open verifier looks at no token: what nobody
    /// vouches for is no claim.
    pub fn verify(&self, token: Option<&str>, now_s: u64) -> Result<Claims, Denial> {
        let Some(keys) = &self.keys else {
            return Ok(Claims::default());
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

    /// What the library does not check: that there is an end at all, and the beginning (see `options`).
    fn timely(&self, claims: JWTClaims<Custom>, now_s: u64) -> Result<Claims, Denial> {
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

/// The keys that may have made a token: those of its `kid`, or, where no key has that name or the token gives none, all
/// that fit. A key with a name is never tried for a token that names another one; one without a name (each secret) may have
/// made any token, since many issuers always write a `kid`.
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

/// `accept_future` takes the library's two checks of beginnings out: that of `nbf` is made above, and that of `iat` is
/// not wanted. RFC 7519 §4.1.6 makes `iat` an information, and refusing by it would shut out an issuer whose clock is
/// a minute ahead although its tokens are valid.
fn options(now_s: u64) -> VerificationOptions {
    VerificationOptions {
        accept_future: true,
        artificial_time: Some(UnixTimeStamp::from_secs(now_s)),
        time_tolerance: Some(Duration::from_secs(CLOCK_LEEWAY_S)),
        max_token_length: Some(TOKEN_BYTES_MAX),
        ..VerificationOptions::default()
    }
}

/// A token (HS256) that says `claims` and is valid from now on; `lifetime_s` without a value means for ever.
///
/// # Errors
/// The secret is empty or too short.
pub fn sign(secret: &str, claims: &Claims, now_s: u64, lifetime_s: Option<u64>) -> Result<String, KeyError> {
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
