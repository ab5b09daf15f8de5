//! Tests of the hands on a real spool, store and catalogue: backlogs, outages, refusals, stops.
use std::fs;

use rusqlite::{Connection, TransactionBehavior};

use super::super::availability::Destination;
use super::super::stage::Stage;
use super::super::testing::{Bench, PACE, dump, wait_for};
use super::*;
use crate::database::Sqlite;
use crate::limits::ACTIVE_IDS_MAX;
use crate::spool::{DumpState, Kind, tombstone};

const LIMIT: Duration = Duration::from_secs(60);

/// How many dumps wait after a stop.
fn stop(delivery: &Delivery) -> usize {
    delivery.stop(LIMIT);
    delivery.count().recv().unwrap()
}

#[test]
fn a_backlog_of_two_active_sets_and_what_comes_meanwhile_is_delivered_once() {
    let bench = Bench::new(false);
    let mut ids = bench.seal_many(2 * ACTIVE_IDS_MAX);
    let delivery = bench.start(3);
    for _ in 0..20 {
        let id = bench.seal();
        delivery.submit(id);
        delivery.submit(id);
        ids.push(id);
    }
    wait_for("the backlog", || bench.queue_is_empty());
    bench.assert_delivered(&ids);
    assert_eq!(stop(&delivery), 0);
    assert!(bench.files(DumpState::Failed).is_empty());
}

#[test]
fn notices_beyond_the_channel_are_found_on_disk() {
    let bench = Bench::new(false);
    let delivery = bench.start(1);
    let first = bench.seal();
    delivery.submit(first);
    wait_for("the first look", || bench.object(first).exists());
    let ids = bench.seal_many(NOTICES_IDS_MAX + 200);
    ids.iter().for_each(|id| delivery.submit(*id));
    wait_for("the backlog", || bench.queue_is_empty());
    assert_eq!(bench.objects().len(), ids.len() + 1);
    delivery.stop(LIMIT);
}

#[test]
fn what_is_delivered_and_waits_for_the_sync_is_left_alone() {
    let bench = Bench::new(true);
    let ids = (0..50).map(|_| bench.packed()).collect::<Vec<_>>();
    let mut options = bench.options(2);
    options.pace.look = Duration::from_millis(1);
    let delivery = Delivery::start(options).unwrap();
    wait_for("the rows", || bench.rows().len() == ids.len());
    fs::remove_dir_all(bench.store()).unwrap();
    fs::create_dir(bench.store()).unwrap();
    ids.iter().for_each(|id| delivery.submit(*id));
    let mut found = Vec::new();
    for _ in 0..20 {
        let id = bench.packed();
        found.push(id);
        wait_for("a look at the disk", || bench.object(id).exists());
    }
    assert_eq!(bench.objects(), found, "a second put would have made the others again");
    wait_for("the row", || bench.rows().len() == ids.len() + found.len());
    assert_eq!(stop(&delivery), 0, "they are delivered, though their files are there");
    assert_eq!(bench.files(DumpState::Packed).len(), 3 * (ids.len() + found.len()));
}

#[test]
fn an_outage_leaves_nothing_unmasked_however_much_waits() {
    let bench = Bench::new(false);
    fs::remove_dir(bench.store()).unwrap();
    let ids = bench.seal_many(3 * ACTIVE_IDS_MAX);
    let mut options = bench.options(3);
    options.pace.look = Duration::from_millis(20);
    let delivery = Delivery::start(options).unwrap();
    wait_for("all to be packed", || bench.files(DumpState::Ready).is_empty());
    assert_eq!(bench.files(DumpState::Packed).len(), 3 * ids.len());
    fs::create_dir(bench.store()).unwrap();
    wait_for("the end of the outage", || bench.queue_is_empty());
    bench.assert_delivered(&ids);
    delivery.stop(LIMIT);
}

#[test]
fn an_outage_of_the_store_delays_and_loses_nothing() {
    let bench = Bench::new(false);
    let mut ids = bench.seal_many(200);
    fs::remove_dir(bench.store()).unwrap();
    let delivery = bench.start(3);
    for _ in 0..50 {
        let id = bench.seal();
        delivery.submit(id);
        ids.push(id);
    }
    wait_for("packing", || bench.files(DumpState::Ready).is_empty());
    assert!(bench.rows().is_empty());
    fs::create_dir(bench.store()).unwrap();
    wait_for("the backlog", || bench.queue_is_empty());
    bench.assert_delivered(&ids);
    delivery.stop(LIMIT);
}

#[test]
fn an_outage_longer_than_the_active_set_is_made_good_from_disk() {
    let bench = Bench::new(false);
    let ids = bench.seal_many(2 * ACTIVE_IDS_MAX + 100);
    fs::remove_dir(bench.store()).unwrap();
    let delivery = bench.start(2);
    wait_for("a full set", || {
        bench.files(DumpState::Ready).len() <= ACTIVE_IDS_MAX + 100
    });
    fs::create_dir(bench.store()).unwrap();
    wait_for("the backlog", || bench.queue_is_empty());
    bench.assert_delivered(&ids);
    delivery.stop(LIMIT);
}

