//! TLS towards destinations: one crypto provider for the whole process, and how strictly a server's certificate is
//! checked (`verifier`).
//!
//! Certificates are read whenever a [`Client`] is made, which no caller keeps for long, so a renewed file needs no
//! restart. If a file of root certificates is given, only these are trusted; otherwise those of the system
//! (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others). This module opens no sockets and has no keys of its own. Failures:
//! [`TlsError`], always the operator's to mend.

mod certificate;
mod demands;
mod verifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::redact::{Pem, Unreadable, decoded, read_bytes, shown_path};
pub use demands::{Check, Demands, Greeting, Versions};
pub use verifier::Advice;
use verifier::{Roots, Verifier};

/// Why certificates cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the root certificates in {0}")]
    File(#[from] Unreadable),
    #[error("the root certificates {} cannot be used: {cause}", shown_path(path))]
    Unfit { path: PathBuf, cause: String },
    #[error("{} holds no root certificate in PEM format", shown_path(.0))]
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

/// The client's side of TLS 1.2 and 1.3, without a certificate of its own.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where nothing is checked, no certificate is read.
    roots: Option<Arc<Roots>>,
    check: Check,
    setting: &'static str,
    versions: Versions,
    greeting: Greeting,
    provider: Arc<CryptoProvider>,
}

impl Client {
    /// Reads the certificates to check with.
    ///
    /// # Errors
    /// There are none.
    pub fn new(demands: Demands<'_>) -> Result<Client, TlsError> {
        install();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = match demands.check {
            Check::Nothing => None,
            Check::Authority | Check::Name => Some(Arc::new(trusted(demands.roots, &provider)?)),
        };
        Ok(Client::with(roots, demands, provider))
    }

    /// A client that trusts what this one trusts, where the file cannot be read now; `None` if this one trusts nobody.
    pub fn with_its_roots(&self, demands: Demands<'_>) -> Option<Client> {
        let roots = Arc::clone(self.roots.as_ref()?);
        Some(Client::with(Some(roots), demands, Arc::clone(&self.provider)))
    }

    fn with(roots: Option<Arc<Roots>>, demands: Demands<'_>, provider: Arc<CryptoProvider>) -> Client {
        Client {
            roots,
            check: demands.check,
            setting: demands.setting,
            versions: demands.versions,
            greeting: demands.greeting,
            provider,
        }
    }

    /// What one handshake needs, and where to look for advice when it has failed: handshakes that go on at the same
    /// time have nothing in common but the roots.
    ///
    /// # Errors
    /// The library refuses what is asked of it.
    pub fn config(&self) -> Result<(ClientConfig, Advice), TlsError> {
        let (verifier, advice) = self.verifier();
        let versions: &[&SupportedProtocolVersion] = match self.versions {
            Versions::From12 => &[&TLS12, &TLS13],
            Versions::Only12 => &[&TLS12],
            Versions::From13 => &[&TLS13],
        };
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)
            .map_err(|error| TlsError::Unusable(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.enable_sni = self.greeting == Greeting::WithName;
        // There is no second handshake that could use the first one's session.
        config.resumption = Resumption::disabled();
        Ok((config, advice))
    }

    fn verifier(&self) -> (Verifier, Advice) {
        Verifier::new(self.roots.clone(), self.check, self.setting, Arc::clone(&self.provider))
    }
}

/// Reads a file of root certificates as a connection would.
///
/// # Errors
/// It cannot be read, holds none, or one that is damaged.
pub fn check_roots(path: &Path) -> Result<(), TlsError> {
    from_file(path).map(drop)
}

fn trusted(roots: Option<&Path>, provider: &Arc<CryptoProvider>) -> Result<Roots, TlsError> {
    Roots::new(certificates(roots)?, provider).map_err(|error| TlsError::Unusable(error.to_string()))
}

/// The trusted certificates. Those that the operator names are also known byte for byte: one of them may be the
/// server's own.
fn certificates(roots: Option<&Path>) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    match roots {
        Some(path) => from_file(path),
        None => from_system(),
    }
}

fn from_file(path: &Path) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    let unfit = |cause: String| TlsError::Unfit {
        path: path.to_owned(),
        cause,
    };
    let bytes = read_bytes(path)?;
    if bytes.starts_with(&[0x30, 0x82]) {
        return Err(unfit(
            "it is DER; openssl x509 -inform der -in FILE prints it as PEM".into(),
        ));
    }
    let text = decoded(&bytes).map_err(|why| unfit(format!("it {why}")))?;
    let blocks = Pem::all(text).into_iter();
    let named: Vec<Pem> = blocks.filter(|block| LABELS.contains(&block.label.as_str())).collect();
    let certificates: Vec<_> = named.into_iter().map(|block| CertificateDer::from(block.der)).collect();
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|error| unfit(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(TlsError::Empty(path.to_owned()));
    }
    Ok((store, certificates))
}

/// What certificates are called in PEM (RFC 7468, section 5); the second is an old name.
const LABELS: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];

