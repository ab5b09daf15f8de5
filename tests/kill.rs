//! Kills the real binary at random moments under a hundred live sessions, again and again on one data folder, and then
//! holds every line that a pong had vouched for against what was stored.
//!
//! Sessions send numbered lines of different lengths, some large enough that a write is made in parts; some end in
//! order, so that kills also meet sealing, packing and delivering, and every start meets what the kill before it left.
//! The moments come from a seed; what the scheduler makes of them differs from run to run, and must not matter.

#[path = "kill/load.rs"]
mod load;
mod support;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::Signal;

use load::{Record, Stage, line};
use support::{Dump, Server, wait_until};

const ROUNDS: usize = 50;
const THREADS: usize = 4;
const SESSIONS_PER_THREAD: usize = 25;
const SEED: u64 = 0x5eed_cafe;

/// Longest time from the moment at which all sessions are live to the kill.
const LIFE_MS_MAX: u64 = 300;

#[test]
fn what_a_pong_vouched_for_survives_fifty_kills() {
    let mut server = Server::start(&[]);
    let mut random = load::Random::new(SEED);
    let mut records = Vec::new();
    for round in 0..ROUNDS {
        if round > 0 {
            server.restart();
        }
        let life = Duration::from_millis(random.below(LIFE_MS_MAX));
        records.extend(live_and_die(&mut server, round, life));
    }
    server.restart();
    empty_the_spool(&server);
    assert_complete(&server, &records);
}

/// One round: all sessions come to life, and some time later the server is killed. What each session knows then.
fn live_and_die(server: &mut Server, round: usize, life: Duration) -> Vec<Record> {
    let stage = Stage {
        address: server.address(),
        live: AtomicUsize::new(0),
        killed: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let stage = &stage;
                let seed = SEED ^ (round * THREADS + thread + 1) as u64;
                scope.spawn(move || load::run(stage, round, thread, SESSIONS_PER_THREAD, seed))
            })
            .collect();
        wait_until("all sessions to be live", || {
            stage.live.load(Ordering::Relaxed) == THREADS * SESSIONS_PER_THREAD
        });
        std::thread::sleep(life);
        stage.killed.store(true, Ordering::Relaxed);
        if is_stopped_first(round) {
            server.signal(Signal::TERM);
            std::thread::sleep(life / 10);
        }
        server.kill();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a load thread"))
            .collect()
    })
}

/// In some rounds the kill comes while the server is stopping in order.
fn is_stopped_first(round: usize) -> bool {
    round % 5 == 4
}

/// Waits as long as deliveries go on; only their standing still is guarded against.
fn empty_the_spool(server: &Server) {
    loop {
        let left = server.spooled();
        if left.is_empty() {
            return;
        }
        wait_until(
            &format!(
                "one of {} files in the spool to go, such as {}",
                left.len(),
                left[0].display()
            ),
            || server.spooled().len() != left.len(),
        );
    }
}

fn assert_complete(server: &Server, records: &[Record]) {
    let known: HashMap<&str, &Record> = records.iter().map(|record| (record.name.as_str(), record)).collect();
    let dumps = server.dumps();
    let mut stored = HashSet::new();
    for dump in &dumps {
        let name = name_of(dump);
        let record = known.get(name.as_str()).unwrap_or_else(|| panic!("nobody sent {name}"));
        assert!(stored.insert(name.clone()), "{name} is stored twice");
        let messages = dump.messages();
        for (number, message) in messages.iter().enumerate() {
            assert!(
                *message == line(&name, number),
                "{name}: line {number} is torn, lost or doubled: {message:.200}"
            );
        }
        let count = messages.len();
        assert!(
            count >= record.acknowledged,
            "{name}: {count} lines, {} acknowledged",
            record.acknowledged
        );
        assert!(count <= record.sent, "{name}: {count} lines, {} sent", record.sent);
        let code = dump.close_code();
        assert!(
            code == 1006 || (code == 1000 && record.closed) || (code == 1001 && is_stopped_first(record.round)),
            "{name}: closed with {code}"
        );
    }
    for record in records.iter().filter(|record| record.acknowledged > 0) {
        assert!(
            stored.contains(&record.name),
            "{} is lost: {} lines acknowledged",
            record.name,
            record.acknowledged
        );
    }
    assert_rows(server, &dumps);
    let vouched: usize = records.iter().map(|record| record.acknowledged).sum();
    println!(
        "{} sessions, {} dumps, {vouched} lines vouched for",
        records.len(),
        dumps.len()
    );
    assert!(
        vouched > 10_000,
        "only {vouched} lines were vouched for: the load is too small to show anything"
    );
}

fn assert_rows(server: &Server, dumps: &[Dump]) {
    let rows = server.rows();
    let of_rows: HashSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    let of_dumps: HashSet<String> = dumps.iter().map(Dump::id).collect();
    assert_eq!(rows.len(), of_rows.len(), "a row twice");
    assert_eq!(of_rows, of_dumps, "rows and dumps");
}

/// The session's name, from its first line.
fn name_of(dump: &Dump) -> String {
    let first: serde_json::Value = serde_json::from_str(&dump.messages()[0]).expect("a line is JSON");
    first[2].as_str().expect("the third element is the name").to_string()
}
