//! TLS towards destinations: one crypto provider for the whole process, and how strictly a server's certificate is
//! checked.
//!
//! Certificates are read for each new connection and not kept, so a renewed file needs no restart. If a file of root
//! certificates is given, only these are trusted; otherwise those of the system (`SSL_CERT_FILE` names others). This
//! module opens no sockets and has no keys of its own. Failures: [`TlsError`], always the operator's to mend.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// How a server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Not at all: the data is encrypted, but perhaps for someone else.
    Nothing,
    /// A trusted authority must have signed it, for any name.
    Authority,
    /// A trusted authority must have signed it for the name that we connected to (RFC 6125).
    Name,
}

/// Why certificates cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the root certificates {} cannot be read: {cause}", path.display())]
    File { path: PathBuf, cause: String },
    #[error("{} holds no root certificate in PEM format", .0.display())]
    Empty(PathBuf),
    #[error("the system has no root certificates to check the server's with: install ca-certificates or name a file")]
    System,
    #[error("the root certificates are not usable: {0}")]
    Unusable(String),
}

/// Makes our provider the one that every user of rustls in this process gets. It may be called more than once.
pub fn install() {
    // An error means that a provider is installed already. It is this one: nothing else in this program installs any.
    let _ = aws_lc_rs::default_provider().install_default();
}

/// The client's side of TLS 1.2 and 1.3, without a certificate of its own. `roots` are trusted instead of the system's
/// certificates. Where nothing is checked, neither is read.
///
/// # Errors
/// If there are no certificates to check with.
pub fn client_config(check: Check, roots: Option<&Path>) -> Result<ClientConfig, TlsError> {
    install();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let inner = match check {
        Check::Nothing => None,
        Check::Authority | Check::Name => Some(webpki(roots, &provider)?),
    };
    let verifier = Verifier {
        inner,
        by_name: check == Check::Name,
        provider: Arc::clone(&provider),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Unusable(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn webpki(roots: Option<&Path>, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
    let store = match roots {
        Some(path) => from_file(path)?,
        None => from_system()?,
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| TlsError::Unusable(error.to_string()))
}

fn from_file(path: &Path) -> Result<RootCertStore, TlsError> {
    let unreadable = |cause: String| TlsError::File {
        path: path.to_owned(),
        cause,
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        store.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(TlsError::Empty(path.to_owned()));
    }
    Ok(store)
}

/// Those of the system's certificates that webpki understands; some systems have others too.
fn from_system() -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() {
        return Err(TlsError::System);
    }
    Ok(store)
}

/// The verifier of rustls, with some of its checks taken out. The signatures of the handshake are always checked.
#[derive(Debug)]
struct Verifier {
    inner: Option<Arc<WebPkiServerVerifier>>,
    by_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else {
            return Ok(ServerCertVerified::assertion());
        };
        // rustls checks the name last, so this error says that everything else is right.
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.by_name => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_cannot_be_used_are_told_by_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        let told = |check| {
            client_config(check, Some(&file))
                .map(drop)
                .map_err(|error| error.to_string())
        };
        assert!(told(Check::Name).unwrap_err().contains("roots.pem cannot be read"));
        std::fs::write(&file, "no certificate").unwrap();
        assert!(
            told(Check::Authority)
                .unwrap_err()
                .contains("holds no root certificate")
        );
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(told(Check::Name).is_err());
        assert_eq!(told(Check::Nothing), Ok(()), "nothing is read that nobody asks for");
    }
}
