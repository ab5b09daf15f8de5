//! Whether a server's certificate is accepted: the verifier of rustls, with some of its checks taken out, one added.
//!
//! Added is what OpenSSL does: a certificate that stands byte for byte among the operator's own roots is trusted as it
//! is, even if it calls itself an authority. That is what `openssl req -x509` makes, and whoever names it as the root
//! means this server. Its dates are checked, and its name where names are. The signatures of the handshake are always
//! checked. Failures leave advice behind for the log; it names no host and no key.
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::certificate::Certificate;
use super::demands::Check;

/// What was odd about the certificate if the handshake has failed, and what to do. Empty if nothing is known.
#[derive(Debug, Clone, Default)]
pub struct Advice(Arc<Mutex<Option<String>>>);

impl Advice {
    /// The advice, if there is one.
    pub fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, advice: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = advice;
    }
}

/// Trusted certificates.
#[derive(Debug)]
pub struct Roots {
    inner: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// Authorities, and those of them that the operator has named.
    ///
    /// # Errors
    /// The library refuses them.
    pub fn new(
        (store, own): (RootCertStore, Vec<CertificateDer<'static>>),
        provider: &Arc<CryptoProvider>,
    ) -> Result<Roots, VerifierBuilderError> {
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build()?;
        Ok(Roots { inner, own })
    }
}

#[derive(Debug)]
pub struct Verifier {
    roots: Option<Arc<Roots>>,
    check: Check,
    setting: &'static str,
    provider: Arc<CryptoProvider>,
    advice: Advice,
}

impl Verifier {
    /// For one handshake, and where its advice will stand. Without roots nothing about the certificate is checked.
    pub fn new(
        roots: Option<Arc<Roots>>,
        check: Check,
        setting: &'static str,
        provider: Arc<CryptoProvider>,
    ) -> (Verifier, Advice) {
        let advice = Advice::default();
        let verifier = Verifier {
            roots,
            check,
            setting,
            provider,
            advice: advice.clone(),
        };
        (verifier, advice)
    }

    /// A certificate that the operator has named as it is.
    fn accept_own(&self, der: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
        let certificate = Certificate::read(der).ok_or(CertificateError::BadEncoding)?;
        certificate.check_dates(now)?;
        if self.check != Check::Name {
            return Ok(());
        }
        let named = ParsedCertificate::try_from(der).and_then(|parsed| verify_server_name(&parsed, name));
        match named {
            // As in libpq, the common name counts where there are no alternative names.
            Err(_) if !certificate.has_names() && certificate.is_called(&name.to_str()) => Ok(()),
            named => named,
        }
    }

    fn advise<T>(&self, der: &CertificateDer<'_>, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result {
            let certificate = Certificate::read(der);
            self.advice
                .put(certificate.and_then(|certificate| certificate.advice(error, self.setting)));
        }
        result
    }
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
        let Some(Roots { inner, own }) = self.roots.as_deref() else {
            return Ok(ServerCertVerified::assertion());
        };
        if own.contains(end_entity) {
            let accepted = self.accept_own(end_entity, server_name, now);
            return self.advise(end_entity, accepted.map(|()| ServerCertVerified::assertion()));
        }
        // rustls checks the name last, so this error says that everything else is right.
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check != Check::Name => Ok(ServerCertVerified::assertion()),
            other => self.advise(end_entity, other),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms);
        self.advise(certificate, verified)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms);
        self.advise(certificate, verified)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
