//! Where requests go: an endpoint is read once, and what is signed is what is sent.

use std::net::{IpAddr, Ipv6Addr};

use support::certificate::certificate;
use support::strict_s3::{Bucket, Setup};
use support::{Forward, Moto, Server, StrictS3, each_at_once};
use tempfile::TempDir;

use crate::s3::{assert_emptied, give_names_up, prepare_for, rows, says, session, told};

const ENDPOINT: &str = "RTCSTATS_STORAGE__S3__ENDPOINT";

/// Endpoints as people write them, the style of the bucket, and what URLs begin with. PORT is the store's.
const WAYS: [(&str, &str, &str); 9] = [
    (
        "http://S3.Example.Org:PORT",
        "false",
        "http://dumps.s3.example.org:PORT/",
    ),
    (
        "http://S3.Example.Org:PORT",
        "true",
        "http://s3.example.org:PORT/dumps/",
    ),
    (
        "HTTP://s3.example.org:PORT/",
        "true",
        "http://s3.example.org:PORT/dumps/",
    ),
    ("http://s3.example.org:80", "true", "http://s3.example.org/dumps/"),
    ("http://s3.example.org", "false", "http://dumps.s3.example.org/"),
    ("http://127.0.0.1:PORT", "false", "http://127.0.0.1:PORT/dumps/"),
    ("http://[::1]:PORT", "false", "http://[::1]:PORT/dumps/"),
    ("http://[0:0:0:0:0:0:0:1]:PORT", "true", "http://[::1]:PORT/dumps/"),
    (
        "http://[::FFFF:7F00:1]:PORT",
        "true",
        "http://[::ffff:127.0.0.1]:PORT/dumps/",
    ),
];

/// Names have no address here, so a proxy leads them to the store. Like all proxies it writes the host from the
/// address that it is asked for.
#[test]
fn what_is_signed_is_what_is_sent() {
    each_at_once(
        &WAYS,
        |(endpoint, style, _)| format!("{endpoint} {style}"),
        |(endpoint, style, begin)| {
            let is_v6 = endpoint.contains("[::1]") || endpoint.contains("[0:");
            let host = if is_v6 {
                IpAddr::V6(Ipv6Addr::LOCALHOST)
            } else {
                Setup::default().host
            };
            let store = StrictS3::start_with(Setup {
                host,
                domain: Some("s3.example.org".to_owned()),
                ..Setup::default()
            });
            let names = ["s3.example.org", "dumps.s3.example.org"];
            let proxy = Forward::start(&names.map(|name| (name, store.address())));
            let port = store.address().port().to_string();
            let mut server = prepare_for(&store);
            server.set(ENDPOINT, &endpoint.replace("PORT", &port));
            server.set("RTCSTATS_STORAGE__S3__PATH_STYLE", style);
            if endpoint.to_ascii_lowercase().contains("example") {
                server.set("http_proxy", &proxy.url());
            }
            server.restart();
            session(&server, &["[1]"]);
            let urls = rows(&server, 1);
            assert_emptied(&server);
            assert!(urls[0].starts_with(&begin.replace("PORT", &port)), "{urls:?}");
            assert_eq!(store.dumps().len(), 1);
            let id = server.rows()[0].id.clone();
            let (done, said) = told(&server, &["erase", "--id", &id, "--yes"]);
            assert!(done && store.dumps().is_empty(), "{said}");
        },
    );
}

/// The same over TLS, whose certificate has to name the host as the endpoint does.
#[test]
fn an_address_of_version_6_works_over_tls() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let certificate = certificate(&folder, "IP:::1");
    let store = StrictS3::start_with(Setup {
        host: Ipv6Addr::LOCALHOST.into(),
        certificate: Some(certificate.clone()),
        ..Setup::default()
    });
    let mut server = prepare_for(&store);
    server.set("SSL_CERT_FILE", certificate.authority.to_str().expect("a plain path"));
    server.restart();
    session(&server, &["[1]"]);
    let urls = rows(&server, 1);
    assert_emptied(&server);
    assert!(urls[0].starts_with(&format!("https://[::1]:{}/dumps/", store.address().port())));
}

