//! Seeded simulation of `connection`, `spool` and `delivery`: whatever the network, the disk and crashes do, each line
//! that was accepted is in exactly one delivered dump, and each dump in one state.
//!
//! A seed determines the clients, the network, the disk's troubles and the order of everything; a crash comes after
//! a chosen file operation. `RTCSTATS_SIMULATION_SEED` replays one seed, or one run as a failure prints it.
//! Not simulated: power cuts (what the page cache has, the disk has), several threads at once.

#[path = "simulation/client.rs"]
mod client;
#[path = "simulation/driver.rs"]
mod driver;
#[path = "simulation/faults.rs"]
mod faults;
#[path = "simulation/message.rs"]
mod message;
#[path = "simulation/oracle.rs"]
mod oracle;
#[path = "simulation/plan.rs"]
mod plan;
#[path = "simulation/random.rs"]
mod random;
#[path = "simulation/run.rs"]
mod run;
#[path = "simulation/script.rs"]
mod script;
#[path = "simulation/server.rs"]
mod server;
#[path = "simulation/world.rs"]
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

use plan::{Mutant, Plan};
use random::Random;
use run::{Points, run, shrink};

/// The limits that make trouble are those of the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    faults::survive_the_size_signal();
    guard
}

/// Runs a plan; a failure says how to see it again.
fn must_pass(plan: &Plan) -> Points {
    run(plan, Mutant::None).unwrap_or_else(|what| {
        let (small, why) = shrink(plan, Mutant::None, what.clone());
        panic!("RTCSTATS_SIMULATION_SEED={plan}\n{what}\nsmallest: RTCSTATS_SIMULATION_SEED={small}\n{why}");
    })
}

/// The seeds of a test: all of `count`, or the one that is asked for.
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
    for seed in seeds(60) {
        must_pass(&plan(seed, 12, 12, seed % 2 == 1, &[]));
    }
}

#[test]
fn a_crash_after_each_file_operation() {
    let _alone = alone();
    for seed in seeds(12) {
        let points = must_pass(&plan(seed, 4, 3, seed % 3 == 2, &[]))[0];
        for at in 1..=points {
            must_pass(&plan(seed, 4, 3, seed % 3 == 2, &[at]));
        }
    }
}

#[test]
fn a_crash_in_each_recovery_from_each_crash() {
    let _alone = alone();
    for seed in seeds(3) {
        let points = must_pass(&plan(seed, 2, 2, false, &[]))[0];
        for first in 1..=points {
            let points = must_pass(&plan(seed, 2, 2, false, &[first]))[1];
            for second in 1..=points {
                must_pass(&plan(seed, 2, 2, false, &[first, second]));
            }
        }
    }
}

#[test]
fn crash_after_crash_under_load() {
    let _alone = alone();
    for seed in seeds(100) {
        let mut random = Random::new(seed, 2);
        let lives = random.between(2, 5);
        let crashes: Vec<usize> = (1..lives).map(|_| random.between(1, 120)).collect();
        must_pass(&plan(seed, 6 * lives, 10, true, &crashes));
    }
}

/// Crashes and trouble as in the other tests; whether any of these runs shows that the server is broken.
fn is_caught(mutant: Mutant) -> bool {
    (0..200).any(|seed| {
        let crash = 1 + seed as usize % 40;
        let crashes: &[usize] = if seed % 4 == 0 { &[] } else { &[crash] };
        run(&plan(seed, 8, 8, true, crashes), mutant).is_err()
    })
}

#[test]
fn a_server_that_breaks_its_promises_is_caught() {
    let _alone = alone();
    assert!(!is_caught(Mutant::None));
    for mutant in [
        Mutant::AnswersFirst,
        Mutant::AnswersWhenRefused,
        Mutant::AnswersWhenUnsealed,
        Mutant::AppendsTwice,
        Mutant::DropsUnsealed,
        Mutant::RecoversNothing,
        Mutant::UnlinksFirst,
    ] {
        assert!(is_caught(mutant), "{mutant:?} passes for a good server");
    }
}
