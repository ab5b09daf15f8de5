//! Tests of the spool's places: locks, order, adoption.

use super::super::files::DumpState;
use super::*;

fn open() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path()).unwrap();
    (directory, place)
}

fn touch(place: &Place, kind: Kind) -> Id {
    let id = Id::new();
    fs::write(place.path(kind, id), b"x").unwrap();
    id
}

#[test]
fn two_places_never_share_an_instance() {
    let (directory, first) = open();
    let second = Place::open(directory.path()).unwrap();
    assert_ne!(first.root(), second.root());
    let released = first.root().to_owned();
    drop(first);
    assert_eq!(Place::open(directory.path()).unwrap().root(), released);
}

#[test]
fn oldest_is_bounded_sorted_and_skips() {
    let (_directory, place) = open();
    let ids: Vec<Id> = (0..50)
        .map(|n| touch(&place, if n % 2 == 0 { Kind::Ready } else { Kind::Packed }))
        .collect();
    assert_eq!(place.oldest(10, &|_| false).unwrap(), ids[..10]);
    assert_eq!(place.oldest(3, &|id| id == ids[0]).unwrap(), ids[1..4]);
    assert_eq!(place.oldest(100, &|_| false).unwrap(), ids);
}

#[test]
fn a_dump_in_two_states_counts_once() {
    let (_directory, place) = open();
    let id = touch(&place, Kind::Ready);
    fs::write(place.path(Kind::Packed, id), b"x").unwrap();
    assert_eq!(place.oldest(10, &|_| false).unwrap(), [id]);
}

#[test]
fn free_instances_are_adopted_and_held_ones_are_not() {
    let (directory, first) = open();
    let second = Place::open(directory.path()).unwrap();
    let third = Place::open(directory.path()).unwrap();
    let held = touch(&third, Kind::Ready);
    let orphan = touch(&second, Kind::Recording);
    let packed = touch(&second, Kind::Packed);
    let litter = [second.path(Kind::Manifest, held), second.path(Kind::Partial, held)];
    for file in [&second.path(Kind::Manifest, packed), &litter[0], &litter[1]] {
        fs::write(file, b"{}").unwrap();
    }
    let old_manifest = second.path(Kind::Manifest, packed);
    drop(second);
    let mut recordings = Vec::new();
    assert_eq!(first.adopt_others(&mut recordings).unwrap(), 2);
    assert_eq!(recordings, [orphan]);
    assert!(first.path(Kind::Recording, orphan).exists());
    assert!(first.path(Kind::Packed, packed).exists() && first.path(Kind::Manifest, packed).exists());
    assert!(third.path(Kind::Ready, held).exists());
    assert!(litter.iter().chain([&old_manifest]).all(|file| !file.exists()));
}

#[test]
fn failing_moves_every_file_and_leaves_a_note() {
    let (_directory, place) = open();
    let id = touch(&place, Kind::Packed);
    fs::write(place.path(Kind::Manifest, id), b"{}").unwrap();
    fs::write(place.path(Kind::Ready, id), b"x").unwrap();
    place.fail(id, "why").unwrap();
    assert!(place.oldest(10, &|_| false).unwrap().is_empty());
    let failed = place.list(DumpState::Failed).unwrap();
    assert_eq!(failed.len(), Kind::FAILED.len());
    assert!(Kind::FAILED.iter().all(|kind| failed.contains(&(id, *kind))));
}
