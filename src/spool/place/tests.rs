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
    let litter = [Kind::Manifest, Kind::Features, Kind::Partial].map(|kind| second.path(kind, held));
    let moved = [Kind::Manifest, Kind::Features].map(|kind| second.path(kind, packed));
    for file in litter.iter().chain(&moved) {
        fs::write(file, b"{}").unwrap();
    }
    drop(second);
    let mut recordings = Vec::new();
    assert_eq!(first.adopt_others(&mut recordings).unwrap(), 2);
    assert_eq!(recordings, [orphan]);
    assert!(first.path(Kind::Recording, orphan).exists());
    let beside = [Kind::Packed, Kind::Manifest, Kind::Features];
    assert!(beside.iter().all(|kind| first.path(*kind, packed).exists()));
    assert!(third.path(Kind::Ready, held).exists());
    assert!(litter.iter().chain(&moved).all(|file| !file.exists()));
}

#[test]
fn failing_moves_every_file_and_leaves_a_note() {
    let (_directory, place) = open();
    let id = touch(&place, Kind::Packed);
    fs::write(place.path(Kind::Manifest, id), b"{}").unwrap();
    fs::write(place.path(Kind::Features, id), b"{}").unwrap();
    fs::write(place.path(Kind::Ready, id), b"x").unwrap();
    place.fail(id, "why").unwrap();
    assert!(place.oldest(10, &|_| false).unwrap().is_empty());
    let failed = place.list(DumpState::Failed).unwrap();
    assert_eq!(failed.len(), Kind::FAILED.len());
    assert!(Kind::FAILED.iter().all(|kind| failed.contains(&(id, *kind))));
}

/// Each minute the same would be in the log again.
#[test]
fn what_an_instance_cannot_give_is_told_while_it_lasts() {
    let (directory, place) = open();
    let second = Place::open(directory.path()).unwrap();
    let (root, packed) = (second.root().to_owned(), second.folder(DumpState::Packed));
    drop(second);
    fs::remove_dir(&packed).unwrap();
    fs::write(&packed, b"no folder").unwrap();
    let mut told = Vec::new();
    for _ in 0..3 {
        assert_eq!(place.adopt_others(&mut Vec::new()).unwrap(), 0);
        let standing = place.standing.lock().unwrap();
        told.push(
            standing
                .wrong()
                .map(|(what, cause)| (what.to_owned(), cause.to_owned()))
                .collect::<Vec<_>>(),
        );
    }
    let [(what, cause)] = &told[0][..] else {
        panic!("{told:?}");
    };
    assert_eq!(*what, root.display().to_string());
    assert!(
        cause.starts_with("what another process left in ") && cause.contains("this is tried again: "),
        "{cause}"
    );
    assert!(told.iter().all(|now| *now == told[0]), "it is no news: {told:?}");
    fs::remove_file(&packed).unwrap();
    fs::create_dir(&packed).unwrap();
    place.adopt_others(&mut Vec::new()).unwrap();
    assert_eq!(place.standing.lock().unwrap().wrong().count(), 0);
}
