//! Seeded simulation of `sessions`, `spool` and `delivery`. Whatever the network, the disk and crashes do, each line
//! that was accepted is in exactly one delivered dump, and each dump is in one state.
//!
//! A seed determines the clients, the network, the disk's disturbances and the order of everything; a crash comes after
//! a chosen file operation. `RTCSTATS_SIMULATION_SEED` replays one seed, or one run in the form in which a failure
//! prints it. Not simulated: several threads at once (workers and sync take turns with the loop, and a crash falls
//! between any two file operations); file systems that lose names or fill files with zeros in a power cut.

mod client;
mod delivery;
mod faults;
mod journal;
mod message;
mod network;
mod oracle;
mod plan;
mod power;
mod random;
mod rule;
mod run;
mod script;
mod server;
mod world;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rtcstats_server::fault::Broken;

use plan::{Fault, Plan};
use random::Random;
use run::{Report, run, shrink};

/// The limits that cause the disturbances apply to the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    faults::survive_the_size_signal();
    guard
}

/// Runs a plan. A failure says how to repeat it.
fn must_pass(plan: &Plan) -> Report {
    run(plan, Fault::None).unwrap_or_else(|what| {
        let (small, why) = shrink(plan, Fault::None, what.clone());
        panic!("RTCSTATS_SIMULATION_SEED={plan}\n{what}\nsmallest: RTCSTATS_SIMULATION_SEED={small}\n{why}");
    })
}

/// The seeds of a test: all of `count`, or the one that was asked for.
fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("RTCSTATS_SIMULATION_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
    {
        Some(seed) => vec![seed],
        None => (0..count).collect(),
    }
}

fn plan(seed: u64, clients: usize, messages: usize, trouble: bool, crashes: &[usize]) -> Plan {
    Plan {
        seed,
        clients,
        messages,
        trouble,
        power_cuts: false,
        crashes: crashes.to_vec(),
    }
}

#[test]
fn replay() {
    let _alone = alone();
    let asked = std::env::var("RTCSTATS_SIMULATION_SEED").ok();
    if let Some(plan) = asked.filter(|asked| asked.contains('/')) {
        must_pass(&plan.parse().expect("a run as a failure prints it"));
    }
}

#[test]
fn without_a_crash() {
    let _alone = alone();
    for seed in seeds(150) {
        must_pass(&plan(seed, 12, 12, seed % 2 == 1, &[]));
    }
}

#[test]
fn a_crash_after_each_file_operation() {
    let _alone = alone();
    for seed in seeds(30) {
        let plan = |at| plan(seed, 4, 3, seed % 3 == 2, &[at]);
        let points = must_pass(&plan(NEVER)).points[0].len();
        for at in 1..=points {
            must_pass(&plan(at));
        }
    }
}

/// No life has this many file operations.
const NEVER: usize = usize::MAX;

#[test]
fn a_crash_in_each_recovery_from_each_crash() {
    let _alone = alone();
    let mut met = BTreeSet::new();
    let seeds = seeds(8);
    for seed in &seeds {
        let plan = |first, second| plan(*seed, 2, 3, seed % 4 == 1, &[first, second]);
        let points = must_pass(&plan(NEVER, NEVER)).points[0].len();
        for first in 1..=points {
            met.extend(crash_in_each_recovery(|second| plan(first, second)));
        }
    }
    must_have_met(&seeds, &met, &IN_RECOVERY);
}

/// Runs the plan with a crash after each file operation of its second life. Returns what happened at least once.
fn crash_in_each_recovery(plan: impl Fn(usize) -> Plan) -> BTreeSet<String> {
    let points = must_pass(&plan(NEVER)).points[1].len();
    (1..=points).flat_map(|second| must_pass(&plan(second)).met).collect()
}

#[test]
fn a_crash_in_each_recovery_from_a_short_write() {
    let _alone = alone();
    let mut met = BTreeSet::new();
    let seeds = seeds(40);
    for seed in &seeds {
        let plan = |first, second| plan(*seed, 4, 6, true, &[first, second]);
        let points = must_pass(&plan(NEVER, NEVER)).points[0].clone();
        // The write before the first cut has left a torn line.
        if let Some(write) = points.iter().position(|name| *name == "cut") {
            met.extend(crash_in_each_recovery(|second| plan(write, second)));
        }
    }
    must_have_met(&seeds, &met, &["crash after cut orphan"]);
}

