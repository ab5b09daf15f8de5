//! Variables that are empty, in quotes or misspelt, and tables in the wrong place: none opens a door silently.
use support::Server;

use super::*;

/// A file that protects, and a variable that would take that back.
const EMPTY: [(&str, &str, &str); 8] = [
    (
        "RTCSTATS_SERVER__ALLOWED_ORIGINS",
        "",
        "server.allowed_origins: is empty, but ",
    ),
    (
        "RTCSTATS_SERVER__ALLOWED_ORIGINS",
        " ",
        "server.allowed_origins: is empty, but ",
    ),
    (
        "RTCSTATS_SERVER__ALLOWED_ORIGINS",
        ",",
        "server.allowed_origins: is empty, but ",
    ),
    ("RTCSTATS_SERVER__TRUSTED_PROXIES", "", "write none to trust nobody"),
    (
        "RTCSTATS_DATABASE__POSTGRES__SSL_ROOT_CERT",
        "",
        "ssl_root_cert: is empty, but ",
    ),
    (
        "RTCSTATS_STORAGE__S3__ENDPOINT",
        "",
        "storage.s3.endpoint: is empty, but ",
    ),
    (
        "RTCSTATS_AUTHORIZATION__JWT_SECRET",
        "",
        "authorization.jwt_secret: is empty",
    ),
    (
        "RTCSTATS_AUTHORIZATION__JWT_SECRETS",
        ", ,",
        "authorization.jwt_secrets: is empty",
    ),
];

/// Values that look empty, or become so when they are read.
const UNSEEN: [&str; 9] = [
    " ",
    "\n",
    "\r\n",
    "\t",
    " \t\n",
    "\u{feff}",
    "\u{feff}\r\n",
    "\n \n",
    "\u{a0}",
];

const PROTECTED: &str = "[server]
allowed_origins = ['https://a.example']
trusted_proxies = ['10.0.0.0/8']
[database.postgres]
ssl_root_cert = '/etc/ca.pem'
[storage.s3]
endpoint = 'https://s3.example.org'
[authorization]
jwt_secret = 'correct horse battery staple and more'
";

#[test]
fn an_empty_variable_does_not_take_back_what_protects() {
    for (name, value, told) in EMPTY {
        let error = folder(PROTECTED).error(&[(name, value)]);
        assert!(
            error.starts_with(name) && error.contains(told),
            "{name}={value:?}: {error}"
        );
        if told.ends_with("but ") {
            assert!(error.contains("config.toml:"), "the place of what holds: {error}");
        }
    }
    // What is taken from a value before it is read, and blanks, do not make a value.
    for (name, _, told) in EMPTY.into_iter().filter(|(_, value, _)| value.is_empty()) {
        for value in UNSEEN {
            let error = folder(PROTECTED).error(&[(name, value)]);
            assert!(
                error.starts_with(name) && error.contains(told),
                "{name}={value:?}: {error}"
            );
        }
    }
    // Where nothing is given, an empty variable is as good as not set; commas alone were meant to separate something.
    let nothing = load(
        "",
        &[
            ("RTCSTATS_SERVER__ALLOWED_ORIGINS", ""),
            ("RTCSTATS_SERVER__TRUSTED_PROXIES", ""),
        ],
    );
    assert!(nothing.config.server.connection.allowed_origins.is_empty());
    assert!(error_of("RTCSTATS_SERVER__ALLOWED_ORIGINS", ", ").contains("is empty; take the variable away"));
    // An element that is empty is none.
    let some = load(
        "",
        &[(
            "RTCSTATS_SERVER__ALLOWED_ORIGINS",
            "https://a.example,, ,https://b.example,",
        )],
    );
    assert_eq!(some.config.server.connection.allowed_origins.len(), 2);
}

#[test]
fn an_empty_secret_lets_the_file_beside_it_hold_and_nothing_else() {
    let place = folder("");
    let url = place.directory.path().join("url");
    fs::write(&url, "postgres://u:p@h/d").unwrap();
    let loaded = place.load(&[
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        ("RTCSTATS_DATABASE__POSTGRES__URL", ""),
        ("RTCSTATS_DATABASE__POSTGRES__URL_FILE", url.to_str().unwrap()),
    ]);
    assert!(loaded.is_ok(), "{loaded:?}");
    for (key, other) in [
        ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"),
        ("SECRET_ACCESS_KEY", "ACCESS_KEY_ID"),
    ] {
        let error = place.error(&[
            ("RTCSTATS_STORAGE__BACKEND", "s3"),
            ("RTCSTATS_STORAGE__S3__BUCKET", "dumps"),
            (&format!("RTCSTATS_STORAGE__S3__{key}"), ""),
            (&format!("RTCSTATS_STORAGE__S3__{other}"), "given"),
        ]);
        assert!(error.contains("is empty"), "{error}");
    }
}

