//! Certificates for servers that tests start, made when they are needed. They are good for two days.

use std::ffi::OsStr;
use std::process::Command;

use tempfile::TempDir;

use super::moto::Certificate;

/// A private authority and a certificate that it has signed, made by openssl. The names
/// are written as openssl has them: `IP:127.0.0.1,DNS:s3.example.org`.
pub fn certificate(folder: &TempDir, names: &str) -> Certificate {
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

/// A certificate that has signed itself, alone in a folder of its own; the names as in [`certificate`].
pub fn own_root(folder: &TempDir, names: &str) -> Certificate {
    let roots = folder.path().join("own");
    std::fs::create_dir(&roots).expect("a new folder");
    let (file, key) = (roots.join("own.pem"), folder.path().join("own.key"));
    let output = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=Server", "-addext"])
        .arg(format!("subjectAltName={names}"))
        .args([OsStr::new("-keyout"), key.as_ref(), OsStr::new("-out"), file.as_ref()])
        .output();
    let output = output.expect("openssl is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Certificate {
        authority: file.clone(),
        file,
        key,
    }
}