/// Endpoints with more in them than an address, and what has to be told. `true`: the configuration is refused.
const PASTED: [(&str, bool, &str); 8] = [
    ("http://127.0.0.1:9/dumps", false, "write http://127.0.0.1:9"),
    (
        "http://127.0.0.1:9/store/dumps/",
        false,
        "write http://127.0.0.1:9/store",
    ),
    (
        "https://dumps.s3.example.invalid",
        false,
        "write https://s3.example.invalid",
    ),
    (
        "HTTPS://Dumps.S3.Example.invalid/",
        false,
        "write https://s3.example.invalid",
    ),
    ("https://user:secret@s3.example.org", true, "endpoint"),
    ("https://s3.example.org/?list-type=2", true, "endpoint"),
    ("s3://dumps", true, "endpoint"),
    ("s3.example.org", true, "endpoint"),
];

#[test]
fn a_bucket_that_stands_in_the_endpoint_already_is_told() {
    each_at_once(
        &PASTED,
        |(endpoint, ..)| (*endpoint).to_owned(),
        |(endpoint, is_refused, names)| {
            let mut server = Server::prepare(&[]);
            for (name, value) in Moto::environment(endpoint, &("AKIDEXAMPLE".to_owned(), "some".to_owned())) {
                server.set(&name, &value);
            }
            give_names_up(&mut server);
            let arguments = ["check-config", "--probe"];
            let (done, said) = if *is_refused {
                told(&server, &arguments[..1])
            } else {
                told_of_probe(&server)
            };
            assert!(!done && said.contains("endpoint") && said.contains(names), "{said}");
            assert!(!said.contains("secret@"), "{said}");
            if !is_refused {
                server.restart();
                says(&server, "storage.s3.endpoint has the bucket's name in it already");
            }
        },
    );
}

/// The bucket's name cannot be resolved in front of the host's, as with a store of one's own.
#[test]
fn a_bucket_that_has_no_address_names_the_other_style() {
    let mut server = Server::prepare(&[]);
    for (name, value) in StrictS3::start().environment() {
        server.set(&name, &value);
    }
    give_names_up(&mut server);
    for host in ["minio", "minio:9000", "store.internal"] {
        server.set(ENDPOINT, &format!("http://{host}"));
        let (done, said) = told_of_probe(&server);
        assert!(!done && said.contains("path_style"), "{host}: {said}");
    }
    server.restart();
    session(&server, &["[1]"]);
    says(&server, "path_style");
}

fn told_of_probe(server: &Server) -> (bool, String) {
    std::fs::create_dir_all(server.data()).expect("a data folder");
    told(server, &["check-config", "--probe"])
}

/// A store that looks for the bucket in the path only: a put of `/KEY` makes a bucket of that name there.
#[test]
fn a_store_that_ignores_the_host_names_the_other_style() {
    let store = StrictS3::start();
    let proxy = Forward::start(&[("dumps.s3.example.org", store.address())]);
    let mut server = prepare_for(&store);
    server.set(ENDPOINT, "http://s3.example.org");
    server.set("http_proxy", &proxy.url());
    server.restart();
    session(&server, &["[1]"]);
    says(&server, "path_style");
    let (done, said) = told_of_probe(&server);
    assert!(!done && said.contains("path_style"), "{said}");
    assert!(server.rows().is_empty() && store.dumps().is_empty());
    let made = store.change(|store| store.buckets.values().filter(|bucket| is_unused(bucket)).count());
    assert!(made > 0, "the put has made no bucket, so this shows nothing");
}

fn is_unused(bucket: &Bucket) -> bool {
    bucket.keys.is_empty()
}
