//! Stopping while any step towards bucket and table is under way. The server ends by itself and in time and says how
//! many dumps wait; after the next start each of them becomes one object and one row.
//!
//! A step that is held is held for ever, so nothing here depends on which side is faster. A second signal is tested
//! with an hour of patience configured: the fact that the server ends at all shows that it did not wait.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::process::Signal;
use support::gate::{Gate, Hold, Rule};
use support::server::free_port;
use support::{Client, Dump, Remote, Server, large, wait_for, wait_until};

const LIMIT: &str = "RTCSTATS_LIMITS__SHUTDOWN_TIME";
const SYNC_INTERVAL: &str = "RTCSTATS_SPOOL__SYNC_INTERVAL";

const HOUR: &str = "1h";
const SHORT: &str = "2s";

/// Records a session of one line, closed regularly.
fn session(server: &Server, line: &str) -> Vec<String> {
    let mut client = Client::open(server.address(), "/");
    client.send(line);
    client.close(None);
    vec![line.to_owned()]
}

fn count(server: &Server, words: &str) -> usize {
    server.log().matches(words).count()
}

/// Asserts that the server waits for work under way after the first signal, and ends at the second one.
fn ends_at_the_second_signal(server: &mut Server) {
    let before = count(server, "stopping: ");
    server.signal(Signal::TERM);
    wait_until("the server to stop", || count(server, "stopping: ") > before);
    assert!(server.ended_yet().is_none(), "nothing was under way");
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(1));
}

/// Asserts that the server ends by itself, and says that this many dumps wait.
fn ends_by_itself(server: &mut Server, waiting: usize) {
    let words = format!("; {waiting} dumps wait on disk for the next start");
    let before = count(server, &words);
    let status = server.stop();
    assert!(status.success(), "{status}");
    assert_eq!(count(server, &words), before + 1, "{words}\n{}", server.log());
}

/// The same, with work that is held much longer than the server waits, so that it is left behind.
fn leaves_behind_what_is_held(server: &mut Server, waiting: usize) {
    let words = "a delivery is still under way and is left to the next start";
    let before = count(server, words);
    ends_by_itself(server, waiting);
    assert_eq!(count(server, words), before + 1, "{}", server.log());
}

/// Stops the server with two signals at the step that `reach` waits for. Then brings it to the same step again, with a
/// short patience. `arm` is called before each start, and `begin` gives it its sessions after the first one.
fn stops_at<T>(server: &mut Server, arm: impl Fn(), begin: impl FnOnce(&Server) -> T, reach: impl Fn(&Server)) -> T {
    arm();
    server.set(LIMIT, HOUR);
    server.restart();
    let told = begin(server);
    reach(server);
    ends_at_the_second_signal(server);
    arm();
    server.set(LIMIT, SHORT);
    server.restart();
    reach(server);
    told
}

/// Asserts that exactly these sessions are stored, each once.
fn assert_dumps(dumps: &[Dump], mut expected: Vec<Vec<String>>) {
    let mut stored: Vec<&[String]> = dumps.iter().map(Dump::messages).collect();
    stored.sort_unstable();
    expected.sort_unstable();
    assert!(
        stored == expected,
        "{} dumps, {} expected",
        stored.len(),
        expected.len()
    );
}

/// A server that stops while the bucket holds its request, or the answer, or a part of a large dump.
fn stops_at_a_request(remote: &Remote, hold: Hold, words: &'static str) -> (Server, Vec<String>) {
    let gate = Gate::start(remote.moto.address());
    let mut server = Server::prepare(&[]);
    remote.configure_through(&mut server, &gate.endpoint(), &remote.cluster.url());
    let arm = || gate.hold(Rule { hold, words });
    let begin = |server: &Server| match words.contains("partNumber") {
        true => large::session(server, large::IN_PARTS),
        false => session(server, &format!("[\"{hold:?}\",null,null,0]")),
    };
    let told = stops_at(&mut server, arm, begin, |_| wait_until(words, || gate.holds()));
    leaves_behind_what_is_held(&mut server, 1);
    gate.open();
    server.restart();
    (server, told)
}

#[test]
fn while_the_bucket_holds_a_request_or_its_answer_or_a_part() {
    let remote = Remote::start();
    let moments = [
        (Hold::Request, "PUT /dumps/"),
        (Hold::Answer, "PUT /dumps/"),
        (Hold::Request, "?partNumber=2&"),
        (Hold::Answer, "?partNumber=1&"),
    ];
    let (servers, told): (Vec<Server>, Vec<Vec<String>>) = thread::scope(|scope| {
        let stop = |(hold, words)| {
            scope.spawn({
                let remote = &remote;
                move || stops_at_a_request(remote, hold, words)
            })
        };
        let threads = moments.map(stop);
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a server"))
            .unzip()
    });
    assert_dumps(&remote.delivered_by(&servers), told);
}

