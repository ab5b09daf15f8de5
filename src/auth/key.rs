//! One key that tokens are checked with: a shared secret or a public key.
//!
//! Choosing among keys, the meaning of claims and reading key files are done elsewhere. Limits: a secret has at least
//! SECRET_BYTES_MIN; RSA keys have 2048 to 4096 bits. Failures: a `KeyError`, which is the operator's fault.
//!
//! `jwt-simple` reads the PEM texts. Signatures are checked by the provider that TLS uses too, because `jwt-simple`
//! checks none without also giving a type to every registered claim.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike, RS256PublicKey, RSAPublicKeyLike,
};
use serde::{Deserialize, Serialize};

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

/// A key in the form that checks signatures. HMAC keys print themselves without their content.
#[derive(Debug)]
enum Lock {
    /// For HS256, HS384 and HS512.
    Hmac(Box<[hmac::Key; 3]>),
    Public(Algorithm, Box<ParsedPublicKey>),
}

impl Key {
    /// A shared secret, used for HS256, HS384 and HS512.
    pub fn secret(secret: &str) -> Result<Key, KeyError> {
        let bytes = usable(secret)?;
        let forms = [hmac::HMAC_SHA256, hmac::HMAC_SHA384, hmac::HMAC_SHA512].map(|form| hmac::Key::new(form, bytes));
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
        let unfit = || KeyError::Unfit(algorithm);
        let bytes = match algorithm {
            Algorithm::RS256 => RS256PublicKey::from_pem(pem).and_then(|key| key.public_key().to_der()),
            Algorithm::ES256 => ES256PublicKey::from_pem(pem).map(|key| key.public_key().to_bytes_uncompressed()),
            Algorithm::EdDSA => Ed25519PublicKey::from_pem(pem).map(|key| key.public_key().to_bytes()),
        };
        let bytes = bytes.map_err(|_| unfit())?;
        let key = ParsedPublicKey::new(algorithm.verification(), bytes).map_err(|_| unfit())?;
        Ok(Key {
            kid,
            lock: Lock::Public(algorithm, Box::new(key)),
        })
    }

    /// Whether a token that names this algorithm may have been made with this key.
    pub(super) fn fits(&self, algorithm: &str) -> bool {
        match &self.lock {
            Lock::Hmac(_) => matches!(algorithm, "HS256" | "HS384" | "HS512"),
            Lock::Public(Algorithm::RS256, _) => algorithm == "RS256",
            Lock::Public(Algorithm::ES256, _) => algorithm == "ES256",
            Lock::Public(Algorithm::EdDSA, _) => matches!(algorithm, "EdDSA" | "Ed25519"),
        }
    }

    /// Whether the signature was made with this key. To be asked only if the key fits the algorithm.
    pub(super) fn has_signed(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        match &self.lock {
            Lock::Hmac(forms) => {
                let form = match algorithm {
                    "HS512" => &forms[2],
                    "HS384" => &forms[1],
                    _ => &forms[0],
                };
                hmac::verify(form, signed, signature).is_ok()
            }
            Lock::Public(_, key) => key.verify_sig(signed, signature).is_ok(),
        }
    }
}

impl Algorithm {
    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::EdDSA => &signature::ED25519,
        }
    }
}

/// The tag that proves a text to come from whoever has the secret.
pub(super) fn hs256_tag(secret: &str, signed: &[u8]) -> Result<Vec<u8>, KeyError> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, usable(secret)?);
    Ok(hmac::sign(&key, signed).as_ref().to_vec())
}

/// The bytes of the secret, if the library accepts their length.
fn usable(secret: &str) -> Result<&[u8], KeyError> {
    match secret.as_bytes() {
        [] => Err(KeyError::Empty),
        bytes if bytes.len() < SECRET_BYTES_MIN => Err(KeyError::Short),
        bytes => Ok(bytes),
    }
}
