//! What a server's certificate says about itself, as far as an operator has to mend it.
//!
//! Nothing here is a proof: the library has refused the certificate already, or the operator has named it as it is.
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, Error};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::{Certificate as Parsed, Version};

use crate::redact::rsa_bits;

/// A certificate that could be read.
pub struct Certificate(Parsed);

impl Certificate {
    pub fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
        Parsed::from_der(der).ok().map(Certificate)
    }

    /// # Errors
    /// It is not valid yet, or not any more.
    pub fn check_dates(&self, now: UnixTime) -> Result<(), Error> {
        let validity = &self.0.tbs_certificate.validity;
        let at = |time: x509_cert::time::Time| UnixTime::since_unix_epoch(time.to_unix_duration());
        let (not_before, not_after) = (at(validity.not_before), at(validity.not_after));
        if now < not_before {
            return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
        }
        if now > not_after {
            return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
        }
        Ok(())
    }

    /// Whether it names hosts in the only place where most programs look for them.
    pub fn has_names(&self) -> bool {
        matches!(self.0.tbs_certificate.get::<SubjectAltName>(), Ok(Some(_)))
    }

    /// Whether its common name is this host.
    pub fn is_called(&self, host: &str) -> bool {
        let parts = self.0.tbs_certificate.subject.0.iter().flat_map(|part| part.0.iter());
        let mut common = parts.filter(|part| part.oid == COMMON_NAME);
        common.any(|part| part.value.value().eq_ignore_ascii_case(host.as_bytes()))
    }

    /// What is odd about it, given what the library says, and how to make one that is not. Roots are named in this
    /// setting.
    pub fn advice(&self, error: &Error, setting: &str) -> Option<String> {
        let is_about_names = matches!(
            error,
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            )
        );
        let mut odd = Vec::new();
        if let Some(bits) = self.rsa_bits().filter(|bits| *bits < RSA_BITS_MIN) {
            odd.push(format!("its key is too short ({bits} bits, {RSA_BITS_MIN} at least)"));
        }
        if OLD_SIGNATURES.contains(&self.0.signature_algorithm.oid) {
            odd.push("its signature is of an old kind (SHA-1 or MD5)".to_owned());
        }
        if self.0.tbs_certificate.version != Version::V3 {
            odd.push("it is older than version 3".to_owned());
        }
        if !is_about_names && self.is_authority() {
            odd.push(format!(
                "it is an authority's (CA:TRUE) and not itself in the file of roots ({setting})"
            ));
        }
        if is_about_names && !self.has_names() {
            odd.push("it names no host in a subjectAltName (SAN)".to_owned());
        }
        (!odd.is_empty()).then(|| {
            let odd = odd.join(", ");
            format!(
                "the server's certificate cannot be used: {odd}; {MAKE}, and name a copy of server.crt in {setting}"
            )
        })
    }

    fn is_authority(&self) -> bool {
        let constraints = self.0.tbs_certificate.get::<BasicConstraints>();
        matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
    }

    fn rsa_bits(&self) -> Option<usize> {
        let key = &self.0.tbs_certificate.subject_public_key_info;
        let is_rsa = key.algorithm.oid == RSA;
        is_rsa.then(|| rsa_bits(key.subject_public_key.raw_bytes())).flatten()
    }
}

/// id-at-commonName (X.520).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// rsaEncryption (RFC 8017).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What the library's RSA verification takes at least.
const RSA_BITS_MIN: usize = 2048;

/// md5WithRSAEncryption, sha1WithRSAEncryption, ecdsa-with-SHA1.
const OLD_SIGNATURES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
];

/// A certificate that every program takes.
const MAKE: &str = "make one with openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=HOST -addext \
                    subjectAltName=DNS:HOST -addext basicConstraints=critical,CA:FALSE -keyout server.key -out \
                    server.crt";
