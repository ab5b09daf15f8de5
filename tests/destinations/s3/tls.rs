//! TLS with a certificate of a private authority, and with the host names that Amazon's buckets have.

use std::path::Path;

use support::Moto;
use support::certificate::{certificate, own_root};
use support::gate::Gate;
use support::moto::BUCKET;

use crate::s3::{assert_emptied, assert_waiting, prepare, rows, says, session};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of plain characters")
}

#[test]
fn a_private_authority_is_trusted_when_it_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let certificate = certificate(&folder, "IP:127.0.0.1");
    let moto = Moto::start_tls(certificate.clone());
    let mut server = prepare(&moto.endpoint(), moto.key(), &[]);
    server.restart();
    session(&server, &["[1]"]);
    says(
        &server,
        "is down, dumps wait on disk and are tried again until it works",
    );
    says(&server, "invalid peer certificate: UnknownIssuer");
    assert_waiting(&server, 1);
    server.stop();
    server.set("SSL_CERT_FILE", text(&certificate.authority));
    server.restart();
    let urls = rows(&server, 1);
    assert_emptied(&server);
    let objects = moto.dumps(BUCKET);
    assert_eq!(urls, [format!("{}/{BUCKET}/{}", moto.endpoint(), objects[0].key)]);
    assert!(urls[0].starts_with("https://127.0.0.1:"));
}

/// What `openssl req -x509` makes is an authority's certificate (CA:TRUE), and the server's own at the same time.
#[test]
fn a_certificate_that_is_its_own_root_is_trusted_where_a_variable_names_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let signed = certificate(&folder, "IP:127.0.0.1");
    let own = own_root(&folder, "IP:127.0.0.1");
    let moto = Moto::start_tls(own.clone());
    let mut server = prepare(&moto.endpoint(), moto.key(), &[]);
    server.set("SSL_CERT_FILE", text(&signed.authority));
    server.restart();
    session(&server, &["[1]"]);
    says(
        &server,
        "it is an authority's (CA:TRUE) and not itself in the file of roots (SSL_CERT_FILE)",
    );
    says(&server, "and name a copy of server.crt in SSL_CERT_FILE");
    assert!(!server.log().contains("ssl_root_cert"), "{}", server.log());
    assert_waiting(&server, 1);
    server.stop();
    server.set("SSL_CERT_FILE", text(&own.authority));
    server.restart();
    rows(&server, 1);
    server.stop();
    server.unset("SSL_CERT_FILE");
    let of_roots = own.authority.parent().expect("it is in a folder");
    server.set("SSL_CERT_DIR", text(of_roots));
    server.restart();
    session(&server, &["[2]"]);
    rows(&server, 2);
    assert_emptied(&server);
}

/// No endpoint is configured: the addresses are Amazon's own, with the bucket before the host name. An HTTP proxy, as
/// companies have one, leads them to the server that listens here.
#[test]
fn without_an_endpoint_the_bucket_is_amazons() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let certificate = certificate(
        &folder,
        "IP:127.0.0.1,DNS:*.s3.us-east-1.amazonaws.com,DNS:s3.us-east-1.amazonaws.com",
    );
    let moto = Moto::start_tls(certificate.clone());
    let gate = Gate::start(moto.address());
    let mut server = prepare("", moto.key(), &[("https_proxy", &gate.endpoint())]);
    server.set("SSL_CERT_FILE", text(&certificate.authority));
    server.restart();
    session(&server, &["[1]"]);
    let urls = rows(&server, 1);
    let objects = moto.dumps(BUCKET);
    assert_eq!(
        urls,
        [format!(
            "https://{BUCKET}.s3.us-east-1.amazonaws.com/{}",
            objects[0].key
        )]
    );
    server.stop();
    server.set("RTCSTATS_STORAGE__S3__PATH_STYLE", "true");
    server.restart();
    session(&server, &["[2]"]);
    let urls = rows(&server, 2);
    let objects = moto.dumps(BUCKET);
    assert_eq!(objects.len(), 2);
    assert!(
        urls[1].starts_with(&format!("https://s3.us-east-1.amazonaws.com/{BUCKET}/")),
        "{urls:?}"
    );
    assert_emptied(&server);
    let lines = gate.lines();
    let through = |host: &str| {
        lines
            .iter()
            .any(|line| line.starts_with(&format!("CONNECT {host}:443 ")))
    };
    assert!(through(&format!("{BUCKET}.s3.us-east-1.amazonaws.com")) && through("s3.us-east-1.amazonaws.com"));
}
