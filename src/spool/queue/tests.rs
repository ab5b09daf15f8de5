//! Tests of the operator's view: what is listed, and that a retry loses nothing wherever it is interrupted.

use super::super::place::Place;
use super::*;
use crate::dump::MaskRules;
use crate::spool::{PackOptions, pack};
use crate::storage::KeyTemplate;

const LINES: &str = "RTCStatsDump\n{\"startTime\":1000}\n[1]\n";

fn open() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path()).unwrap();
    (directory, place)
}

fn sealed(place: &Place) -> Id {
    let id = Id::new();
    fs::write(place.path(Kind::Ready, id), LINES).unwrap();
    id
}

fn packed(place: &Place) -> Id {
    let id = sealed(place);
    let options = PackOptions {
        rules: MaskRules {
            addresses: true,
            device_labels: true,
        },
        geo: None,
        key: KeyTemplate::parse("{id}").unwrap(),
        features: crate::features::FeaturesOptions::default(),
        findings: Some(crate::findings::Settings::default()),
    };
    pack(place, id, &options).unwrap();
    fs::remove_file(place.path(Kind::Ready, id)).unwrap();
    id
}

fn states(spool: &Path) -> Vec<(Id, DumpState)> {
    let entries = list(spool).unwrap();
    entries.iter().map(|entry| (entry.id, entry.state)).collect()
}

fn only(spool: &Path, id: Id) -> Result<(), RetryError> {
    retry(spool, &[id]).unwrap().remove(0).1
}

#[test]
fn every_dump_is_listed_once_with_its_state() {
    let (directory, place) = open();
    let second = Place::open(directory.path()).unwrap();
    let (live, ready, done, failed) = (Id::new(), sealed(&place), packed(&second), sealed(&place));
    fs::write(place.path(Kind::Recording, live), b"x").unwrap();
    fs::write(second.path(Kind::Ready, done), LINES).unwrap();
    fs::write(place.path(Kind::Manifest, ready), b"{").unwrap();
    fs::write(place.root().join("ready/notes"), b"not ours").unwrap();
    place.fail(failed, "because").unwrap();
    let mut expected = vec![
        (live, DumpState::Recording),
        (ready, DumpState::Ready),
        (done, DumpState::Packed),
        (failed, DumpState::Failed),
    ];
    expected.sort();
    assert_eq!(states(directory.path()), expected);
    let entries = list(directory.path()).unwrap();
    let of = |id| entries.iter().find(|entry| entry.id == id).unwrap();
    assert_eq!(of(failed).note().as_deref(), Some("because"));
    assert_eq!(of(failed).bytes, (LINES.len() + "because".len()) as u64);
    assert_eq!(of(done).instance, *second);
    assert_eq!(of(done).manifest().unwrap().unwrap().id, done);
    assert!(of(ready).manifest().unwrap().is_none());
    assert!(list(&directory.path().join("nothing")).unwrap().is_empty());
}

#[test]
fn failed_dumps_go_back_to_where_delivery_takes_them_up() {
    let (directory, place) = open();
    let (lines, object) = (sealed(&place), packed(&place));
    for id in [lines, object] {
        place.fail(id, "why").unwrap();
    }
    let unknown = Id::new();
    let done = retry(directory.path(), &[lines, object, unknown]).unwrap();
    assert_eq!(done.iter().filter(|(_, result)| result.is_ok()).count(), 2);
    assert!(matches!(done[2], (id, Err(RetryError::NotFailed)) if id == unknown));
    assert_eq!(place.oldest(9, &|_| false).unwrap(), [lines, object]);
    assert!(Manifest::read(&place, object).is_ok());
    assert_eq!(fs::read_dir(place.root().join("failed")).unwrap().count(), 0);
    assert!(matches!(only(directory.path(), lines), Err(RetryError::NotFailed)));
}

#[test]
fn live_recordings_and_dumps_on_their_way_to_failed_are_left_alone() {
    let (directory, place) = open();
    let live = Id::new();
    fs::write(place.path(Kind::Recording, live), b"x").unwrap();
    assert!(matches!(only(directory.path(), live), Err(RetryError::NotFailed)));
    let moving = packed(&place);
    fs::write(place.path(Kind::FailedLines, moving), LINES).unwrap();
    assert!(matches!(only(directory.path(), moving), Err(RetryError::Moving)));
    assert!(place.path(Kind::Packed, moving).exists() && place.path(Kind::FailedLines, moving).exists());
}

#[test]
fn what_is_damaged_is_told_and_its_lines_are_used_if_they_are_there() {
    let (directory, place) = open();
    for with_lines in [false, true] {
        let id = packed(&place);
        fs::write(place.path(Kind::Packed, id), b"damaged").unwrap();
        if with_lines {
            fs::write(place.path(Kind::Ready, id), LINES).unwrap();
        }
        place.fail(id, "why").unwrap();
        let result = only(directory.path(), id);
        assert_eq!(result.is_ok(), with_lines, "{result:?}");
        assert_eq!(place.path(Kind::Ready, id).exists(), with_lines);
        assert!(!place.path(Kind::Packed, id).exists());
    }
}

#[test]
fn a_retry_that_was_interrupted_goes_on_when_it_is_repeated() {
    let (directory, place) = open();
    let id = packed(&place);
    place.fail(id, "why").unwrap();
    // As if killed after the manifest was linked.
    place.remove(Kind::FailedNote, id).unwrap();
    place.link(id, Kind::FailedManifest, Kind::Manifest).unwrap();
    only(directory.path(), id).unwrap();
    assert!(Manifest::read(&place, id).is_ok() && place.path(Kind::Packed, id).exists());
}

#[test]
fn a_manifest_whose_sum_is_wrong_says_nothing_of_whose_dump_it_is() {
    let (directory, place) = open();
    let (packed, failed) = (packed(&place), packed(&place));
    let alter = |kind, id| {
        let text = fs::read_to_string(place.path(kind, id)).unwrap();
        fs::write(
            place.path(kind, id),
            text.replace("\"metadata\":", "\"user\":\"alice\",\"metadata\":"),
        )
        .unwrap();
    };
    alter(Kind::Manifest, packed);
    place.fail(failed, "why").unwrap();
    alter(Kind::FailedManifest, failed);
    let entries = list(directory.path()).unwrap();
    assert_eq!(entries.len(), 2);
    for entry in &entries {
        assert!(matches!(entry.ticket(), Err(Unsound::Manifest(_))), "{entry:?}");
        assert!(entry.manifest().is_err());
    }
    fs::write(place.path(Kind::FailedLines, failed), LINES_OF_BOB).unwrap();
    let entries = list(directory.path()).unwrap();
    let with_lines = entries.iter().find(|entry| entry.id == failed).unwrap();
    assert_eq!(
        with_lines.ticket().unwrap().unwrap().labels.user.as_deref(),
        Some("bob")
    );
}

const LINES_OF_BOB: &str =
    "RTCStatsDump\n{\"startTime\":1000,\"rtcstatsServer\":{\"user\":\"bob\",\"host\":\"h\",\"start\":1}}\n[1]\n";
