//! Power cuts of the real binary. strace records what it does to its files, and a part of that is replayed.
//!
//! A cut keeps every operation up to the last sync and any subset of those after it, torn writes among them
//! (`power_cut/cut.rs` describes the model). Then the binary is started on what is left. Every line that was in its
//! file when that sync began must be in exactly one dump, no dump may contain anything else, and what was delivered
//! must stay delivered. The moments and the subsets come from seeds. What is recorded differs from run to run, and must
//! not matter. -shm files, which SQLite maps and makes anew, are compared only by their names.
//!
//! Not replayed: stores and databases on other machines, which lose nothing when this machine does.

mod cut;
mod disk;
mod judge;
mod load;
mod recorder;
mod trace;
mod truth;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::Server;
use support::stored::files_below;

use cut::{Left, Mode, Random, Syncs, replay};
use judge::Seen;
use recorder::Recording;
use truth::Truth;

const CASES: usize = 450;
const AT_A_TIME: usize = 6;

#[test]
fn a_power_cut_takes_what_was_not_synced_and_nothing_else() {
    let mut server = Server::prepare(&[("RTCSTATS_SPOOL__SYNC_INTERVAL", load::SYNC_INTERVAL)]);
    let recording = load::record(&mut server);
    assert_complete(&server, &recording);
    let truths = truth::read(&recording);
    truth::assert_pongs_come_after_writes(&recording, &truths);
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Total::default()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(case) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|case| *case < CASES) {
                    let done = catch_unwind(AssertUnwindSafe(|| run(&recording, &truths, case)));
                    let mut all = all.lock().expect("no thread panics with it");
                    match done {
                        Ok((left, seen)) => all.add(&left, &seen),
                        Err(_) => all.failed.push(case),
                    }
                }
            });
        }
    });
    let all = all.into_inner().expect("all threads have ended");
    println!(
        "{} operations, {} sessions, {all:?}",
        recording.operations.len(),
        truths.len()
    );
    assert!(all.failed.is_empty(), "these cases failed: {:?}", all.failed);
    all.assert_not_empty();
}

/// Asserts that all operations together make the folder that is there, so that none is missing.
fn assert_complete(server: &Server, recording: &Recording) {
    let parent = server.data().parent().expect("a folder around it").to_owned();
    let replayed = recording.disk.tree();
    let name = |path: &std::path::PathBuf| {
        path.strip_prefix(&parent)
            .expect("below it")
            .to_string_lossy()
            .into_owned()
    };
    let real: BTreeMap<_, _> = files_below(&server.data())
        .into_iter()
        .map(|path| (name(&path), path))
        .collect();
    assert!(
        real.keys().eq(replayed.keys()),
        "{:?} and {:?}",
        real.keys(),
        replayed.keys()
    );
    for (name, path) in real.iter().filter(|(name, _)| !name.ends_with("-shm")) {
        let content = std::fs::read(path).expect("it was listed");
        assert!(content == replayed[name], "{name} is not what was recorded");
    }
    assert!(real.len() > 20, "{real:?}");
}

fn run(recording: &Recording, truths: &BTreeMap<String, Truth>, case: usize) -> (Left, Seen) {
    let mut random = Random::new(case as u64);
    let mode = Mode::ALL[case % Mode::ALL.len()];
    let operations = &recording.operations;
    let cut = operations[random.below(operations.len() as u64) as usize].begin + 1;
    let syncs = Syncs::before(operations, cut);
    let before = {
        let server = Server::prepare(&[]);
        let left = replay(operations, cut, Mode::AllLost, &mut random);
        left.disk.write_to(server.data().parent().expect("a folder around it"));
        judge::delivered(&server)
    };
    let mut server = Server::prepare(&[("RTCSTATS_SPOOL__SYNC_INTERVAL", "20ms")]);
    let left = replay(operations, cut, mode, &mut random);
    left.disk.write_to(server.data().parent().expect("a folder around it"));
    let judged = catch_unwind(AssertUnwindSafe(|| {
        judge::recover(&mut server);
        judge::judge(&server, truths, &before, &syncs, cut)
    }));
    match judged {
        Ok(seen) => (left, seen),
        Err(_) => panic!(
            "case {case}: {mode:?}, cut at line {cut}, the last sync began at {}\n{}",
            syncs.last(),
            server.log()
        ),
    }
}

/// What was seen in all cases.
#[derive(Debug, Default)]
struct Total {
    failed: Vec<usize>,
    operations_lost: usize,
    writes_torn: usize,
    seen: Seen,
}

impl Total {
    fn add(&mut self, left: &Left, seen: &Seen) {
        self.operations_lost += left.lost;
        self.writes_torn += left.torn;
        self.seen.lines_lost += seen.lines_lost;
        self.seen.lines_won += seen.lines_won;
        self.seen.recovered += seen.recovered;
        self.seen.failed += seen.failed;
        self.seen.kept += seen.kept;
    }

    /// If the server lost nothing or a cut took nothing, the test would show nothing.
    fn assert_not_empty(&self) {
        let Seen {
            lines_lost,
            lines_won,
            recovered,
            kept,
            ..
        } = self.seen;
        let met = [
            self.operations_lost,
            self.writes_torn,
            lines_lost,
            lines_won,
            recovered,
            kept,
        ];
        assert!(met.iter().all(|count| *count > CASES), "{self:?}");
    }
}
