//! Who may send: JSON Web Tokens (RFC 7519) signed by keys the operator has named.
//!
//! The algorithm comes from the key: what the token's header says only chooses among the keys, so `none`, or an
//! HMAC made with the bytes of a public key, finds no key to be checked with. Never here: the clock (time is an
//! argument), files, logs. Nothing of a token or its claims is in an error. Limits: a token of TOKEN_BYTES_MAX, KEYS_COUNT_MAX
//! keys, claims of CLAIM_BYTES_MAX, CLOCK_LEEWAY_S of leeway. Failures: a `Denial` (the peer's), a `KeyError` (the operator's).
use crate::limits::{CLAIM_BYTES_MAX, CLOCK_LEEWAY_S, KEYS_COUNT_MAX, SECRET_BYTES_MIN, TOKEN_BYTES_MAX};
use crate::redact::Secret;
use jwt_simple::JWTError;
use jwt_simple::claims::JWTClaims;
use jwt_simple::prelude::{
    Duration, ECDSAP256PublicKeyLike, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike, HS256Key, HS384Key,
    HS512Key, MACLike, RS256PublicKey, RSAPublicKeyLike, UnixTimeStamp, VerificationOptions,
};
use jwt_simple::token::{Token, TokenMetadata};
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

/// Why a key of the operator's cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("is empty; write a long random text, such as openssl rand -base64 32 prints")]
    Empty,
    #[error("is shorter than {SECRET_BYTES_MIN} bytes; take a longer one, such as openssl rand -base64 32 prints")]
    Short,
    #[error(
        "holds a private key; give the public one, which openssl pkey -in PRIVATE.pem -pubout prints, and keep the \
         private one where tokens are made"
    )]
    Private,
    #[error("holds a certificate; give its public key, which openssl x509 -in CERTIFICATE.pem -pubkey -noout prints")]
    Certificate,
    #[error("holds no public key for {0} in PEM format")]
    Unfit(Algorithm),
    #[error("more than {KEYS_COUNT_MAX} keys are configured; take those out that no longer make tokens")]
    TooMany,
}

/// Signature algorithms of public keys (RFC 7518 §3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    RS256,
    ES256,
    EdDSA,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One key and the name (`kid`) it is chosen by.
#[derive(Debug)]
pub struct Key {
    kid: Option<String>,
    lock: Lock,
}

/// A key in the forms the library wants; those of an HMAC key print themselves without their content.
#[derive(Debug)]
enum Lock {
    Hmac(Box<(HS256Key, HS384Key, HS512Key)>),
    Rsa(RS256PublicKey),
    P256(ES256PublicKey),
    Ed25519(Ed25519PublicKey),
}

impl Key {
    /// A shared secret, good for HS256, HS384 and HS512.
    pub fn secret(secret: &Secret) -> Result<Key, KeyError> {
        let bytes = usable(secret)?;
        let forms = (
            HS256Key::from_bytes(bytes),
            HS384Key::from_bytes(bytes),
            HS512Key::from_bytes(bytes),
        );
        Ok(Key {
            kid: None,
            lock: Lock::Hmac(Box::new(forms)),
        })
    }

    /// A public key from a PEM text (RFC 7468): SubjectPublicKeyInfo, for RSA also PKCS #1.
    pub fn public(algorithm: Algorithm, pem: &str, kid: Option<String>) -> Result<Key, KeyError> {
        if pem.contains("PRIVATE KEY-----") {
            return Err(KeyError::Private);
        }
        if pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(KeyError::Certificate);
        }
        let pem = pem.trim();
        let lock = match algorithm {
            Algorithm::RS256 => RS256PublicKey::from_pem(pem).map(Lock::Rsa),
            Algorithm::ES256 => ES256PublicKey::from_pem(pem).map(Lock::P256),
            Algorithm::EdDSA => Ed25519PublicKey::from_pem(pem).map(Lock::Ed25519),
        };
        let lock = lock.map_err(|_| KeyError::Unfit(algorithm))?;
        Ok(Key { kid, lock })
    }

    fn fits(&self, algorithm: &str) -> bool {
        match &self.lock {
            Lock::Hmac(_) => matches!(algorithm, "HS256" | "HS384" | "HS512"),
            Lock::Rsa(_) => algorithm == "RS256",
            Lock::P256(_) => algorithm == "ES256",
            Lock::Ed25519(_) => matches!(algorithm, "EdDSA" | "Ed25519"),
        }
    }

    fn check(&self, token: &str, algorithm: &str, options: VerificationOptions) -> Result<JWTClaims<Custom>, Denial> {
        let options = Some(options);
        let result = match &self.lock {
            Lock::Hmac(forms) => match algorithm {
                "HS512" => forms.2.verify_token(token, options),
                "HS384" => forms.1.verify_token(token, options),
                _ => forms.0.verify_token(token, options),
            },
            Lock::Rsa(key) => key.verify_token(token, options),
            Lock::P256(key) => key.verify_token(token, options),
            Lock::Ed25519(key) => key.verify_token(token, options),
        };
        result.map_err(|error| match error.downcast_ref::<JWTError>() {
            Some(JWTError::InvalidSignature | JWTError::InvalidAuthenticationTag) => Denial::Signature,
            Some(JWTError::TokenHasExpired) => Denial::Expired,
            Some(JWTError::AlgorithmMismatch) => Denial::UnknownKey,
            _ => Denial::Malformed,
        })
    }
}

/// The secret's bytes if the library works with them.
fn usable(secret: &Secret) -> Result<&[u8], KeyError> {
    match secret.expose().as_bytes() {
        [] => Err(KeyError::Empty),
        bytes if bytes.len() < SECRET_BYTES_MIN => Err(KeyError::Short),
        bytes => Ok(bytes),
    }
}

/// Lets in whom the keys vouch for, or everybody.
#[derive(Debug)]
pub struct Verifier {
    /// `None`: open to everybody. An empty list lets nobody in, so that a key lost on the way never opens the door.
    keys: Option<Vec<Key>>,
    require_exp: bool,
}

impl Verifier {
    /// Lets everybody in: no key is configured.
    pub fn open() -> Self {
        Verifier {
            keys: None,
            require_exp: false,
        }
    }

    /// Lets in who has a token of one of these keys. `require_exp`: a token that never expires is refused.
    pub fn new(keys: Vec<Key>, require_exp: bool) -> Result<Self, KeyError> {
        if keys.len() > KEYS_COUNT_MAX {
            return Err(KeyError::TooMany);
        }
        Ok(Verifier {
            keys: Some(keys),
            require_exp,
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
        if self.require_exp && claims.expires_at.is_none() {
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

/// The claims of ours in a token. Both spellings are in use, and values of any type: what is no text is left out instead
/// of making the whole token malformed.
#[derive(Serialize, Deserialize)]
struct Custom {
    #[serde(rename = "rtcStats", default, skip_serializing_if = "Option::is_none")]
    camel: Option<Value>,
    #[serde(rename = "rtcstats", default, skip_serializing_if = "Option::is_none")]
    lower: Option<Value>,
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

/// A token (HS256) that says `claims` and is valid from now on; `lifetime_s` without a value means for ever.
///
/// # Errors
/// The secret is empty or too short.
pub fn sign(secret: &Secret, claims: &Claims, now_s: u64, lifetime_s: Option<u64>) -> Result<String, KeyError> {
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
