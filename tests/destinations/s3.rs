//! The real binary with a bucket: objects as Amazon's library sees them, in a server that checks signatures.
//!
//! moto is the S3 server, and the faults are wrong keys, a missing bucket, unknown certificates, connections that hang,
//! a process that is killed between two requests. What other stores answer, and what a strict one refuses, is tested
//! with `StrictS3`. The tests assert where dumps are, never how long something took.

mod answers;
mod apart;
mod copies;
mod crash;
mod credentials;
mod erased;
mod features;
mod identity;
mod objects;
mod reading;
mod refused;
mod stores;
mod tls;

use support::moto::Key;
use support::{Client, Moto, Server, StrictS3, wait_until};

/// A server that delivers to the bucket at `endpoint`, not started yet.
fn prepare(endpoint: &str, key: &Key, further: &[(&str, &str)]) -> Server {
    let mut server = Server::prepare(further);
    for (name, value) in Moto::environment(endpoint, key) {
        server.set(&name, &value);
    }
    server
}

/// A server that delivers to the bucket of `moto`.
fn start(moto: &Moto, further: &[(&str, &str)]) -> Server {
    let mut server = prepare(&moto.endpoint(), moto.key(), further);
    server.restart();
    server
}

/// A server that delivers to this store, not started yet.
fn prepare_for(store: &StrictS3) -> Server {
    let mut server = Server::prepare(&[]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server
}

/// Makes names that nobody knows be given up at once, even if no name server answers.
fn give_names_up(server: &mut Server) {
    server.set("RES_OPTIONS", "timeout:1 attempts:1");
}

/// A session of these lines, closed regularly.
fn session(server: &Server, lines: &[&str]) {
    let mut client = Client::open(server.address(), "/");
    lines.iter().for_each(|line| client.send(line));
    client.close(None);
}

/// Waits for `count` rows, and returns their URLs.
fn rows(server: &Server, count: usize) -> Vec<String> {
    wait_until(&format!("{count} rows"), || server.rows().len() >= count);
    let rows = server.rows();
    assert_eq!(rows.len(), count);
    rows.into_iter()
        .map(|row| row.blob_url.expect("each row has a URL"))
        .collect()
}

/// Waits until the log says this.
fn says(server: &Server, words: &str) {
    wait_until(&format!("the log to say: {words}"), || server.log().contains(words));
}

/// Waits until this many dumps wait, and asserts that none is given up and none has a row.
fn assert_waiting(server: &Server, count: usize) {
    assert_held_back(server, count);
    assert!(server.rows().is_empty());
}

/// Waits until this many dumps wait, and asserts that none is given up. Files of a dump that was delivered go a moment
/// after its row.
fn assert_held_back(server: &Server, count: usize) {
    let names = || server.spooled().into_iter().map(|path| path.display().to_string());
    wait_until(&format!("{count} dumps to wait"), || {
        names().filter(|name| name.ends_with(".jsonl.gz")).count() == count
    });
    let names: Vec<String> = names().collect();
    assert!(!names.iter().any(|name| name.contains("/failed/")), "{names:?}");
}

/// Waits until nothing is left in the spool.
fn assert_emptied(server: &Server) {
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

/// What a command prints, and whether it succeeded.
fn told(server: &Server, arguments: &[&str]) -> (bool, String) {
    let output = server.run(arguments);
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).expect("text"))
}