/// What must happen in a recovery; otherwise the test would prove nothing.
const IN_RECOVERY: [&str; 4] = [
    "crash after close orphan",
    "crash after adopt",
    "crash after adopt manifest",
    "crash after adopt litter",
];

fn must_have_met(seeds: &[u64], met: &BTreeSet<String>, what: &[&str]) {
    let missed: Vec<_> = what.iter().filter(|what| !met.contains(**what)).collect();
    assert!(
        seeds.len() == 1 || missed.is_empty(),
        "the runs never met {missed:?}, only {met:?}"
    );
}

#[test]
fn power_cuts() {
    let _alone = alone();
    for seed in seeds(900) {
        must_pass(&power_cut(seed));
    }
}

/// Some lives, each ended by a power cut or, now and then, by a crash of the process alone.
fn power_cut(seed: u64) -> Plan {
    let mut random = Random::new(seed, 3);
    let lives = random.between(2, 4);
    let crashes: Vec<usize> = (1..lives).map(|_| random.between(1, 80)).collect();
    Plan {
        power_cuts: true,
        ..plan(seed, 6 * lives, 6, seed.is_multiple_of(2), &crashes)
    }
}

/// Some lives, each ended by a crash.
fn crash(seed: u64) -> Plan {
    let crash = 1 + seed as usize % 40;
    let crashes: &[usize] = if seed.is_multiple_of(4) { &[] } else { &[crash] };
    plan(seed, 8, 8, true, crashes)
}

/// Whether any run of a server that is broken in this way is noticed.
fn is_caught(fault: Fault) -> bool {
    let kind = match fault {
        Fault::Rule(Broken::UnlinksUnsynced | Broken::TrustsFailedSync | Broken::TrustsTheCache) => power_cut,
        _ => crash,
    };
    (0..200).any(|seed| run(&kind(seed), fault).is_err())
}

#[test]
fn a_server_that_breaks_its_promises_is_caught() {
    let _alone = alone();
    assert!(!is_caught(Fault::None));
    let passed: Vec<_> = Fault::all().filter(|fault| !is_caught(*fault)).collect();
    assert!(passed.is_empty(), "{passed:?} pass for a good server");
}

/// Without this, the test that a release has none of them would prove nothing.
#[test]
fn the_binary_with_fault_points_knows_the_rules() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_rtcstats-server")).expect("the binary was built for this test");
    let names = Broken::ALL.iter().map(|rule| format!("{rule:?}"));
    let mut missing = names.filter(|name| !binary.windows(name.len()).any(|part| part == name.as_bytes()));
    assert_eq!(missing.next(), None);
}

/// What must happen in the runs; otherwise the simulation would prove nothing.
const TO_BE_MET: [&str; 30] = [
    "crash after open",
    "crash after write",
    "crash after cut",
    "crash after seal",
    "crash after partial",
    "crash after manifest",
    "crash after commit",
    "crash after put",
    "crash after row",
    "crash after sync",
    "crash after unlink",
    "an append was refused",
    "a seal was refused",
    "orphans were tried again",
    "Spool was down",
    "Storage was down",
    "Database was down",
    "a rule refused a dump",
    "Peer(1000)",
    "Cut",
    "Idle",
    "NotReading",
    "Protocol",
    "NotUtf8",
    "MessageTooLarge",
    "DumpTooLarge",
    "GoingAway",
    "DiskLow",
    "MemoryShort",
    "Internal",
];

#[test]
fn crash_after_crash() {
    let _alone = alone();
    let mut met = BTreeSet::new();
    let seeds = seeds(900);
    for seed in &seeds {
        let crashes = [
            1 + *seed as usize % 37,
            1 + *seed as usize % 11,
            1 + *seed as usize % 53,
        ];
        let lives = 1 + *seed as usize % 4;
        let report = must_pass(&plan(*seed, 6 * lives, 8, seed % 8 != 0, &crashes[..lives - 1]));
        met.extend(report.met);
    }
    must_have_met(&seeds, &met, &TO_BE_MET);
}
