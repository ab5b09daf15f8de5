//! Tests of connection strings in both forms: what is taken out of them, and that no error repeats a part of one.
use super::*;

fn target(url: &str) -> Target {
    Target::parse(url, None, None).unwrap()
}

#[test]
fn what_the_parser_does_not_know_is_taken_out_of_both_forms() {
    for url in [
        "postgres://u:p@h:5433/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
        "postgresql://u:p@h:5433/d?sslrootcert=/etc/ca.pem&application_name=x&sslmode=verify-full",
        "host=h port=5433 user=u password='p' dbname=d sslmode = 'verify-full' sslrootcert=/etc/ca.pem",
        "sslmode=verify-full sslrootcert=/etc/ca.pem host=h port=5433 user=u password=p dbname=d",
    ] {
        let target = target(url);
        assert_eq!(target.check, Check::Name, "{url}");
        assert_eq!(target.roots.as_deref(), Some(Path::new("/etc/ca.pem")), "{url}");
        assert_eq!(target.config.get_ssl_mode(), Wire::Require);
        assert_eq!(target.config.get_password(), Some(&b"p"[..]));
        assert_eq!(target.describe(), "database d on h:5433");
    }
}

#[test]
fn each_mode_asks_what_libpq_asks() {
    let parse = |mode: &str, roots: bool| {
        let file = roots.then_some(Path::new("ca.pem"));
        let target = Target::parse(&format!("postgres://u@h/d?sslmode={mode}"), None, file).unwrap();
        (target.config.get_ssl_mode(), target.check)
    };
    assert_eq!(parse("disable", true), (Wire::Disable, Check::Nothing));
    assert_eq!(parse("prefer", true), (Wire::Prefer, Check::Nothing));
    assert_eq!(parse("allow", false), (Wire::Prefer, Check::Nothing));
    assert_eq!(parse("require", false), (Wire::Require, Check::Nothing));
    assert_eq!(parse("require", true), (Wire::Require, Check::Authority));
    assert_eq!(parse("verify-ca", false), (Wire::Require, Check::Authority));
    assert_eq!(target("postgres://u@h/d").config.get_ssl_mode(), Wire::Prefer);
    let ours = Target::parse("postgres://u@h/d?sslmode=disable", Some(SslMode::VerifyCa), None).unwrap();
    assert_eq!(ours.check, Check::Authority, "the key of its own comes first");
    let socket = Target::parse("host=/run/postgresql user=u", Some(SslMode::VerifyFull), None).unwrap();
    assert_eq!(socket.config.get_ssl_mode(), Wire::Disable);
    assert_eq!(socket.describe(), "database u on /run/postgresql:5432");
}

#[test]
fn the_roots_of_the_system_stand_for_the_strictest_check() {
    for url in [
        "postgres://u@h/d?sslrootcert=system",
        "postgres://u@h/d?sslmode=verify-full&sslrootcert=system",
        "postgres://u@h/d?sslrootcert=%73ystem",
        "host=h user=u sslrootcert='system'",
    ] {
        let system = target(url);
        let found = (system.config.get_ssl_mode(), system.check, system.roots);
        assert_eq!(found, (Wire::Require, Check::Name, None), "{url}");
    }
    for mode in ["disable", "allow", "prefer", "require", "verify-ca"] {
        let url = format!("postgres://u@h/d?sslmode={mode}&sslrootcert=system");
        let error = Target::parse(&url, None, None).unwrap_err();
        assert!(
            error.contains("sslrootcert=system") && error.contains("verify-full"),
            "{url}: {error}"
        );
        let ours = Target::parse(&url, Some(SslMode::VerifyFull), None).unwrap();
        assert_eq!(ours.check, Check::Name, "the key of its own comes first");
    }
    let url = "postgres://u@h/d?sslrootcert=system";
    assert!(Target::parse(url, Some(SslMode::Prefer), None).is_err());
    let file = Path::new("ca.pem");
    let ours = Target::parse(url, None, Some(file)).unwrap();
    assert_eq!((ours.check, ours.roots.as_deref()), (Check::Name, Some(file)));
}

