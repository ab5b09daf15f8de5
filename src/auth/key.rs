//! One key that tokens are checked with: a shared secret or a public key.
//!
//! Choosing among keys, the meaning of claims and reading key files are done elsewhere. Limits: a secret has at least
//! SECRET_BYTES_MIN; the library takes RSA keys of 2048 to 4096 bits. Failures: a `KeyError` is the operator's fault, a
//! `Denial` the peer's.

use std::fmt;

use jwt_simple::JWTError;
use jwt_simple::claims::JWTClaims;
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike, HS256Key, HS384Key, HS512Key,
    MACLike, RS256PublicKey, RSAPublicKeyLike, VerificationOptions,
};
use serde::{Deserialize, Serialize};

use super::claims::{Custom, Denial};
use crate::limits::{KEYS_COUNT_MAX, SECRET_BYTES_MIN};

/// Why a key that the operator configured cannot be used.
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
    pub(super) kid: Option<String>,
    lock: Lock,
}

/// A key in the form that the library wants. The forms of HMAC keys print themselves without their content.
#[derive(Debug)]
enum Lock {
    Hmac(Box<(HS256Key, HS384Key, HS512Key)>),
    Rsa(Box<RS256PublicKey>),
    P256(ES256PublicKey),
    Ed25519(Ed25519PublicKey),
}

impl Key {
    /// A shared secret, used for HS256, HS384 and HS512.
    pub fn secret(secret: &str) -> Result<Key, KeyError> {
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

    /// A public key from a PEM text (RFC 7468): SubjectPublicKeyInfo, or for RSA also PKCS #1.
    pub fn public(algorithm: Algorithm, pem: &str, kid: Option<String>) -> Result<Key, KeyError> {
        if pem.contains("PRIVATE KEY-----") {
            return Err(KeyError::Private);
        }
        if pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(KeyError::Certificate);
        }
        let pem = pem.trim();
        let lock = match algorithm {
            Algorithm::RS256 => RS256PublicKey::from_pem(pem).map(|key| Lock::Rsa(Box::new(key))),
            Algorithm::ES256 => ES256PublicKey::from_pem(pem).map(Lock::P256),
            Algorithm::EdDSA => Ed25519PublicKey::from_pem(pem).map(Lock::Ed25519),
        };
        let lock = lock.map_err(|_| KeyError::Unfit(algorithm))?;
        Ok(Key { kid, lock })
    }

    pub(super) fn fits(&self, algorithm: &str) -> bool {
        match &self.lock {
            Lock::Hmac(_) => matches!(algorithm, "HS256" | "HS384" | "HS512"),
            Lock::Rsa(_) => algorithm == "RS256",
            Lock::P256(_) => algorithm == "ES256",
            Lock::Ed25519(_) => matches!(algorithm, "EdDSA" | "Ed25519"),
        }
    }

    pub(super) fn check(
        &self,
        token: &str,
        algorithm: &str,
        options: VerificationOptions,
    ) -> Result<JWTClaims<Custom>, Denial> {
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

/// The bytes of the secret, if the library accepts their length.
pub(super) fn usable(secret: &str) -> Result<&[u8], KeyError> {
    match secret.as_bytes() {
        [] => Err(KeyError::Empty),
        bytes if bytes.len() < SECRET_BYTES_MIN => Err(KeyError::Short),
        bytes => Ok(bytes),
    }
}
