//! Certificates as operators make them: what works with the server's own as the root, and what is told about the rest.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use support::server::free_port;
use support::wait_until;
use tempfile::TempDir;

use crate::postgres::*;

/// A folder in which openssl works.
struct Workshop(TempDir);

impl Workshop {
    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .expect("openssl is installed");
        assert!(
            output.status.success(),
            "{arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("openssl has written it")
    }
}

/// How the server's certificate is made, the roots, the mode, and what is told; `None`: it works.
const CASES: [(&str, &str, &str, SslMode, Option<&str>); 9] = [
    ("ca-san", "ca-san", "localhost", SslMode::VerifyFull, None),
    ("ca-san", "ca-san", "localhost", SslMode::VerifyCa, None),
    // The common name counts where there are no alternative names, as in libpq.
    ("ca-plain", "ca-plain", "localhost", SslMode::VerifyFull, None),
    ("ca-plain", "ca-plain", "127.0.0.1", SslMode::VerifyCa, None),
    (
        "ca-plain",
        "ca-plain",
        "127.0.0.1",
        SslMode::VerifyFull,
        Some("names no host in a subjectAltName (SAN)"),
    ),
    (
        "ca-san",
        "ca-san",
        "127.0.0.1",
        SslMode::VerifyFull,
        Some("not valid for name"),
    ),
    (
        "ca-san",
        "other",
        "localhost",
        SslMode::VerifyFull,
        Some("it is an authority's (CA:TRUE)"),
    ),
    ("sha1-own", "sha1-own", "localhost", SslMode::VerifyFull, None),
    ("leaf", "leaf", "localhost", SslMode::VerifyFull, None),
];

fn workshop() -> Workshop {
    let workshop = Workshop(tempfile::tempdir().expect("a temporary folder can be made"));
    let own = |name: &str, further: &str| {
        workshop.openssl(&format!(
            "req -x509 -nodes -days 2 -keyout {name}.key -out {name}.pem {further}"
        ));
    };
    const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1";
    const SAN: &str = "-subj /CN=db -addext subjectAltName=DNS:localhost";
    own("other", &format!("{EC} -subj /CN=other"));
    own("ca-san", &format!("{EC} {SAN}"));
    own("ca-plain", &format!("{EC} -subj /CN=localhost"));
    own("sha1-own", &format!("-newkey rsa:2048 -sha1 {SAN}"));
    own(
        "leaf",
        &format!("{EC} {SAN} -addext basicConstraints=critical,CA:FALSE"),
    );
    own("short", &format!("-newkey rsa:1024 {SAN}"));
    workshop.openssl(&format!(
        "req {EC} -nodes -subj /CN=localhost -keyout sha1.key -out sha1.csr"
    ));
    std::fs::write(workshop.path("names"), "subjectAltName=DNS:localhost\n").expect("the folder is writable");
    workshop.openssl(
        "x509 -req -sha1 -in sha1.csr -CA other.pem -CAkey other.key -CAcreateserial -days 2 -extfile names -out sha1.pem",
    );
    workshop
}

/// A cluster that has TLS once a certificate is there.
fn with_tls() -> Cluster {
    let cluster = with_schema();
    for setting in [
        "ssl = on",
        "ssl_cert_file = '../server.crt'",
        "ssl_key_file = '../server.key'",
    ] {
        cluster.execute(&format!("ALTER SYSTEM SET {setting}"));
    }
    cluster
}

fn show(cluster: &mut Cluster, workshop: &Workshop, certificate: &str) {
    cluster.stop();
    cluster.write("server.crt", &workshop.text(&format!("{certificate}.pem")));
    let key = cluster.write("server.key", &workshop.text(&format!("{certificate}.key")));
    std::fs::set_permissions(key, Permissions::from_mode(0o600)).expect("one's own file");
    cluster.restart();
}

/// What becomes of the file of roots while the server runs, and whether new connections are made.
const FILES: [(&str, Option<&str>, bool); 7] = [
    ("as it was", Some("leaf.pem"), true),
    ("removed", None, true),
    ("another kind of file", Some("leaf.key"), true),
    ("removed again", None, true),
    // It is read anew, and what it holds counts.
    ("another authority's", Some("other.pem"), false),
    ("removed with that in it", None, false),
    ("put back", Some("leaf.pem"), true),
];

#[test]
fn a_file_of_roots_that_cannot_be_read_any_more_keeps_what_it_held() {
    let (workshop, mut cluster) = (workshop(), with_tls());
    show(&mut cluster, &workshop, "leaf");
    let file = workshop.path("roots.pem");
    let options = PostgresOptions {
        sslmode: Some(SslMode::VerifyFull),
        ssl_root_cert: Some(file.clone()),
        ..options(&format!("postgres://postgres@localhost:{}/postgres", cluster.port()))
    };
    let told = insert(&open(&options), &row(1)).expect_err("nothing was ever read");
    assert!(told.to_string().contains("roots.pem cannot be read"), "{told}");
    let database = open(&options);
    for (what, content, connects) in FILES {
        match content {
            Some(name) => std::fs::write(&file, workshop.text(name)).expect("the folder is writable"),
            None => std::fs::remove_file(&file).expect("it is there"),
        }
        cluster.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_ssl WHERE ssl");
        // The first call may meet the connection that was ended.
        let written = (0..2).map(|_| insert(&database, &row(1)).map(drop)).collect::<Vec<_>>();
        let last = &written[1];
        assert_eq!(last.is_ok(), connects, "{what}: {written:?}");
    }
}