#[test]
fn several_servers_are_named() {
    let target = target("postgres://u@a:1,b:2/d?target_session_attrs=read-write");
    assert_eq!(target.describe(), "database d on a:1, b:2");
}

#[test]
fn values_of_words_may_hold_anything() {
    let target = target(r"host=h user=u password='a b\'c sslmode=x \\' sslmode=disable dbname=d\ e");
    assert_eq!(target.config.get_password(), Some(&br"a b'c sslmode=x \"[..]));
    assert_eq!(
        (target.config.get_dbname(), target.config.get_ssl_mode()),
        (Some("d e"), Wire::Disable)
    );
}

/// A string that cannot be used, and what is told about it.
const REFUSED: &[(&str, &str)] = &[
    ("", "names no host"),
    ("hunter2", "is no connection string"),
    ("postgres://u:hunter2@h:port/d", "invalid value for option `port`"),
    ("postgres://u:hunter2@h/d?sslmode=hunter2", "sslmode that is none of"),
    (
        "postgres://u:hunter2@h/d?sslcert=hunter2",
        "option sslcert, which is not supported",
    ),
    ("host=h password=my hunter2=x", "is no connection string"),
    ("host=h password='hunter2", "is no connection string"),
    ("postgres://u:hunter2@h/d?sslmode=%zz", "is no connection string"),
    ("postgres://u:hunter2/d", "invalid value for option `port`"),
    ("user=hunter2", "names no host"),
    // An `@` that is not encoded ends the password, whatever comes behind it.
    (
        "postgres://u:Pa@hunter2@127.0.0.1/db",
        "percent-encode special characters of the password",
    ),
    (
        "postgres://u:Pa@x/hunter2@127.0.0.1/db",
        "percent-encode special characters of the password",
    ),
    (
        "postgres://u:Pa@x,hunter2@127.0.0.1/db",
        "percent-encode special characters of the password",
    ),
    (
        "postgres://u:hunter2@@127.0.0.1/db",
        "percent-encode special characters of the password",
    ),
    (
        "postgres://u:Pa?hunter2@127.0.0.1/db",
        "percent-encode special characters of the password",
    ),
    (
        "postgres://u:Pa?x=1&hunter2@h/db",
        "percent-encode special characters of the password",
    ),
    (
        "postgres://me@hunter2:pw@h/db",
        "percent-encode special characters of the password",
    ),
    ("postgres://u:p@h;hunter2/db", "has a host that is no name of one"),
    ("postgres://u:p@h%40hunter2/db", "has a host that is no name of one"),
    ("postgres://u:p@h%20hunter2/db", "has a host that is no name of one"),
    (
        "host=h;port=5432;database=d;password=hunter2",
        "has a host that is no name of one",
    ),
    ("host=h user=u host=a@hunter2", "has a host that is no name of one"),
    ("Server=h;Database=d;Password=hunter2", "is no connection string"),
    ("postgres://u:hunter2@a,,b/d", "has an empty host in its list"),
    ("postgres://u:hunter2@a,/d", "has an empty host in its list"),
    ("host=a, user=hunter2", "has an empty host in its list"),
    // What libpq does not know is named if others know it.
    (
        "postgres://u:hunter2@h/d?pgbouncer=true",
        "the parameter pgbouncer, which is not PostgreSQL's",
    ),
    (
        "postgres://u:hunter2@h/d?sslmode=require&connection_limit=1",
        "connection_limit, which is not PostgreSQL's",
    ),
    (
        "postgres://u:hunter2@h/d?schema=public",
        "schema into database.postgres.table",
    ),
    (
        "postgres://u:hunter2@h/d?currentSchema=x",
        "schema into database.postgres.table",
    ),
    (
        "postgres://u:hunter2@h/d?prepareThreshold=0",
        "prepareThreshold, which is not PostgreSQL's",
    ),
    ("postgres://u:hunter2@h/d?ssl=require", "write sslmode=require"),
    (
        "postgres://u:hunter2@h/d?a=1&hunter2=1",
        "does not know, number 1 behind the ?",
    ),
    (
        "postgres://u:hunter2@h/d?user=u&hunter2=1",
        "does not know, number 2 behind the ?",
    ),
    (
        "postgres://u:hunter2@h/d?client_encoding=LATIN1",
        "a client_encoding other than UTF8",
    ),
    (
        "postgres://u:hunter2@h/d?gssencmode=require",
        "option gssencmode, which is not supported",
    ),
    (
        "postgres://u:hunter2@h/d?require_auth=scram-sha-256",
        "option require_auth, which is not supported",
    ),
    (
        "postgres://u:hunter2@h/d?keepalives_count=hunter2",
        "an invalid value for option `keepalives_count`",
    ),
    // Forms of other programs.
    (
        "postgresql+asyncpg://u:hunter2@h/d",
        "names a driver behind the + of its scheme",
    ),
    (
        "postgresql+psycopg2://u:hunter2@h/d",
        "names a driver behind the + of its scheme",
    ),
    (
        "jdbc:postgresql://h/d?password=hunter2",
        "is a JDBC URL; write it like postgres://",
    ),
    ("mysql://u:hunter2@h/d", "has another scheme than postgres://"),
    ("Postgres://u:hunter2@h/d", "has another scheme than postgres://"),
    ("psql postgres://u:hunter2@h/d", "is a command line"),
];

#[test]
fn errors_say_what_to_write_and_nothing_of_the_string() {
    for (url, told) in REFUSED {
        let error = Target::parse(url, None, None)
            .map(|target| target.describe())
            .unwrap_err();
        assert!(error.contains(told) && !error.contains("hunter2"), "{url}: {error}");
    }
}

#[test]
fn what_libpq_takes_is_taken() {
    const BOTH: [(&str, &str); 18] = [
        ("sslsni", "1"),
        ("sslsni", "0"),
        ("client_encoding", "UTF8"),
        ("client_encoding", "auto"),
        ("fallback_application_name", "x"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "10000"),
        ("ssl_min_protocol_version", "TLSv1.2"),
        ("ssl_min_protocol_version", "TLSv1.3"),
        ("ssl_max_protocol_version", "TLSv1.2"),
        ("gssencmode", "disable"),
        ("gssencmode", "prefer"),
        ("sslcompression", "0"),
        ("krbsrvname", "postgres"),
        ("sslcert", ""),
        ("sslcertmode", "disable"),
        ("target_session_attrs", "primary"),
        ("ssl", "true"),
    ];
    for (key, value) in BOTH {
        target(&format!("postgres://u:p@h/d?{key}={value}"));
        target(&format!("host=h user=u {key}='{value}' dbname=d"));
    }
    let target = target(
        "postgres://u:p@h/d?keepalives_count=3&tcp_user_timeout=10000&fallback_application_name=x&\
         ssl_min_protocol_version=TLSv1.3&sslsni=0&&target_session_attrs=primary&ssl=true",
    );
    assert_eq!(target.config.get_keepalives_retries(), Some(3));
    assert_eq!(target.config.get_tcp_user_timeout(), Some(&Duration::from_secs(10)));
    assert_eq!(target.config.get_application_name(), Some("x"));
    assert_eq!(target.config.get_ssl_mode(), Wire::Require);
    assert_eq!(
        (target.versions, target.greeting),
        (Versions::From13, Greeting::WithoutName)
    );
}

#[test]
fn passwords_that_are_encoded_or_need_not_be_are_taken_as_they_are() {
    for (url, password) in [
        ("postgres://u:Pa%40x@h/d", "Pa@x"),
        ("postgres://u:Pa/x@h/d", "Pa/x"),
        ("postgres://u:Pa#x;y=z@h/d", "Pa#x;y=z"),
        ("postgres://u@h/d?password=Pa@x", "Pa@x"),
        ("host=h user=u password=Pa@x", "Pa@x"),
        ("host=h user=u password='postgres://x'", "postgres://x"),
    ] {
        assert_eq!(target(url).config.get_password(), Some(password.as_bytes()), "{url}");
        assert!(!target(url).describe().contains("Pa"), "{url}");
    }
    let odd = target("postgres://u@h/a%40hunter2");
    assert_eq!(odd.describe(), "database of a name that is not shown on h:5432");
}
