//! Tests of what a hand says about destinations: which one it waits for (and not the step's usual one), and which one
//! has worked.
use std::thread;
use std::time::Duration;

use super::super::super::calls::patience;
use super::*;
use crate::database::{Database, Sqlite};
use crate::limits::SLOW_PUT_S_MAX;

fn slow(steps: &Steps, after: u64) -> Vec<Destination> {
    let now = Instant::now() + Duration::from_secs(after);
    let is_slow = |destination: &Destination| steps.calls.slow(*destination, now).is_some();
    Destination::ALL.into_iter().filter(is_slow).collect()
}

#[test]
fn an_erasure_that_waits_for_a_row_waits_for_the_database() {
    let bench = Bench::new(true);
    assert_eq!(run(&bench, bench.seal()), Ended::Delivered);
    let id = bench.packed();
    tombstone::lay(bench.place.spool(), &[id]).unwrap();
    let patient = Sqlite::new(&bench.catalogue())
        .unwrap()
        .with_busy_timeout(Duration::from_secs(600));
    let steps = Steps::new(Parts {
        database: Database::Sqlite(patient).into(),
        ..bench.parts()
    });
    let lock = rusqlite::Connection::open(bench.catalogue()).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    thread::scope(|scope| {
        let step = scope.spawn(|| steps.take_contained(1, Step::Erase, &[id], 0));
        wait_for("the database to be waited for", || {
            slow(&steps, 3600) == [Destination::Database]
        });
        lock.execute_batch("ROLLBACK").unwrap();
        assert_eq!(step.join().unwrap()[0].outcome, Outcome::Delivered);
    });
    assert_eq!(slow(&steps, 3600), []);
}

#[test]
fn between_two_calls_the_spool_is_waited_for() {
    let bench = Bench::new(true);
    let steps = Steps::new(bench.parts());
    let visit = steps.visit(steps.calls.of(2), 0);
    for destination in Destination::ALL {
        visit.uses(destination);
        assert_eq!(slow(&steps, patience(destination) + 1), [destination]);
        visit.worked();
        assert_eq!(slow(&steps, 3600), [Destination::Spool]);
    }
    visit.uses_for(Destination::Storage, 2 * SLOW_PUT_S_MAX);
    assert_eq!(slow(&steps, SLOW_PUT_S_MAX + 1), []);
    visit.is_down(Destination::Storage, &"it is away");
    assert_eq!(slow(&steps, 3600), [Destination::Spool]);
}

/// The size is that of the manifest, so that nothing is asked of the disk for it.
#[test]
fn a_large_dump_may_take_long_to_be_stored() {
    for (bytes, is_told) in [(1_000, true), (1_000_000_000, false)] {
        let bench = Bench::new(true);
        let id = bench.packed();
        let mut manifest = Manifest::read(&bench.place, id).unwrap();
        manifest.metadata["bytes"] = bytes.into();
        manifest.rewrite(&bench.place).unwrap();
        let steps = Steps::new(bench.parts());
        let visit = steps.visit(steps.calls.of(0), 0);
        let manifest = visit.manifest(id).unwrap();
        visit.uses_for(Destination::Storage, patience_of(&manifest));
        assert_eq!(slow(&steps, SLOW_PUT_S_MAX + 1).is_empty(), !is_told, "{bytes}");
    }
}

#[test]
fn that_a_destination_worked_is_said_of_a_dump_that_does_not_wait_for_it() {
    let bench = Bench::new(true);
    let steps = Steps::new(bench.parts());
    let ids = [(); 3].map(|()| Id::new());
    for (is_taken, witness) in [([false, true, true], 1), ([true, false, false], 0), ([false; 3], 0)] {
        let visit = steps.visit(steps.calls.of(0), 0);
        let outcomes = is_taken.map(|is_taken| match is_taken {
            true => Outcome::Delivered,
            false => visit.is_ruled_out(Destination::Database, &"CHECK"),
        });
        visit.uses(Destination::Database);
        visit.worked();
        let reports = visit.report(&ids, outcomes.to_vec());
        let of: Vec<bool> = reports.iter().map(|done| !done.worked.is_empty()).collect();
        assert_eq!(of, [0, 1, 2].map(|index| index == witness), "{is_taken:?}");
    }
}

/// What becomes of the dump then is asked of the spool, which is no call that goes on.
#[cfg(feature = "fault-points")]
#[test]
fn a_hand_waits_for_nothing_after_a_step_that_has_panicked() {
    let bench = Bench::new(true);
    let steps = Steps::new(bench.parts());
    fault::install(Some(Box::new(|name| assert_ne!(name, "put", "the test wants it so"))));
    let outcome = steps
        .take_contained(0, Step::Put, &[bench.packed()], 0)
        .remove(0)
        .outcome;
    fault::install(None);
    assert!(matches!(outcome, Outcome::Deferred(_)), "{outcome:?}");
    assert_eq!(slow(&steps, 3600), []);
}
