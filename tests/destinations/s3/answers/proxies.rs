//! Forward proxies, as the environment names them: used as curl does, named at the start, never with their password.

use std::net::TcpListener;
use std::time::Duration;

use support::certificate::certificate;
use support::metadata::Endpoint;
use support::strict_s3::Setup;
use support::{Forward, Moto, Server, StrictS3, each_at_once};
use tempfile::TempDir;

use crate::s3::{assert_emptied, assert_waiting, give_names_up, prepare, prepare_for, rows, says, session};

struct Way {
    /// PROXY is the proxy's address.
    variables: &'static [(&'static str, &'static str)],
    /// What the proxy is told about the user, if it is asked at all.
    goes: Goes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    Directly,
    Through(Option<&'static str>),
}

use Goes::{Directly, Through};

const WAYS: [Way; 16] = [
    Way {
        variables: &[("http_proxy", "http://PROXY")],
        goes: Through(None),
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "localhost,")],
        goes: Through(None),
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "")],
        goes: Through(None),
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("no_proxy", " , ,")],
        goes: Through(None),
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "27.0.0.1,.0.0.1")],
        goes: Through(None),
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "127.0.0.1")],
        goes: Directly,
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "a.example.org, 127.0.0.1")],
        goes: Directly,
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "127.0.0.0/8")],
        goes: Directly,
    },
    Way {
        variables: &[("http_proxy", "http://PROXY"), ("NO_PROXY", "*")],
        goes: Directly,
    },
    Way {
        variables: &[("http_proxy", "")],
        goes: Directly,
    },
    // curl does not read this one, because CGI gives it to programs.
    Way {
        variables: &[("HTTP_PROXY", "http://PROXY")],
        goes: Directly,
    },
    Way {
        variables: &[("all_proxy", "http://PROXY")],
        goes: Through(None),
    },
    Way {
        variables: &[("https_proxy", "http://PROXY")],
        goes: Directly,
    },
    Way {
        variables: &[("http_proxy", "http://user:p%40ss@PROXY")],
        goes: Through(Some("user:p@ss")),
    },
    Way {
        variables: &[("http_proxy", "http://us%3Aer:a+b%C3%A9@PROXY")],
        goes: Through(Some("us:er:a+bé")),
    },
    Way {
        variables: &[("http_proxy", "PROXY")],
        goes: Through(None),
    },
];

#[test]
fn the_environment_decides_as_with_curl() {
    each_at_once(
        &WAYS,
        |way| format!("{:?}", way.variables),
        |way| {
            let store = StrictS3::start();
            let user = match way.goes {
                Through(user) => user,
                Directly => None,
            };
            let proxy = Forward::start_for(user, &[("127.0.0.1", store.address())]);
            let mut server = prepare_for(&store);
            for (name, value) in way.variables {
                server.set(name, &value.replace("PROXY", &proxy.address().to_string()));
            }
            server.restart();
            session(&server, &["[1]"]);
            rows(&server, 1);
            assert_emptied(&server);
            let asked = proxy.asked();
            assert_eq!(asked.is_empty(), way.goes == Directly, "{asked:?}");
            if let Through(user) = way.goes {
                assert!(asked.iter().all(|asked| asked.user.as_deref() == user), "{asked:?}");
                assert!(
                    asked
                        .iter()
                        .any(|asked| asked.line.starts_with("PUT http://127.0.0.1:")),
                    "{asked:?}"
                );
                says(&server, &format!("http://{}", proxy.address()));
            }
            let log = server.log();
            assert!(
                ["p%40ss", "p@ss", "a+b"].iter().all(|secret| !log.contains(secret)),
                "{log}"
            );
        },
    );
}

/// With TLS only the name goes to the proxy; user and password are for the proxy alone.
#[test]
fn a_tunnel_is_asked_for_with_the_password() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let certificate = certificate(&folder, "DNS:s3.example.org");
    let store = StrictS3::start_with(Setup {
        certificate: Some(certificate.clone()),
        ..Setup::default()
    });
    let proxy = Forward::start_for(Some("user:p@ss:%"), &[("s3.example.org", store.address())]);
    let mut server = prepare_for(&store);
    server.set("RTCSTATS_STORAGE__S3__ENDPOINT", "https://s3.example.org");
    server.set("RTCSTATS_STORAGE__S3__PATH_STYLE", "true");
    server.set("SSL_CERT_FILE", certificate.authority.to_str().expect("a plain path"));
    server.set("HTTPS_PROXY", &proxy.url_for("user:p%40ss%3A%25"));
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    assert_emptied(&server);
    let asked = proxy.asked();
    assert!(
        asked.iter().all(|asked| asked.line == "CONNECT s3.example.org:443"),
        "{asked:?}"
    );
    let names = |request: support::strict_s3::Request| request.header("proxy-authorization").is_some();
    assert!(
        !store.requests().into_iter().any(names),
        "the store was told the password"
    );
}

/// What is wrong with a proxy is told as the proxy's, and without its password.
#[test]
fn a_proxy_that_refuses_is_named() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let gone = gone.local_addr().expect("an address").to_string();
    let store = StrictS3::start();
    let asks = Forward::start_for(Some("user:other"), &[("127.0.0.1", store.address())]);
    let knows_nobody = Forward::start(&[]);
    let cases = [
        (format!("http://user:secret@{}", asks.address()), "407"),
        (format!("http://{}", asks.address()), "407"),
        (format!("http://user:secret@{}", knows_nobody.address()), "502"),
        (format!("http://user:secret@{gone}"), "proxy"),
        ("http://user:secret@proxy.invalid:3128".to_owned(), "proxy"),
        ("socks5://user:secret@127.0.0.1:1080".to_owned(), "proxy"),
        ("http://user:sec/ret@127.0.0.1:3128".to_owned(), "proxy"),
    ];
    each_at_once(
        &cases,
        |(url, _)| url.clone(),
        |(url, word)| {
            let mut server: Server = prepare_for(&store);
            server.set("http_proxy", url);
            give_names_up(&mut server);
            server.restart();
            session(&server, &["[1]"]);
            says(&server, "is down");
            says(&server, word);
            assert_waiting(&server, 1);
            let log = server.log();
            assert!(
                log.contains("proxy") && !log.contains("secret") && !log.contains("sec/ret"),
                "{log}"
            );
        },
    );
    assert!(store.dumps().is_empty());
}

/// Keys come from a service of this machine, whose address no proxy could reach, and which no proxy may see.
#[test]
fn services_of_this_machine_are_never_asked_over_it() {
    let moto = Moto::start();
    let endpoint = Endpoint::start(vec![moto.new_session("container")], Duration::from_secs(3600));
    let proxy = Forward::start(&[("127.0.0.1", moto.address())]);
    let mut server = prepare(&moto.endpoint(), moto.key(), &[("http_proxy", &proxy.url())]);
    endpoint.configure(&mut server);
    server.restart();
    session(&server, &["[1]"]);
    rows(&server, 1);
    assert_emptied(&server);
    let asked = proxy.asked();
    assert!(asked.iter().any(|asked| asked.line.starts_with("PUT ")), "{asked:?}");
    assert!(
        !asked.iter().any(|asked| asked.line.contains("/credentials")),
        "{asked:?}"
    );
    assert!(endpoint.count() > 0);
}