/// The row waits for a lock that the test holds, and then every process of the database is stopped.
#[test]
fn while_the_database_is_frozen_in_the_insert() {
    const INSERTING: &str = "wait_event_type = 'Lock' AND query LIKE 'INSERT %'";
    let remote = Remote::start();
    let cluster = &remote.cluster;
    let mut server = Server::prepare(&[]);
    remote.configure(&mut server);
    let mut locking = cluster.client();
    locking
        .batch_execute("BEGIN; LOCK TABLE rtcstats IN SHARE MODE")
        .expect("a lock can be had");
    let inserting = || cluster.number(&format!("SELECT count(*) FROM pg_stat_activity WHERE {INSERTING}"));
    let reach = |_: &Server| {
        wait_until("the insert", || inserting() == 1);
        cluster.freeze();
    };
    // The server's connection outlives the server as long as its process in the database waits for the lock.
    let cut = || {
        cluster.thaw();
        cluster.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {INSERTING}"
        ));
        wait_until("the connection to end", || inserting() == 0);
    };
    server.set(LIMIT, HOUR);
    server.restart();
    let told = session(&server, "[\"frozen\",null,null,0]");
    reach(&server);
    ends_at_the_second_signal(&mut server);
    cut();
    server.set(LIMIT, SHORT);
    server.restart();
    reach(&server);
    leaves_behind_what_is_held(&mut server, 1);
    cut();
    locking.batch_execute("ROLLBACK").expect("the lock can be given back");
    server.restart();
    assert_dumps(&remote.delivered(&server), vec![told]);
}

/// A server whose bucket cannot be reached.
fn without_bucket(remote: &Remote, url: &str) -> Server {
    let mut server = Server::prepare(&[]);
    remote.configure_through(&mut server, &format!("http://127.0.0.1:{}", free_port()), url);
    server
}

fn is_in_spool(server: &Server, end: &str) -> bool {
    server
        .spooled()
        .iter()
        .any(|file| file.to_string_lossy().ends_with(end))
}

#[test]
fn while_a_large_dump_is_packed() {
    let remote = Remote::start();
    let mut server = without_bucket(&remote, &remote.cluster.url());
    let partly_packed = |server: &Server| {
        let packed = server.data().join("spool/0/packed");
        let is_partial = |entry: fs::DirEntry| entry.path().extension().is_some_and(|end| end == "part");
        wait_until("the dump to be packed in part", || {
            fs::read_dir(&packed).into_iter().flatten().flatten().any(is_partial)
        });
    };
    let begin = |server: &Server| large::session(server, 2 * large::IN_PARTS);
    let told = stops_at(&mut server, || (), begin, partly_packed);
    ends_by_itself(&mut server, 1);
    remote.configure(&mut server);
    server.restart();
    assert_dumps(&remote.delivered(&server), vec![told]);
}

/// Nothing is under way, so the server does not use the hour that it has.
#[test]
fn while_dumps_are_parked() {
    let mut remote = Remote::start();
    let nowhere = format!("postgres://postgres@127.0.0.1:{}/postgres", free_port());
    let mut server = without_bucket(&remote, &nowhere);
    server.set(LIMIT, HOUR);
    server.restart();
    let lines: Vec<String> = (0..3)
        .map(|number| format!("[\"parked\",null,null,{number}]"))
        .collect();
    let told: Vec<_> = lines.iter().map(|line| session(&server, line)).collect();
    let packed = |server: &Server| {
        let files = server.spooled();
        files
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(".jsonl.gz"))
            .count()
    };
    wait_until("all to be packed", || packed(&server) == 3);
    wait_until("the outage to be told", || {
        server.log().contains("is down, dumps wait on disk")
    });
    ends_by_itself(&mut server, 3);
    // Now the bucket is back, and the database is still unreachable.
    remote.cluster.stop();
    remote.configure(&mut server);
    server.restart();
    wait_until("three objects", || remote.dumps().len() == 3);
    ends_by_itself(&mut server, 3);
    remote.cluster.restart();
    server.restart();
    assert_dumps(&remote.delivered(&server), told);
}

/// Puts a pipe that nobody writes to in the place of a manifest. Recovery reads the manifest if the dump is also there
/// unpacked.
fn trap(manifest: &Path) {
    fs::remove_file(manifest).expect("there is a manifest");
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, manifest, FileType::Fifo, mode, 0).expect("a pipe can be made");
}

/// Waits until somebody reads the pipe, and then keeps the reader waiting.
fn trapped(manifest: &Path) -> OwnedFd {
    wait_for("recovery to read the pipe", || {
        rustix::fs::open(manifest, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()).ok()
    })
}

#[test]
fn while_the_spool_is_recovered() {
    let remote = Remote::start();
    let mut server = without_bucket(&remote, &remote.cluster.url());
    // The unpacked file stays beside the packed one.
    server.set(SYNC_INTERVAL, "60s");
    server.restart();
    let sealed = session(&server, "[\"sealed\",null,null,0]");
    wait_until("it to be packed", || is_in_spool(&server, ".jsonl.gz"));
    let mut live = Client::open(server.address(), "/");
    live.send("[\"cut off\",null,null,0]");
    live.sync();
    server.kill();
    let packed = server.data().join("spool/0/packed");
    let files = fs::read_dir(&packed)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    let manifest = files
        .into_iter()
        .find(|file| file.extension().is_some_and(|end| end == "json"));
    let manifest = manifest.expect("a manifest");
    trap(&manifest);
    for patience in [HOUR, SHORT] {
        server.set(LIMIT, patience);
        server.restart();
        let pipe = trapped(&manifest);
        match patience {
            HOUR => ends_at_the_second_signal(&mut server),
            _ => leaves_behind_what_is_held(&mut server, 2),
        }
        drop(pipe);
    }
    fs::remove_file(&manifest).expect("the pipe is there");
    server.unset(SYNC_INTERVAL);
    remote.configure(&mut server);
    server.restart();
    let cut_off = vec!["[\"cut off\",null,null,0]".to_owned()];
    assert_dumps(&remote.delivered(&server), vec![sealed, cut_off]);
}