#[test]
fn quotes_and_what_cannot_be_seen_are_refused_in_every_value() {
    for (name, value, told) in [
        (
            "RTCSTATS_DATA_DIR",
            "\"/var/lib/x\"",
            "RTCSTATS_DATA_DIR: data_dir: stands in quotes",
        ),
        ("RTCSTATS_DATA_DIR", "'/var/lib/x'", "data_dir: stands in quotes"),
        ("RTCSTATS_DATA_DIR", "/var/lib\n/x", "data_dir: has more than one line"),
        (
            "RTCSTATS_DATA_DIR",
            "/var/lib/\u{200b}x",
            "data_dir: has a character that cannot be seen",
        ),
        (
            "RTCSTATS_DATA_DIR",
            "file:///var/lib/x",
            "data_dir: is a URL; name a path",
        ),
        (
            "RTCSTATS_SPOOL__DIRECTORY",
            "\"spool\"",
            "spool.directory: stands in quotes",
        ),
        (
            "RTCSTATS_STORAGE__DIRECTORY__KEY",
            "'{id}.jsonl.gz'",
            "storage.directory.key: stands in quotes",
        ),
        (
            "RTCSTATS_DATABASE__POSTGRES__TABLE",
            "\"rtcstats\"",
            "database.postgres.table: stands in quotes",
        ),
        (
            "RTCSTATS_PRIVACY__GEOIP_DATABASE",
            "\"/x.mmdb\"",
            "privacy.geoip_database: stands in quotes",
        ),
        (
            "RTCSTATS_SERVER__HOST_IDENTIFIER",
            "'a'",
            "server.host_identifier: stands in quotes",
        ),
    ] {
        let error = error_of(name, value);
        assert!(error.starts_with(name) && error.contains(told), "{name}: {error}");
    }
    assert_eq!(
        error("data_dir = '\"/x\"'"),
        "config.toml:1: data_dir: stands in quotes, which are part of the value here; leave the quotes out"
    );
    let trimmed = load("", &[("RTCSTATS_DATA_DIR", "\u{feff}/srv\n")]);
    assert_eq!(trimmed.config.data_dir, PathBuf::from("/srv"));
}

#[test]
fn a_table_where_a_value_belongs_is_told_by_its_own_key() {
    let full = "[server]\nmax_connections = 5\n";
    for (table, told) in [
        (
            "[authorization.jwt_secret]\nx = 1",
            "config.toml:3: authorization.jwt_secret: must be a value, not a table",
        ),
        (
            "[authorization.jwt_secrets]\nx = 1",
            "config.toml:3: authorization.jwt_secrets: must be a value",
        ),
        ("[log.level]\nx = 1", "config.toml:3: log.level: must be a value"),
        (
            "[limits.idle_time]\nx = 1",
            "config.toml:3: limits.idle_time: must be a value",
        ),
        (
            "[storage.s3.bucket]\nx = 1",
            "config.toml:3: storage.s3.bucket: must be a value",
        ),
        (
            "[database.postgres.url]\nx = 1",
            "config.toml:3: database.postgres.url: must be a value",
        ),
        ("[data_dir]\nx = 1", "config.toml:3: data_dir: must be a value"),
        (
            "[authorization.public_keys]\nx = 1",
            "config.toml:3: authorization.public_keys: must be a list of tables",
        ),
    ] {
        let error = error(&format!("{full}{table}"));
        assert!(error.starts_with(told), "{table}: {error}");
    }
    assert!(
        load(&format!("{full}[storage.s3.headers]\nx-amz-meta-a = 'b'"), &[])
            .warnings
            .len()
            == 1
    );
}

#[test]
fn a_misspelt_variable_is_told_with_the_right_one_by_every_command() {
    for (name, right) in [
        ("RTCSTATS_JWT_SECRET", "RTCSTATS_AUTHORIZATION__JWT_SECRET"),
        (
            "RTCSTATS_AUTHORIZATION_JWT_SECRET",
            "RTCSTATS_AUTHORIZATION__JWT_SECRET",
        ),
        ("RTCSTATS_JWT_SECRET_FILE", "RTCSTATS_AUTHORIZATION__JWT_SECRET_FILE"),
        ("RTCSTATS_SERVER_ALLOWED_ORIGINS", "RTCSTATS_SERVER__ALLOWED_ORIGINS"),
        (
            "RTCSTAT_AUTHORIZATION__JWT_SECRET",
            "RTCSTATS_AUTHORIZATION__JWT_SECRET",
        ),
        (
            "rtcstats_authorization__jwt_secret",
            "RTCSTATS_AUTHORIZATION__JWT_SECRET",
        ),
    ] {
        let loaded = load("", &[(name, SECRET)]);
        assert!(loaded.keys.verifier.is_open());
        let told = format!("{name} is not used: the variable for ");
        let warning = loaded.warnings.iter().find(|warning| warning.starts_with(&told));
        assert!(
            warning.is_some_and(|warning| warning.ends_with(&format!(" is {right}"))),
            "{:?}",
            loaded.warnings
        );
    }
    let server = Server::prepare(&[("RTCSTATS_JWT_SECRET", SECRET)]);
    let output = server.run(&["check-config"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("warning: RTCSTATS_JWT_SECRET is not used"), "{told}");
    assert!(!told.contains("horse"), "{told}");
}
