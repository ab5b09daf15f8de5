//! Stopping while something hangs for ever: the peer, the store, the disk, or all of them. The server ends by itself
//! within its time all the same, and says what it has left behind; after the next start everything is delivered.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use support::syscalls::{self, Deed, Rule, Syscalls};
use support::{Client, Server, wait_until};
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hangs {
    /// A peer that does not answer the close frame.
    Peer,
    /// A store that takes the connection and says nothing.
    Store,
    /// A disk that does not sync.
    Sync,
    /// A disk whose folders cannot be listed.
    Count,
    /// A disk that takes no writes and no names, so that the loop hangs as well.
    Disk,
}

const CASES: [&[Hangs]; 7] = [
    &[Hangs::Peer],
    &[Hangs::Store],
    &[Hangs::Store, Hangs::Peer],
    &[Hangs::Count],
    &[Hangs::Store, Hangs::Sync, Hangs::Count, Hangs::Peer],
    &[Hangs::Peer, Hangs::Disk],
    &[Hangs::Store, Hangs::Sync, Hangs::Count, Hangs::Peer, Hangs::Disk],
];

const SHUTDOWN_TIME: Duration = Duration::from_secs(4);

/// Far longer than any test waits.
const FOR_EVER: Deed = Deed::Waits(3600);

/// The calls of a disk that hangs, by what hangs.
const CALLS: [(Hangs, &str); 6] = [
    (Hangs::Sync, "syncfs"),
    (Hangs::Count, "getdents"),
    (Hangs::Disk, "write"),
    (Hangs::Disk, "rename"),
    (Hangs::Disk, "link"),
    (Hangs::Disk, "unlink"),
];

/// What the server says of each, unless its loop hangs.
fn says(hangs: Hangs) -> &'static str {
    match hangs {
        Hangs::Peer => "stopping: 1 connections are closed",
        Hangs::Store => "a delivery is still under way and is left to the next start",
        Hangs::Sync => "the last sync of the disks is still under way and is not waited for",
        Hangs::Count => "dumps that nobody could count in time wait on disk",
        Hangs::Disk => "the shutdown time is over and a call does not return: sessions",
    }
}

/// What hangs when the disk does, from the moment it is armed.
fn attach(server: &mut Server, case: &[Hangs]) -> Option<(Syscalls, TempDir)> {
    let hanging = CALLS.iter().filter(|(hangs, _)| case.contains(hangs));
    let rules: Vec<Rule> = hanging
        .map(|(_, call)| Rule::when_armed(call, "/spool", FOR_EVER))
        .collect();
    (!rules.is_empty()).then(|| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        (Syscalls::attach(server, folder.path(), &rules), folder)
    })
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
    let needs_calls = |case: &&&[Hangs]| CALLS.iter().any(|(hangs, _)| case.contains(hangs));
    let cases = CASES
        .iter()
        .filter(|case| syscalls::are_possible() || !needs_calls(case));
    // Each waits for seconds and does little.
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| ends_although(case));
        }
    });
}

fn ends_although(case: &[Hangs]) {
    let hangs = |what| case.contains(&what);
    let mut server = Server::prepare(&[("RTCSTATS_LIMITS__SHUTDOWN_TIME", "4s")]);
    let store = TcpListener::bind("127.0.0.1:0").expect("a port");
    if hangs(Hangs::Store) {
        let endpoint = format!("http://{}", store.local_addr().expect("an address"));
        STORE.iter().for_each(|(name, value)| server.set(name, value));
        pack_first(&mut server);
        server.set("RTCSTATS_STORAGE__S3__ENDPOINT", &endpoint);
    }
    let faults = attach(&mut server, case);
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
    if let Some((faults, _)) = &faults {
        wait_until("the session to end", || server.log().contains(" ended: messages 1"));
        faults.arm();
    }
    let begin = Instant::now();
    let status = server.stop();
    let took = begin.elapsed();
    assert!(took < 2 * SHUTDOWN_TIME, "{case:?}: it took {took:?}\n{}", server.log());
    // Nobody was told that the sessions are sealed.
    let is_cut_off = hangs(Hangs::Disk);
    assert_eq!(status.code(), Some(i32::from(is_cut_off)), "{case:?}");
    let told = case.iter().filter(|what| !is_cut_off || **what == Hangs::Disk);
    for what in told {
        assert!(server.log().contains(says(*what)), "{case:?}: {}", server.log());
    }
    Syscalls::detach(&mut server);
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
