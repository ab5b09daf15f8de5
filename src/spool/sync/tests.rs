//! Tests of the sync thread: what is removed when, what stays, and what is reported about it.

use std::fs;
use std::sync::mpsc;
use std::time::Instant;

use super::super::place::Place;
use super::*;

fn wait_for(condition: impl Fn() -> bool) {
    let guard = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < guard, "gave up waiting");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn open() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path()).unwrap();
    (directory, place)
}

fn put(place: &Place, kind: Kind) -> (Id, PathBuf) {
    let id = Id::new();
    fs::write(place.path(kind, id), b"x").unwrap();
    (id, place.path(kind, id))
}

const SOON: Duration = Duration::from_millis(5);

#[test]
fn files_go_after_a_sync_and_what_is_gone_already_is_no_error() {
    let (_directory, place) = open();
    let (id, file) = put(&place, Kind::Packed);
    let (report, removed) = mpsc::channel();
    let report = move |removed: &[Removed]| report.send(removed.to_vec()).unwrap();
    let (sync, thread) = Sync::start(SOON, &place, &[], report).unwrap();
    sync.remove_delivered(id, Kind::DELIVERED, 0);
    let removal = Removal::Delivered;
    assert_eq!(removed.recv().unwrap(), [Removed { id, removal }]);
    assert!(!file.exists() && sync.free_bytes() > 0);
    sync.stop();
    thread.join().unwrap();
    assert!(removed.recv().is_err(), "a turn that removes nothing says nothing");
}

#[test]
fn a_file_that_cannot_be_removed_does_not_keep_the_others() {
    let (_directory, place) = open();
    let id = Id::new();
    let (stuck, behind) = (place.path(Kind::Ready, id), place.path(Kind::Packed, id));
    fs::create_dir(&stuck).unwrap();
    fs::write(&behind, b"x").unwrap();
    let (other, file) = put(&place, Kind::Ready);
    let (sync, thread) = Sync::start(SOON, &place, &[], |_| {}).unwrap();
    sync.remove_delivered(id, Kind::DELIVERED, 0);
    sync.remove_delivered(other, Kind::DELIVERED, 0);
    wait_for(|| !file.exists());
    assert!(behind.exists(), "the files of one dump go in their order");
    fs::remove_dir(&stuck).unwrap();
    fs::write(&stuck, b"x").unwrap();
    wait_for(|| !stuck.exists() && !behind.exists());
    sync.stop();
    thread.join().unwrap();
}

#[test]
fn what_is_packed_goes_while_a_destination_is_away() {
    let (directory, place) = open();
    let blocked = directory.path().join("blocked");
    fs::write(&blocked, b"x").unwrap();
    let ((clear, packed), (stored, delivered)) = (put(&place, Kind::Ready), put(&place, Kind::Ready));
    let (report, removed) = mpsc::channel();
    let report = move |removed: &[Removed]| report.send(removed.to_vec()).unwrap();
    let (sync, thread) = Sync::start(SOON, &place, &[blocked.join("dumps")], report).unwrap();
    sync.remove_delivered(stored, Kind::DELIVERED, 0);
    sync.remove_replaced(clear, Kind::Ready, 0);
    let (id, removal) = (clear, Removal::Replaced);
    assert_eq!(removed.recv().unwrap(), [Removed { id, removal }]);
    assert!(!packed.exists() && delivered.exists());
    fs::remove_file(&blocked).unwrap();
    wait_for(|| !delivered.exists());
    sync.stop();
    thread.join().unwrap();
}

#[test]
fn stopping_syncs_and_removes_what_waits() {
    let (_directory, place) = open();
    let (id, file) = put(&place, Kind::Ready);
    let (sync, thread) = Sync::start(Duration::from_secs(3600), &place, &[], |_| {}).unwrap();
    sync.remove_delivered(id, Kind::DELIVERED, 0);
    assert!(file.exists());
    sync.stop();
    thread.join().unwrap();
    assert!(!file.exists());
}

#[test]
fn a_failed_sync_of_an_earlier_process_counts_for_the_next_one() {
    let (_directory, place) = open();
    let health = || Sync::new(&place, &[]).unwrap().0.health();
    assert_eq!(health(), Health::default());
    let (sync, disks) = Sync::new(&place, &[]).unwrap();
    sync.touch();
    let fails = || Err(Errno::IO.into());
    assert!(sync.turn(Batch::default(), &disks, &fails, &|_| {}).is_err());
    let (failures, is_failing) = (1, true);
    assert_eq!(sync.health(), Health { failures, is_failing });
    let is_failing = false;
    assert_eq!(health(), Health { failures, is_failing });
}
