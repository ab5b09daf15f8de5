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
    let system = target("postgres://u@h/d?sslmode=verify-full&sslrootcert=system");
    assert_eq!((system.check, system.roots), (Check::Name, None));
    let socket = Target::parse("host=/run/postgresql user=u", Some(SslMode::VerifyFull), None).unwrap();
    assert_eq!(socket.config.get_ssl_mode(), Wire::Disable);
    assert_eq!(socket.describe(), "database u on /run/postgresql:5432");
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

#[test]
fn errors_say_what_to_write_and_nothing_of_the_string() {
    for (url, told) in [
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
    ] {
        let error = Target::parse(url, None, None)
            .map(|target| target.describe())
            .unwrap_err();
        assert!(error.contains(told) && !error.contains("hunter2"), "{url}: {error}");
    }
}
