//! Stopping while something hangs for ever: the peer, the store, or both. The server ends by itself
//! all the same, and says what it has left behind; after the next start everything is delivered.

use std::net::TcpListener;

use support::{Client, Server, wait_until};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hangs {
    /// A peer that does not answer the close frame.
    Peer,
    /// A store that takes the connection and says nothing.
    Store,
}

const CASES: [&[Hangs]; 3] = [&[Hangs::Peer], &[Hangs::Store], &[Hangs::Store, Hangs::Peer]];

/// What the server says of each.
fn says(hangs: Hangs) -> &'static str {
    match hangs {
        Hangs::Peer => "stopping: 1 connections are closed",
        Hangs::Store => "a delivery is still under way and is left to the next start",
    }
}

const STORE: [(&str, &str); 6] = [
    ("RTCSTATS_STORAGE__BACKEND", "s3"),
    ("RTCSTATS_STORAGE__S3__BUCKET", "dumps"),
    ("RTCSTATS_STORAGE__S3__REGION", "us-east-1"),
    ("RTCSTATS_STORAGE__S3__PATH_STYLE", "true"),
    ("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID", "id"),
    ("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY", "secret"),
];

#[test]
fn a_server_ends_by_itself_whatever_hangs() {
    for case in CASES {
        ends_although(case);
    }
}

fn ends_although(case: &[Hangs]) {
    let hangs = |what| case.contains(&what);
    let mut server = Server::prepare(&[("RTCSTATS_LIMITS__SHUTDOWN_TIME", "2s")]);
    let store = TcpListener::bind("127.0.0.1:0").expect("a port");
    if hangs(Hangs::Store) {
        let endpoint = format!("http://{}", store.local_addr().expect("an address"));
        STORE.iter().for_each(|(name, value)| server.set(name, value));
        pack_first(&mut server);
        server.set("RTCSTATS_STORAGE__S3__ENDPOINT", &endpoint);
    }
    server.restart();
    let peer = hangs(Hangs::Peer).then(|| {
        let mut peer = Client::open(server.address(), "/");
        peer.send("[\"mute\",null,null,0]");
        peer.sync();
        peer
    });
    session(&server);
    // Closing them would be an answer.
    let mut taken = Vec::new();
    if hangs(Hangs::Store) {
        store.set_nonblocking(true).expect("a listener");
        // One connection is that of the start, which looks whether the store answers.
        wait_until("a hand to wait for the store", || {
            taken.extend(store.accept());
            taken.len() > 1
        });
    }
    let status = server.stop();
    assert!(status.success(), "{case:?}: {status}");
    for what in case {
        assert!(server.log().contains(says(*what)), "{case:?}: {}", server.log());
    }
    drop((peer, taken));
    STORE.iter().for_each(|(name, _)| server.unset(name));
    server.unset("RTCSTATS_STORAGE__S3__ENDPOINT");
    server.restart();
    let count = 1 + usize::from(hangs(Hangs::Store)) + usize::from(hangs(Hangs::Peer));
    assert_eq!(server.delivered(count).len(), count, "{case:?}");
}

/// Leaves a dump that waits for the store only, whatever the disk does later.
fn pack_first(server: &mut Server) {
    server.set("RTCSTATS_STORAGE__S3__ENDPOINT", "http://127.0.0.1:9");
    server.restart();
    session(server);
    wait_until("the outage", || server.log().contains("is down, dumps wait on disk"));
    assert!(server.stop().success());
}

fn session(server: &Server) {
    let mut client = Client::open(server.address(), "/");
    client.send("[\"done\",null,null,0]");
    client.close(None);
}
