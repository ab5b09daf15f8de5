//! One key that tokens are checked with: a shared secret or a public key.
//!
//! Choosing among keys, the meaning of claims and reading key files are done elsewhere. Limits: a secret has at least
//! SECRET_BYTES_MIN; RSA keys have 2048 to 4096 bits. Failures: a `KeyError`, which is the operator's fault.
//!
//! `jwt-simple` reads the keys in PEM texts, once these are brought into one spelling. Signatures are checked by the
//! provider that TLS uses too, because `jwt-simple` checks none without also giving a type to every registered claim.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike, ES256PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike, RS256PublicKey, RSAPublicKeyLike,
};
use serde::{Deserialize, Serialize};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::limits::{KEYS_COUNT_MAX, SECRET_BYTES_MIN};
use crate::redact::{Pem, rsa_bits};

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
    #[error("holds a JWK or a set of them (JSON); give the key in PEM format, with one table of the file for each key")]
    Jwks,
    #[error("holds a key in OpenSSH's format; give what ssh-keygen -e -m pkcs8 -f FILE prints")]
    OpenSsh,
    #[error("holds more than one key; give each its own file and its own table")]
    Several,
    #[error("holds an RSA key of {0} bits, which is too short; one of 2048 to 4096 bits is needed")]
    ShortRsa(usize),
    #[error("holds an RSA key of {0} bits, which is too long; one of 2048 to 4096 bits is needed")]
    LongRsa(usize),
    #[error("holds a key on the curve {0}; ES256 needs one on P-256 (prime256v1)")]
    Curve(&'static str),
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

    /// A public key from a PEM text (RFC 7468) in any spelling: SubjectPublicKeyInfo, or for RSA also PKCS #1.
    ///
    /// # Errors
    /// What the text holds instead.
    pub fn public(algorithm: Algorithm, text: &str, kid: Option<String>) -> Result<Key, KeyError> {
        let block = block(algorithm, text)?;
        let pem = block.canonical();
        let pem = pem.trim();
        let misfit = || misfit(algorithm, &block);
        let bytes = match algorithm {
            Algorithm::RS256 => RS256PublicKey::from_pem(pem).and_then(|key| key.public_key().to_der()),
            Algorithm::ES256 => ES256PublicKey::from_pem(pem).map(|key| key.public_key().to_bytes_uncompressed()),
            Algorithm::EdDSA => Ed25519PublicKey::from_pem(pem).map(|key| key.public_key().to_bytes()),
        };
        let bytes = bytes.map_err(|_| misfit())?;
        let key = ParsedPublicKey::new(algorithm.verification(), bytes).map_err(|_| misfit())?;
        Ok(Key {
            kid,
            lock: Lock::Public(algorithm, Box::new(key)),
        })
    }

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

/// The one block of the text, if it is a public key.
fn block(algorithm: Algorithm, text: &str) -> Result<Pem, KeyError> {
    if text.contains("PRIVATE KEY-----") {
        return Err(KeyError::Private);
    }
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(KeyError::Certificate);
    }
    let start = text.trim_start();
    if start.starts_with(['{', '[']) && text.contains("\"kty\"") {
        return Err(KeyError::Jwks);
    }
    if start.starts_with("ssh-") || start.starts_with("ecdsa-") || text.contains("BEGIN SSH2 PUBLIC KEY") {
        return Err(KeyError::OpenSsh);
    }
    let mut blocks = Pem::all(text).into_iter();
    match (blocks.next(), blocks.next()) {
        (Some(block), None) => Ok(block),
        (Some(_), Some(_)) => Err(KeyError::Several),
        (None, _) => Err(KeyError::Unfit(algorithm)),
    }
}

/// Why the library does not take a block, as far as its first numbers tell.
fn misfit(algorithm: Algorithm, block: &Pem) -> KeyError {
    let unfit = KeyError::Unfit(algorithm);
    let is_bare_rsa = block.label == "RSA PUBLIC KEY" && algorithm == Algorithm::RS256;
    if is_bare_rsa {
        return rsa_bits(&block.der).map_or(unfit, |bits| of_length(bits, unfit));
    }
    let Ok(key) = SubjectPublicKeyInfoRef::from_der(&block.der) else {
        return unfit;
    };
    match algorithm {
        Algorithm::RS256 if key.algorithm.oid == RSA => {
            rsa_bits(key.subject_public_key.raw_bytes()).map_or(unfit, |bits| of_length(bits, unfit))
        }
        Algorithm::ES256 => {
            let curve = key.algorithm.parameters_oid();
            let known = CURVES.iter().find(|(oid, _)| Ok(*oid) == curve);
            known.map_or(unfit, |(_, name)| KeyError::Curve(name))
        }
        Algorithm::RS256 | Algorithm::EdDSA => unfit,
    }
}

fn of_length(bits: usize, other: KeyError) -> KeyError {
    match bits {
        ..2048 => KeyError::ShortRsa(bits),
        4097.. => KeyError::LongRsa(bits),
        _ => other,
    }
}

/// rsaEncryption (RFC 8017).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The curves that issuers use, besides P-256 (RFC 5480, RFC 8812).
const CURVES: [(ObjectIdentifier, &str); 3] = [
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), "P-384"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), "P-521"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "secp256k1"),
];

/// The bytes of the secret, if the library accepts their length.
fn usable(secret: &str) -> Result<&[u8], KeyError> {
    match secret.as_bytes() {
        [] => Err(KeyError::Empty),
        bytes if bytes.len() < SECRET_BYTES_MIN => Err(KeyError::Short),
        bytes => Ok(bytes),
    }
}