#[test]
fn a_locked_catalogue_is_waited_for() {
    let bench = Bench::new(false);
    Sqlite::open(&bench.catalogue()).unwrap();
    let mut other = Connection::open(bench.catalogue()).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let ids = bench.seal_many(30);
    let delivery = bench.start(3);
    wait_for("the objects", || bench.objects().len() == ids.len());
    assert!(bench.rows().is_empty());
    drop(lock);
    wait_for("the backlog", || bench.queue_is_empty());
    bench.assert_delivered(&ids);
    delivery.stop(LIMIT);
}

/// The spool is not tried for an hour, and yet the dump need not wait for its turn.
#[test]
fn what_waits_for_space_is_erased_by_the_next_look() {
    let bench = Bench::new(false);
    let ids = bench.seal_many(3);
    for id in &ids {
        fs::create_dir_all(bench.place.path(Kind::Partial, *id).join("x")).unwrap();
    }
    let mut options = bench.options(2);
    options.pace.look = Duration::from_millis(5);
    options.pace.pauses.first = Duration::from_secs(3600);
    options.pace.pauses.last = Duration::from_secs(3600);
    let delivery = Delivery::start(options).unwrap();
    let waits = |id: &Id| delivery.shared.desk().manager.stage(*id) == Some(Stage::Deferred(Destination::Spool));
    wait_for("a full disk", || ids.iter().all(waits));
    tombstone::lay(bench.place.spool(), &ids[1..]).unwrap();
    let is_gone = |id: &Id| !bench.place.path(Kind::Ready, *id).exists();
    wait_for("the erasures", || ids[1..].iter().all(is_gone));
    assert!(waits(&ids[0]));
    delivery.stop(LIMIT);
}

#[test]
fn bad_dumps_step_aside_for_good_ones() {
    let bench = Bench::new(false);
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for _ in 0..20 {
        good.push(bench.seal());
        bad.push(bench.seal_unstorable());
        bad.push(bench.seal_text("no dump\n"));
    }
    let delivery = bench.start(2);
    wait_for("the backlog", || bench.queue_is_empty());
    bench.assert_delivered(&good);
    assert_eq!(bench.place.ids(Kind::FailedNote).unwrap().count(), bad.len());
    delivery.stop(LIMIT);
}

#[test]
fn recovery_comes_before_any_delivery() {
    let bench = Bench::new(false);
    let orphan = Id::new();
    let text = dump("alice");
    let cut = &text[..text.find("[\"close").unwrap() + 4];
    fs::write(bench.place.path(Kind::Recording, orphan), cut).unwrap();
    let live = Id::new();
    fs::write(bench.place.path(Kind::Recording, live), cut).unwrap();
    let waiting = bench.seal();
    let delivery = Delivery::start(Options {
        orphans: vec![orphan],
        ..bench.options(4)
    })
    .unwrap();
    wait_for("the backlog", || bench.rows().len() == 2);
    bench.assert_delivered(&[orphan, waiting]);
    assert!(bench.rows()[0].metadata.contains("\"recovered\":true"));
    assert_eq!(
        bench.files(DumpState::Recording),
        [bench.place.path(Kind::Recording, live)]
    );
    delivery.stop(LIMIT);
}

#[test]
fn a_stop_starts_nothing_new_and_the_next_start_delivers_the_rest() {
    let bench = Bench::new(false);
    fs::remove_dir(bench.store()).unwrap();
    let ids = bench.seal_many(40);
    let delivery = bench.start(2);
    wait_for("packing", || !bench.files(DumpState::Packed).is_empty());
    assert_eq!(stop(&delivery), ids.len());
    assert!(delivery.threads.lock().unwrap().is_empty(), "all have ended");
    fs::create_dir(bench.store()).unwrap();
    delivery.submit(ids[0]);
    assert!(bench.objects().is_empty());
    let delivery = bench.start(2);
    wait_for("the backlog", || bench.queue_is_empty());
    bench.assert_delivered(&ids);
    assert_eq!(stop(&delivery), 0);
}

#[test]
fn hands_are_named_and_yield_to_the_loop() {
    let bench = Bench::new(false);
    let delivery = bench.start(2);
    wait_for("the hands", || {
        let tasks = fs::read_dir("/proc/self/task").unwrap().filter_map(Result::ok);
        let nice = |stat: String| {
            stat.rsplit_once(") ")
                .and_then(|(_, rest)| rest.split(' ').nth(16)?.parse().ok())
        };
        tasks
            .filter_map(|task| fs::read_to_string(task.path().join("stat")).ok())
            .any(|stat| stat.contains("(deliver-1)") && nice(stat) == Some(10))
    });
    delivery.stop(LIMIT);
    assert!(
        PACE.look > LIMIT,
        "no test here relies on the clock to look at the disk"
    );
}

#[test]
fn a_panic_ends_in_an_outcome() {
    let outcome = contained(|| panic!("a simulated fault"), || Outcome::Refused);
    assert_eq!(outcome, Outcome::Refused);
    assert_eq!(
        contained(|| Outcome::Delivered, || Outcome::Refused),
        Outcome::Delivered
    );
}