#[test]
fn a_certificate_that_is_its_own_root_is_trusted_and_others_are_told_what_is_odd() {
    let workshop = workshop();
    let mut cluster = with_tls();
    let mut shown = "";
    for (certificate, roots, host, mode, told) in CASES {
        if shown != certificate {
            show(&mut cluster, &workshop, certificate);
            shown = certificate;
        }
        let options = PostgresOptions {
            sslmode: Some(mode),
            ssl_root_cert: (mode != SslMode::Require).then(|| workshop.path(&format!("{roots}.pem"))),
            ..options(&format!("postgres://postgres@{host}:{}/postgres", cluster.port()))
        };
        let written = insert(&open(&options), &row(1)).map(drop).map_err(|error| {
            assert!(error.whose() == Whose::Destination, "{error}");
            error.to_string()
        });
        match (written, told) {
            (Ok(()), None) => {}
            (Err(error), Some(told)) => {
                assert!(error.contains(told), "{certificate} {roots} {host} {mode:?}: {error}");
                let is_made = error.contains("basicConstraints=critical,CA:FALSE");
                assert!(is_made || told.contains("not valid"), "how to make one: {error}");
            }
            (written, told) => panic!("{certificate} {roots} {host} {mode:?}: {written:?}, expected {told:?}"),
        }
    }
}

/// Something that agrees to TLS as PostgreSQL does, and then is openssl with a key that PostgreSQL itself refuses.
fn lax_server(workshop: &Workshop, certificate: &str) -> (Reaped, u16) {
    let port = free_port();
    let child = Command::new("setpriv")
        .args([
            "--pdeathsig",
            "KILL",
            "openssl",
            "s_server",
            "-quiet",
            "-cipher",
            "DEFAULT@SECLEVEL=0",
        ])
        .args([
            "-accept",
            &format!("127.0.0.1:{port}"),
            "-cert",
            &format!("{certificate}.pem"),
        ])
        .args(["-key", &format!("{certificate}.key")])
        .current_dir(workshop.0.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let reaped = Reaped(child);
    wait_until("openssl to listen", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let outer = listener.local_addr().expect("it listens").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut request = [0; 8];
            let inner = TcpStream::connect(("127.0.0.1", port));
            let (Ok(()), Ok(()), Ok(server)) = ((&client).read_exact(&mut request), (&client).write_all(b"S"), inner)
            else {
                continue;
            };
            let back = (
                server.try_clone().expect("a handle"),
                client.try_clone().expect("a handle"),
            );
            std::thread::spawn(move || std::io::copy(&mut &back.0, &mut &back.1));
            std::thread::spawn(move || std::io::copy(&mut &client, &mut &server));
        }
    });
    (reaped, outer)
}

/// A child that ends with the test.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_openssl_would_not_serve_is_told_by_what_is_odd_with_it() {
    let workshop = workshop();
    for (certificate, roots, mode, told) in [
        (
            "short",
            "short",
            SslMode::VerifyFull,
            "its key is too short (1024 bits, 2048 at least)",
        ),
        (
            "short",
            "other",
            SslMode::VerifyCa,
            "its key is too short (1024 bits, 2048 at least)",
        ),
        (
            "short",
            "",
            SslMode::Require,
            "its key is too short (1024 bits, 2048 at least)",
        ),
        (
            "sha1",
            "other",
            SslMode::VerifyFull,
            "its signature is of an old kind (SHA-1 or MD5)",
        ),
    ] {
        let (_server, port) = lax_server(&workshop, certificate);
        let options = PostgresOptions {
            sslmode: Some(mode),
            ssl_root_cert: (!roots.is_empty()).then(|| workshop.path(&format!("{roots}.pem"))),
            ..options(&format!("postgres://postgres@localhost:{port}/postgres"))
        };
        let error = insert(&open(&options), &row(1))
            .expect_err("nobody takes it")
            .to_string();
        assert!(error.contains(told), "{certificate} {mode:?}: {error}");
    }
}

#[test]
fn a_file_of_roots_is_read_in_every_spelling_and_refused_by_its_name() {
    let workshop = workshop();
    let text = workshop.text("other.pem");
    workshop.openssl("x509 -in other.pem -outform der -out other.der");
    for (spelling, bytes, told) in [
        ("as it is", text.clone().into_bytes(), None),
        ("with a byte order mark", format!("\u{feff}{text}").into_bytes(), None),
        ("on one line", text.replace('\n', "").into_bytes(), None),
        (
            "with blanks at line ends",
            text.replace('\n', " \r\n").into_bytes(),
            None,
        ),
        (
            "UTF-16",
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Some("is UTF-16"),
        ),
        (
            "DER",
            std::fs::read(workshop.path("other.der")).expect("openssl has written it"),
            Some("is DER"),
        ),
        (
            "a key",
            workshop.text("other.key").into_bytes(),
            Some("holds no root certificate"),
        ),
        ("nothing", Vec::new(), Some("holds no root certificate")),
    ] {
        let file = workshop.path("roots");
        std::fs::write(&file, bytes).expect("the folder is writable");
        let read = rtcstats_server::tls::check_roots(&file).map_err(|error| error.to_string());
        match (&read, told) {
            (Ok(()), None) => {}
            (Err(error), Some(told)) => {
                assert!(error.contains(told) && error.contains("/roots"), "{spelling}: {error}")
            }
            _ => panic!("{spelling}: {read:?}"),
        }
    }
    let folder = rtcstats_server::tls::check_roots(Path::new("/")).expect_err("a folder holds no certificate");
    assert!(folder.to_string().contains(" is a folder"), "{folder}");
}
