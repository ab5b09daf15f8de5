//! TLS with certificate authorities of the test's own, passwords, and what a log may say about them.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::postgres::*;

/// Keys and certificates of two authorities. One of them has signed for `localhost`.
struct Authorities {
    folder: TempDir,
}

impl Authorities {
    fn new() -> Authorities {
        let authorities = Authorities {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        };
        for name in ["right", "wrong"] {
            authorities.openssl(&format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={name} \
                 -keyout {name}.key -out {name}.pem"
            ));
        }
        authorities.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout server.key -out \
             server.csr",
        );
        std::fs::write(authorities.path("names"), "subjectAltName=DNS:localhost\n").expect("the folder is writable");
        authorities.openssl(
            "x509 -req -in server.csr -CA right.pem -CAkey right.key -CAcreateserial -days 2 -extfile names -out \
             server.crt",
        );
        authorities
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("openssl is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn hand_over(&self, data: &Path) {
        for name in ["server.key", "server.crt"] {
            std::fs::copy(self.path(name), data.join(name)).expect("the data folder is writable");
        }
        // A database that accepts only TLS proves that TLS was used.
        std::fs::write(
            data.join("pg_hba.conf"),
            "hostssl all postgres all trust\nhost all plain all trust\n",
        )
        .expect("the data folder is writable");
    }
}

#[test]
fn a_certificate_is_held_to_what_the_mode_says() {
    let authorities = Authorities::new();
    // The cluster counts as ready when the user `postgres` can connect without TLS, so that rule comes later.
    let cluster = Cluster::start_with(&["ssl = on"], |data| {
        authorities.hand_over(data);
        std::fs::write(data.join("pg_hba.conf"), "host all all all trust\n").expect("the data folder is writable");
    });
    cluster.execute(SCHEMA);
    cluster.execute("CREATE ROLE encrypted SUPERUSER LOGIN");
    let data = cluster.texts("SELECT current_setting('data_directory')").remove(0);
    std::fs::write(
        Path::new(&data).join("pg_hba.conf"),
        "hostssl all encrypted all trust\nhost all postgres all trust\n",
    )
    .expect("the data folder is writable");
    cluster.execute("SELECT pg_reload_conf()");

    let right = authorities.path("right.pem");
    let wrong = authorities.path("wrong.pem");
    let attempt = |host: &str, mode: SslMode, roots: Option<&PathBuf>| {
        let options = PostgresOptions {
            sslmode: Some(mode),
            ssl_root_cert: roots.cloned(),
            ..options(&format!("postgres://encrypted@{host}:{}/postgres", cluster.port()))
        };
        insert(&open(&options), &row(1)).map(drop).map_err(|error| {
            assert!(error.whose() == Whose::Destination, "{error}");
            error.to_string()
        })
    };
    let (name, address) = ("localhost", "127.0.0.1");
    assert_eq!(attempt(name, SslMode::VerifyFull, Some(&right)), Ok(()));
    assert_eq!(
        attempt(address, SslMode::VerifyCa, Some(&right)),
        Ok(()),
        "the name is not asked for"
    );
    assert_eq!(attempt(address, SslMode::Require, None), Ok(()));
    assert_eq!(
        attempt(address, SslMode::Prefer, None),
        Ok(()),
        "TLS because the server offers it"
    );
    for (host, mode, roots, told) in [
        (name, SslMode::VerifyFull, Some(&wrong), "UnknownIssuer"),
        (name, SslMode::VerifyCa, Some(&wrong), "UnknownIssuer"),
        (name, SslMode::Require, Some(&wrong), "UnknownIssuer"),
        (name, SslMode::VerifyFull, None, "UnknownIssuer"),
        (address, SslMode::VerifyFull, Some(&right), "not valid for name"),
        (
            name,
            SslMode::VerifyFull,
            Some(&authorities.path("none.pem")),
            "none.pem cannot be read",
        ),
        (name, SslMode::Disable, None, "SQLSTATE 28000"),
    ] {
        let error = attempt(host, mode, roots).expect_err(told);
        assert!(error.contains(told), "{host} {mode:?}: {error}");
    }
}

#[test]
fn a_server_without_tls_is_used_only_where_that_is_wanted() {
    let cluster = with_schema();
    let attempt = |mode| {
        let table = open(&PostgresOptions {
            sslmode: Some(mode),
            ..options(&cluster.url())
        });
        insert(&table, &row(1))
    };
    attempt(SslMode::Prefer).expect("TLS is not insisted on");
    attempt(SslMode::Disable).expect("TLS is not wanted");
    for mode in [SslMode::Require, SslMode::VerifyFull] {
        let error = attempt(mode).expect_err("TLS is insisted on").to_string();
        assert!(error.contains("does not support TLS"), "{error}");
    }
}

#[test]
fn a_wrong_password_is_told_without_a_word_of_it() {
    let cluster = with_schema();
    cluster.execute("CREATE ROLE collector LOGIN PASSWORD 'right'; GRANT ALL ON rtcstats TO collector");
    let data = cluster.texts("SELECT current_setting('data_directory')").remove(0);
    let rules = "host all collector all scram-sha-256\nhost all postgres all trust\n";
    std::fs::write(Path::new(&data).join("pg_hba.conf"), rules).expect("the data folder is writable");
    cluster.execute("SELECT pg_reload_conf()");
    let url = |password: &str| format!("postgres://collector:{password}@127.0.0.1:{}/postgres", cluster.port());
    insert(&table(&url("right")), &row(1)).expect("the password is right");
    let wrong = table(&url("hunter2"));
    let error = insert(&wrong, &row(2)).expect_err("the password is wrong");
    assert!(
        error.whose() == Whose::Destination && error.to_string().contains("28P01"),
        "{error}"
    );
    let missing = format!("postgres://collector@127.0.0.1:{}/postgres", cluster.port());
    let error = insert(&table(&missing), &row(2)).expect_err("there is no password");
    assert!(error.to_string().contains("password missing"), "{error}");
    let printed = format!("{wrong:?} {} {error} {error:?}", wrong.describe());
    assert!(!printed.contains("hunter2"), "{printed}");
}