/// Those of the system's certificates that webpki understands; some systems have others too. The operator has named
/// them if a variable says where they are.
fn from_system() -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    let found = rustls_native_certs::load_native_certs().certs;
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.iter().cloned());
    if store.is_empty() {
        return Err(TlsError::System);
    }
    let is_named = VARIABLES.iter().any(|name| std::env::var_os(name).is_some());
    Ok((store, if is_named { found } else { Vec::new() }))
}

/// Which files and folders stand for the system's certificates, as OpenSSL reads them.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    fn demands(check: Check, roots: &Path) -> Demands<'_> {
        Demands {
            check,
            roots: Some(roots),
            setting: "ssl_root_cert",
            versions: Versions::default(),
            greeting: Greeting::default(),
        }
    }

    #[test]
    fn roots_that_cannot_be_used_are_told_by_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        let told = |check| {
            Client::new(demands(check, &file))
                .and_then(|client| client.config())
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

    /// What `openssl req -x509 -subj /CN=localhost -addext subjectAltName=DNS:localhost` makes; from November 2026 on,
    /// for a hundred years.
    const OWN: &str = "-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUPKNdRAkxkV3eWOdW+a4K6SZ4l9owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjAzMDIwNVoYDzIxMjYxMTAy
MDMwMjA1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQn3zbQkqUudi9avGnmvkLTVoP7sXsjPeFTGDBxmIzR1NOdDZou0jX1
Bt28Wk2FkU11SUPeaDlqkr/39dfPN03Ao2kwZzAdBgNVHQ4EFgQU0OWskoz2KBaX
YZYA/CN7nYphHxowHwYDVR0jBBgwFoAU0OWskoz2KBaXYZYA/CN7nYphHxowDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhALD1tXTlc3Z19e4eZpeqg9uKJ2sjvS/a1BFglEqBJpUwAiEAoaYQX782
lgmcidWmtFx0+VkbL4Hdb403DUNOVRpxMd4=
-----END CERTIFICATE-----
";

    /// Likewise, of another key and name.
    const OTHER: &str = "-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUbmjgy74lRC5+0r7g3VDi3A6r3FowCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI2MDMzODAyWhgPMjEyNjExMDIwMzM4
MDJaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
ozebLdl9A0m0NjL2lNVSO3cTledkOxfKMJT82Di2LoIT6MOafCctaiK2AKOJuaun
H3PDROkDuG4fSrVjsbajxqNTMFEwHQYDVR0OBBYEFJkgKQr9YjZmxbBQpiCSGBF7
WEe3MB8GA1UdIwQYMBaAFJkgKQr9YjZmxbBQpiCSGBF7WEe3MA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhANNnt7s438MmttniAODxmUsd8lBqi9dP
6S/uhTwCPFEsAiAF6z7kpDWKhE3OkvX0XKUtg1Zuqq5x66OMD91hqh2uTA==
-----END CERTIFICATE-----
";

    #[test]
    fn a_certificate_that_is_its_own_root_must_still_be_valid_now_and_for_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.pem");
        std::fs::write(&file, OWN).unwrap();
        let verified = |check, name: &str, years: u64| {
            let (verifier, _) = Client::new(demands(check, &file)).unwrap().verifier();
            let certificate = CertificateDer::from(Pem::all(OWN).remove(0).der);
            let now = UnixTime::since_unix_epoch(Duration::from_secs(years * 31_556_952));
            let name = ServerName::try_from(name.to_owned()).unwrap();
            let verified = verifier.verify_server_cert(&certificate, &[], &name, &[], now);
            verified.map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(verified(Check::Name, "localhost", 60), Ok(()));
        assert_eq!(verified(Check::Authority, "elsewhere", 60), Ok(()));
        for (check, name, years, told) in [
            (Check::Name, "elsewhere", 60, "not valid for name"),
            (Check::Name, "localhost", 50, "not valid yet"),
            (Check::Authority, "localhost", 160, "expired"),
        ] {
            let error = verified(check, name, years).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn each_handshake_has_its_own_advice_in_the_words_of_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.pem");
        std::fs::write(&file, OTHER).unwrap();
        for setting in ["ssl_root_cert", "SSL_CERT_FILE"] {
            let demands = Demands {
                setting,
                ..demands(Check::Name, &file)
            };
            let client = Client::new(demands).unwrap();
            let ((failing, told), (_, untold)) = (client.verifier(), client.verifier());
            let certificate = CertificateDer::from(Pem::all(OWN).remove(0).der);
            let name = ServerName::try_from("localhost").unwrap();
            let now = UnixTime::since_unix_epoch(Duration::from_secs(60 * 31_556_952));
            assert!(failing.verify_server_cert(&certificate, &[], &name, &[], now).is_err());
            assert_eq!(untold.take(), None, "another handshake has met nothing");
            let told = told.take().expect("an authority's certificate has advice");
            assert!(
                told.contains(&format!("not itself in the file of roots ({setting})")),
                "{told}"
            );
            assert!(
                told.ends_with(&format!("and name a copy of server.crt in {setting}")),
                "{told}"
            );
        }
    }
}
