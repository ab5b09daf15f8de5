//! Redirects: none is followed, because the request carries a signature and a dump.

use std::net::SocketAddr;

use support::certificate::certificate;
use support::strict_s3::{Reply, Request, Setup};
use support::{StrictS3, each_at_once};
use tempfile::TempDir;

use crate::s3::answers::{is_delivered_when_mended, waits_saying};
use crate::s3::{assert_waiting, prepare_for, says, session};

struct Redirect {
    name: &'static str,
    /// The answer to every request of an object, with the address of another store.
    reply: fn(SocketAddr, &Request) -> Reply,
    says: &'static [&'static str],
}

const REDIRECTS: [Redirect; 10] = [
    Redirect {
        name: "301 with the bucket's region and no place",
        reply: |_, _| Reply::error(301, "PermanentRedirect").with("x-amz-bucket-region", "eu-west-1"),
        says: &["eu-west-1", "storage.s3.region"],
    },
    Redirect {
        name: "301 with region and place",
        reply: |other, request| to(301, other, request).with("x-amz-bucket-region", "eu-west-1"),
        says: &["eu-west-1", "storage.s3.region"],
    },
    Redirect {
        name: "400 that names the region in its text",
        reply: |_, _| {
            let region = "<Region>ap-south-2</Region>";
            Reply::error_with(400, "AuthorizationHeaderMalformed", "the region is wrong", region)
        },
        says: &["ap-south-2", "storage.s3.region"],
    },
    Redirect {
        name: "301 to another port",
        reply: |other, request| to(301, other, request),
        says: &["(301"],
    },
    Redirect {
        name: "302, after which many clients ask with GET",
        reply: |other, request| to(302, other, request),
        says: &["(302"],
    },
    Redirect {
        name: "303",
        reply: |other, request| to(303, other, request),
        says: &["(303"],
    },
    Redirect {
        name: "307 to another port",
        reply: |other, request| to(307, other, request),
        says: &["(307"],
    },
    Redirect {
        name: "308 to another port",
        reply: |other, request| to(308, other, request),
        says: &["(308"],
    },
    Redirect {
        name: "302 to a page of the same host",
        reply: |_, _| Reply::page(302).with("Location", "/login?back=1"),
        says: &["(302"],
    },
    Redirect {
        name: "307 to the same place, for ever",
        reply: |_, request| Reply::status(307).with("Location", &request.target),
        says: &["(307"],
    },
];

fn to(status: u16, other: SocketAddr, request: &Request) -> Reply {
    Reply::status(status).with("Location", &format!("http://{other}{}", request.target))
}

#[test]
fn no_redirect_is_followed() {
    each_at_once(
        &REDIRECTS,
        |case| case.name.to_owned(),
        |case| {
            let (store, other) = (StrictS3::start(), StrictS3::start());
            let (reply, address) = (case.reply, other.address());
            store.answer(move |request| {
                let is_object = request.target.contains(".jsonl.gz");
                is_object.then(|| reply(address, request).into())
            });
            let server = waits_saying(&store, case.says);
            assert_eq!(other.requests().len(), 0, "the other store was asked");
            assert_eq!(store.count("GET", "login"), 0);
            assert_eq!(store.count("GET", ".jsonl.gz"), 0, "the put has become a get");
            is_delivered_when_mended(&store, server);
            assert_eq!(other.requests().len(), 0, "the other store was asked");
        },
    );
}

/// What was asked over TLS would go on in the clear.
#[test]
fn no_redirect_leads_out_of_tls() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let certificate = certificate(&folder, "IP:127.0.0.1");
    let store = StrictS3::start_with(Setup {
        certificate: Some(certificate.clone()),
        ..Setup::default()
    });
    let other = StrictS3::start();
    let address = other.address();
    store.answer(move |request| {
        let is_object = request.target.contains(".jsonl.gz");
        is_object.then(|| to(307, address, request).into())
    });
    let mut server = prepare_for(&store);
    server.set("SSL_CERT_FILE", certificate.authority.to_str().expect("a plain path"));
    server.restart();
    session(&server, &["[1]"]);
    says(&server, "(307");
    assert_waiting(&server, 1);
    assert!(store.count("PUT", ".jsonl.gz") > 0);
    assert_eq!(other.requests().len(), 0, "the other store was asked");
}
