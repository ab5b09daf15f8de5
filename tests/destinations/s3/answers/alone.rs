//! Refusals of one put beside which others are taken: that dump waits by itself, and the store stays open.

use std::sync::Mutex;

use support::strict_s3::{Answer, Reply};
use support::{StrictS3, each_at_once, wait_until};

use crate::s3::{assert_emptied, assert_held_back, prepare_for, rows, session};

type Named = (&'static str, fn() -> Reply);

/// What the first object is answered with, whenever it is sent.
const REFUSALS: [Named; 7] = [
    ("a permission for some keys", || Reply::error(403, "AccessDenied")),
    ("a firewall that dislikes the body", || Reply::page(403)),
    ("the same without a type", || {
        Reply::status(403).body("<html><body>Request blocked</body></html>")
    }),
    ("a header that a rule dislikes", || Reply::error(400, "InvalidRequest")),
    ("another writer", || Reply::error(409, "OperationAborted")),
    ("an object that may not be replaced", || Reply::status(412)),
    ("a lock of WebDAV", || Reply::status(423)),
];

/// A script that refuses the object that comes first.
fn refusing_the_first(store: &StrictS3, reply: fn() -> Reply) {
    let first = Mutex::new(None::<String>);
    store.answer(move |request| {
        if !request.is("PUT", ".jsonl.gz") {
            return None;
        }
        let mut first = first.lock().expect("no panic");
        let target = first.get_or_insert_with(|| request.target.clone());
        (*target == request.target).then(|| Answer::from(reply()))
    });
}

#[test]
fn one_refused_object_does_not_take_the_store_down() {
    each_at_once(
        &REFUSALS,
        |(name, _)| (*name).to_owned(),
        |(_, reply)| {
            let store = StrictS3::start();
            refusing_the_first(&store, *reply);
            let mut server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            wait_until("another object to be tried", || {
                store.count("DELETE", "rtcstats-server-probe") > 0
            });
            session(&server, &["[2]"]);
            rows(&server, 1);
            assert_held_back(&server, 1);
            assert!(!server.log().contains("is down"), "{}", server.log());
            server.kill();
            store.answer_plainly();
            server.restart();
            rows(&server, 2);
            assert_emptied(&server);
            assert_eq!(store.dumps().len(), 2);
        },
    );
}
