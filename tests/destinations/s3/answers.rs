//! What a store may answer, and what the server makes of it: nothing is let go, no row written and no success told
//! unless the answer says that the object is there.
//!
//! The store is `StrictS3`, whose scripts answer as other stores do, or wrongly. Each kind is a table of cases; most
//! cases have a server of their own, and a few of them run at once, because they mostly wait. What the server says is
//! compared by the words that an operator needs.

mod addresses;
mod alone;
mod kept;
mod probe;
mod proxies;
mod redirects;
mod strays;
mod uploads;

use support::{Server, StrictS3};

use crate::s3::{assert_emptied, assert_waiting, prepare_for, rows, says, session};

/// A server with a session, whose dump then waits, and whose log says all these words.
fn waits_saying(store: &StrictS3, words: &[&str]) -> Server {
    let mut server = prepare_for(store);
    server.restart();
    session(&server, &["[1]"]);
    words.iter().for_each(|words| says(&server, words));
    assert_waiting(&server, 1);
    server
}

/// Once the store does what it should, the dump is delivered, once.
fn is_delivered_when_mended(store: &StrictS3, mut server: Server) {
    server.kill();
    store.answer_plainly();
    server.restart();
    let urls = rows(&server, 1);
    assert_emptied(&server);
    let objects = store.dumps();
    assert_eq!(objects.len(), 1);
    assert!(urls[0].ends_with(&objects[0].0), "{urls:?}");
    assert!(!server.log().contains(&store.key().1), "a secret is in the log");
}
