//! Problems that an operator must solve: until then dumps wait, and afterwards all of them are stored, each once.

use std::net::TcpListener;

use support::moto::BUCKET;
use support::{Moto, Server};

use crate::s3::{assert_emptied, assert_waiting, prepare, rows, says, session, start};

/// With these settings dumps wait for this reason; with the right key and bucket they are delivered.
fn wait_and_mend(moto: &Moto, wrong: &[(&str, &str)], reason: &str) {
    let mut server = start(moto, &[]);
    server.stop();
    for (name, value) in wrong {
        server.set(name, value);
    }
    server.restart();
    session(&server, &["[1]"]);
    session(&server, &["[2]"]);
    says(
        &server,
        "is down, dumps wait on disk and are tried again until it works",
    );
    says(&server, reason);
    crate::s3::wait_until("both to be packed", || {
        let names = server.spooled();
        names
            .iter()
            .filter(|name| name.to_string_lossy().ends_with(".jsonl.gz"))
            .count()
            == 2
    });
    assert_waiting(&server, 2);
    server.stop();
    assert_waiting(&server, 2);
    assert!(!server.log().contains(&moto.key().1), "a secret is in the log");
    for (name, value) in Moto::environment(&moto.endpoint(), moto.key()) {
        server.set(&name, &value);
    }
    server.restart();
    rows(&server, 2);
    assert_emptied(&server);
    assert_eq!(moto.dumps(BUCKET).len(), 2);
}

#[test]
fn a_wrong_secret_delays_dumps() {
    let moto = Moto::start();
    let wrong = [("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY", "a-secret-that-is-wrong")];
    wait_and_mend(
        &moto,
        &wrong,
        "the secret access key is not that of the id (403 SignatureDoesNotMatch)",
    );
}

#[test]
fn a_wrong_key_delays_dumps() {
    let moto = Moto::start();
    let wrong = [("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA")];
    wait_and_mend(
        &moto,
        &wrong,
        "the access key id is not known there (403 InvalidAccessKeyId)",
    );
}

#[test]
fn a_missing_bucket_is_waited_for() {
    let moto = Moto::start();
    let mut server = prepare(&moto.endpoint(), moto.key(), &[]);
    server.set("RTCSTATS_STORAGE__S3__BUCKET", "later");
    server.restart();
    session(&server, &["[1]"]);
    says(&server, "the bucket does not exist (404 NoSuchBucket)");
    assert_waiting(&server, 1);
    moto.create_bucket("later");
    let urls = rows(&server, 1);
    assert!(urls[0].starts_with(&format!("{}/later/", moto.endpoint())), "{urls:?}");
    assert_emptied(&server);
    assert_eq!((moto.dumps("later").len(), moto.objects(BUCKET).len()), (1, 0));
    says(&server, "works again");
}

/// A server that accepts connections and bytes but never answers.
#[test]
fn a_hung_server_is_given_up_and_tried_again() {
    let moto = Moto::start();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let mut server: Server = prepare(&endpoint, moto.key(), &[]);
    server.restart();
    session(&server, &["[1]"]);
    says(
        &server,
        "is down, dumps wait on disk and are tried again until it works",
    );
    says(&server, "no answer in time");
    assert_waiting(&server, 1);
    session(&server, &["[2]"]);
    server.stop();
    server.set("RTCSTATS_STORAGE__S3__ENDPOINT", &moto.endpoint());
    server.restart();
    rows(&server, 2);
    assert_emptied(&server);
}
