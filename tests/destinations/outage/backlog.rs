//! Hundreds of dumps wait for a destination that is down. They wait on disk, and nothing in the process grows with
//! their number.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use support::proxy::Fault::{Answer, Reset};
use support::{Remote, large};

use crate::outage::assert_delivered;
use crate::outage::faults::{Case, Fault};
use crate::outage::journey::WORKERS;
use crate::outage::process::Process;
use crate::outage::site::{Session, Site};

static CASES: [Case; 2] = [
    Case {
        name: "backlog before the store",
        fault: Fault::Store(Answer(503, "SlowDown")),
        says: "(503 SlowDown)",
    },
    Case {
        name: "backlog before the database",
        fault: Fault::Database(Reset),
        says: "is down",
    },
];

/// Dumps that wait when the process is measured first, and those that are added later.
const FEW: usize = 2 * WORKERS;
const MANY: usize = 200;

/// The length of the one line in a dump, which packs to five eighths of it.
const LINE_BYTES: usize = 100_000;

/// How much more memory the process may take with many dumps than with few: less than half of the packed dumps. Each
/// worker has a compressor (256 KiB) and a few copies of one line, but these exist with few dumps already. The window
/// has 100 bytes for each dump.
const GROWTH_KIB_MAX: usize = MANY * LINE_BYTES / 1024 * 5 / 8 / 2;

/// What one probe has open for a moment: a file, two descriptors of a socket to the store, a socket to the database and
/// its runtime.
const PROBE_DESCRIPTORS: usize = 8;

/// The shortest pause between two probes (`RETRY_PAUSE_S_MIN`).
const PAUSE_S: usize = 5;

#[test]
fn a_backlog_costs_disk_and_nothing_else() {
    let remote = Mutex::new(Remote::start());
    let sent: Vec<Session> = thread::scope(|scope| {
        let start = |case: &'static Case| scope.spawn(|| pile_up(case, &remote));
        let threads: Vec<_> = CASES.iter().map(start).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a case failed, see above"))
            .collect()
    });
    let remote = remote.into_inner().expect("no case panicked");
    assert_delivered(&remote.settled(), sent);
}

fn pile_up(case: &Case, remote: &Mutex<Remote>) -> Vec<Session> {
    let mut site = Site::start(case, remote);
    site.session("");
    site.wait("everything to work", Site::is_idle);
    let begin = Instant::now();
    case.fault.begin(&mut site);
    pack(&mut site, FEW, 0);
    site.wait("the destination to be down", |site| {
        site.server.log().contains(case.says)
    });
    let few = Process::of(&site.server);
    pack(&mut site, MANY, FEW);
    let seen = case.fault.seen(&site).expect("there is a proxy");
    // The connections of the workers that met the outage, and one probe for each pause. A probe that finds its idle
    // connection cut makes another one.
    let probes = 1 + begin.elapsed().as_secs() as usize / PAUSE_S;
    assert!(
        (1..=2 * (WORKERS + probes)).contains(&seen.met),
        "{probes} probes at most: {seen:?}"
    );
    // Threads of the library end a moment after the request that they watch.
    site.wait("no more threads and descriptors than for few", |site| {
        let many = Process::of(&site.server);
        many.threads <= few.threads + WORKERS && many.descriptors <= few.descriptors + PROBE_DESCRIPTORS
    });
    let many = Process::of(&site.server);
    assert!(many.peak <= few.resident + GROWTH_KIB_MAX, "{few:?} {many:?}");
    assert_few_connections(&site);

    case.fault.end(&mut site);
    outlast_the_pause(&site, seen.met);
    site.wait("the spool to be empty", |site| site.server.spooled().is_empty());
    assert_few_connections(&site);
    let after = Process::of(&site.server);
    assert!(after.peak <= few.resident + GROWTH_KIB_MAX, "{few:?} {after:?}");
    std::mem::take(&mut site.sent)
}

/// Waits until the destination works again or the longest possible pause is over. The pause before the next probe
/// doubles with each probe that fails, so where packing is slow it becomes longer than any guard.
fn outlast_the_pause(site: &Site, failures: usize) {
    let longest = Duration::from_secs(PAUSE_S as u64) * 2_u32.pow(failures.min(6) as u32);
    let begin = Instant::now();
    while begin.elapsed() < longest && !site.server.log().contains("works again") {
        thread::sleep(Duration::from_millis(100));
    }
}

/// Asserts that there is at most one connection for each worker. The store has one for each request, and a thread of
/// the library may still hold one that has its answer; so only those that wait for an answer are counted.
fn assert_few_connections(site: &Site) {
    let (store, database) = (site.store.seen(), site.database.seen());
    assert!(store.most_unanswered <= WORKERS, "{store:?}");
    assert!(database.most_open <= WORKERS, "{database:?}");
}

/// Runs this many more sessions, and waits until all of them are packed.
fn pack(site: &mut Site, count: usize, before: usize) {
    for number in 0..count {
        let mut live = site.open("");
        live.go_on();
        live.say(format!(r#"["custom",null,"{}",1]"#, large::letters(number, LINE_BYTES)));
        site.close(live);
    }
    site.wait("all dumps to be packed", |site| {
        site.files("packed", ".jsonl.gz").len() == before + count && site.files("ready", "").is_empty()
    });
}
