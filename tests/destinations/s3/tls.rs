//! TLS with a certificate of a private authority, and with the host names that Amazon's buckets have.

use std::path::Path;
use std::process::Command;

use support::Moto;
use support::gate::Gate;
use support::moto::{BUCKET, Certificate};
use tempfile::TempDir;

use crate::s3::{assert_emptied, assert_waiting, prepare, rows, says, session};

/// A private authority and a certificate that it has signed, made by openssl.
fn certificate(folder: &TempDir, names: &str) -> Certificate {
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(folder.path())
            .output();
        let output = output.expect("openssl is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
    ];
    let authority = [
        "authority.key",
        "-x509",
        "-days",
        "2",
        "-subj",
        "/CN=Authority",
        "-out",
        "authority.pem",
    ];
    run(&[&["req"], &key[..], &authority[..]].concat());
    run(&[
        &["req"],
        &key[..],
        &["server.key", "-subj", "/CN=Server", "-out", "server.csr"],
    ]
    .concat());
    std::fs::write(
        path("names"),
        format!("subjectAltName={names}\nbasicConstraints=CA:FALSE\n"),
    )
    .expect("a file");
    let sign = [
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "authority.pem",
        "-CAkey",
        "authority.key",
    ];
    run(&[
        &sign[..],
        &[
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "names",
            "-out",
            "server.pem",
        ],
    ]
    .concat());
    Certificate {
        file: path("server.pem"),
        key: path("server.key"),
        authority: path("authority.pem"),
    }
}

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
    let objects = moto.objects(BUCKET);
    assert_eq!(urls, [format!("{}/{BUCKET}/{}", moto.endpoint(), objects[0].key)]);
    assert!(urls[0].starts_with("https://127.0.0.1:"));
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
    let objects = moto.objects(BUCKET);
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
    let objects = moto.objects(BUCKET);
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
