//! Kills the real binary at random moments under live sessions, again and again on one data folder. Afterwards every
//! line that a pong had acknowledged is compared with what was stored.
//!
//! Sessions send numbered lines of different lengths, some so long that a write is made in parts. Some sessions end
//! regularly, so that kills also interrupt sealing, packing and delivering, and every start finds what the kill before
//! it has left. The moments come from a seed. What the scheduler makes of them differs from run to run, and must not
//! matter.

pub mod judge;
pub mod load;

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use support::stored::files_below;
use support::{Dump, Remote, Server, large, wait_until};

use judge::assert_complete;
use load::{Load, Record, Stage};

const SEED: u64 = 0x5eed_cafe;

/// The longest time from the moment at which all sessions are live to the kill.
const LIFE_MS_MAX: u64 = 300;

/// A hundred sessions that send as fast as they can.
const HEAVY: Load = Load {
    threads: 4,
    sessions_per_thread: 25,
    turns_per_leave: 3,
    pause: Duration::ZERO,
};

/// So few dumps that a bucket written in Python can keep up.
const LIGHT: Load = Load {
    threads: 2,
    sessions_per_thread: 6,
    turns_per_leave: 15,
    pause: Duration::from_millis(20),
};

/// With a bucket, in one of this many rounds a session ends whose dump goes in parts.
const ROUNDS_PER_LARGE: usize = 20;

#[test]
fn what_a_pong_vouched_for_survives_fifty_kills() {
    let mut server = Server::prepare(&[]);
    let records = live_and_die_again(&mut server, 50, HEAVY, false);
    server.restart();
    empty_the_spool(&server);
    let dumps = server.dumps();
    let vouched = assert_complete(&dumps, &records);
    assert_rows(&server, &dumps);
    assert_enough(vouched);
}

/// Nothing is waited for between the rounds, so each start finds deliveries at any step.
#[test]
fn what_a_pong_vouched_for_survives_two_hundred_kills_on_its_way_to_bucket_and_table() {
    let remote = Remote::start();
    // Nothing goes to the bucket before a sync, and each life is shorter than the default sync interval of a second.
    let mut server = Server::prepare(&[("RTCSTATS_SPOOL__SYNC_INTERVAL", "30ms")]);
    remote.configure(&mut server);
    let rounds = 200;
    let records = live_and_die_again(&mut server, rounds, LIGHT, true);
    server.restart();
    empty_the_spool(&server);
    let vouched = assert_complete(&remote.delivered(&server), &records);
    assert_enough(vouched);
    let begun = remote.moto.requests("\"POST /", "?uploads");
    let large = rounds.div_ceil(ROUNDS_PER_LARGE);
    assert!(
        begun > large,
        "no kill met an upload in parts: {begun} for {large} dumps"
    );
}

fn assert_enough(vouched: usize) {
    assert!(
        vouched > 10_000,
        "only {vouched} lines were vouched for: the load is too small to show anything"
    );
}

/// Plays this many rounds, each of which ends with a kill, and returns what all sessions know then. If `large` is set,
/// some of their dumps are large.
fn live_and_die_again(server: &mut Server, rounds: usize, load: Load, large: bool) -> Vec<Record> {
    let mut random = load::Random::new(SEED);
    let mut records = Vec::new();
    for round in 0..rounds {
        server.restart();
        let life = Duration::from_millis(random.below(LIFE_MS_MAX));
        let has_large = large && round % ROUNDS_PER_LARGE == 0;
        records.extend(live_and_die(server, round, load, has_large, life));
    }
    records
}

/// One round: all sessions come to life, and some time later the server is killed. Returns what each session knows
/// then.
fn live_and_die(server: &mut Server, round: usize, load: Load, has_large: bool, life: Duration) -> Vec<Record> {
    let stage = Stage {
        address: server.address(),
        load,
        live: AtomicUsize::new(0),
        killed: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..load.threads)
            .map(|thread| {
                let stage = &stage;
                let seed = SEED ^ (round * load.threads + thread + 1) as u64;
                scope.spawn(move || load::run(stage, round, thread, seed))
            })
            .collect();
        // Caught, because the threads end only when the server has ended.
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let large = has_large.then(|| load::run_large(&stage, round));
            wait_until("all sessions to be live", || {
                stage.live.load(Ordering::Relaxed) == load.threads * load.sessions_per_thread
            });
            // Packing begins anew with each life. A kill during the upload needs a dump that gets that far.
            wait_until("large dumps to be packed", || !has_large_dump_to_pack(server));
            std::thread::sleep(life);
            large
        }));
        stage.killed.store(true, Ordering::Relaxed);
        if is_stopped_first(round) {
            server.signal(Signal::TERM);
            std::thread::sleep(life / 10);
        }
        server.kill();
        let records = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a load thread"));
        records
            .chain(lived.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// In some rounds the kill comes during a regular stop of the server.
fn is_stopped_first(round: usize) -> bool {
    round % 5 == 4
}

fn has_large_dump_to_pack(server: &Server) -> bool {
    let packed = server.data().join("spool/0/packed");
    let sealed = files_below(&server.data().join("spool/0/ready")).into_iter();
    let mut large = sealed.filter(|file| fs::metadata(file).is_ok_and(|meta| meta.len() > large::IN_PARTS as u64));
    large.any(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        !packed.join(format!("{name}.gz")).exists() && file.exists()
    })
}

/// Waits as long as deliveries go on; it only fails when they stand still.
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

fn assert_rows(server: &Server, dumps: &[Dump]) {
    let rows = server.rows();
    let of_rows: HashSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    let of_dumps: HashSet<String> = dumps.iter().map(Dump::id).collect();
    assert_eq!(rows.len(), of_rows.len(), "a row twice");
    assert_eq!(of_rows, of_dumps, "rows and dumps");
}
