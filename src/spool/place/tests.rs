//! Tests of the spool's places: locks, order, adoption.

use super::*;

fn open() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path()).unwrap();
    (directory, place)
}

fn touch(place: &Place, state: State) -> Id {
    let id = Id::new();
    let path = if state == State::Packed {
        place.packed_file(id)
    } else {
        place.line_file(state, id)
    };
    fs::write(path, b"x").unwrap();
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
        .map(|n| touch(&place, if n % 2 == 0 { State::Ready } else { State::Packed }))
        .collect();
    assert_eq!(place.oldest(10, &|_| false).unwrap(), ids[..10]);
    assert_eq!(place.oldest(3, &|id| id == ids[0]).unwrap(), ids[1..4]);
    assert_eq!(place.oldest(100, &|_| false).unwrap(), ids);
}

#[test]
fn a_dump_in_two_states_counts_once() {
    let (_directory, place) = open();
    let id = touch(&place, State::Ready);
    fs::write(place.packed_file(id), b"x").unwrap();
    assert_eq!(place.oldest(10, &|_| false).unwrap(), [id]);
}

#[test]
fn free_instances_are_adopted_and_held_ones_are_not() {
    let (directory, first) = open();
    let second = Place::open(directory.path()).unwrap();
    let third = Place::open(directory.path()).unwrap();
    let held = touch(&third, State::Ready);
    let orphan = touch(&second, State::Recording);
    let packed = touch(&second, State::Packed);
    let litter = [second.manifest_file(held), second.partial_file(held)];
    for file in [&second.manifest_file(packed), &litter[0], &litter[1]] {
        fs::write(file, b"{}").unwrap();
    }
    let old_manifest = second.manifest_file(packed);
    drop(second);
    let mut recordings = Vec::new();
    assert_eq!(first.adopt_others(&mut recordings).unwrap(), 2);
    assert_eq!(recordings, [orphan]);
    assert!(first.line_file(State::Recording, orphan).exists());
    assert!(first.packed_file(packed).exists() && first.manifest_file(packed).exists());
    assert!(third.line_file(State::Ready, held).exists());
    assert!(litter.iter().chain([&old_manifest]).all(|file| !file.exists()));
}

#[test]
fn failing_moves_every_file_and_leaves_a_note() {
    let (_directory, place) = open();
    let id = touch(&place, State::Packed);
    fs::write(place.manifest_file(id), b"{}").unwrap();
    fs::write(place.line_file(State::Ready, id), b"x").unwrap();
    place.fail(id, "why").unwrap();
    assert!(place.oldest(10, &|_| false).unwrap().is_empty());
    let failed: BTreeSet<String> = fs::read_dir(place.root().join("failed"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        failed,
        ["json", "jsonl", "jsonl.gz", "txt"].map(|e| format!("{id}.{e}")).into()
    );
}
