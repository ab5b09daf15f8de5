//! Tests of appending and sealing: what is on disk when, and what happens to lines that the disk refuses.

use std::fs;

use super::*;

const HEAD: &[u8] = b"RTCStatsDump\n{\"startTime\":1000}\n";

fn place() -> (tempfile::TempDir, Place) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path()).unwrap();
    (directory, place)
}

fn content(place: &Place, kind: Kind, id: Id) -> String {
    fs::read_to_string(place.path(kind, id)).unwrap()
}

/// Takes a directory of the spool away, so that opening or renaming fails, and puts it back when dropped.
struct Away(std::path::PathBuf);

impl Away {
    fn new(place: &Place, name: &str) -> Away {
        let path = place.root().join(name);
        fs::rename(&path, path.with_extension("away")).unwrap();
        Away(path)
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        fs::rename(self.0.with_extension("away"), &self.0).unwrap();
    }
}

#[test]
fn nothing_is_on_disk_before_the_first_message() {
    let (_directory, place) = place();
    let recording = Recording::new(HEAD.to_vec(), UnixMs(1000));
    assert!(!place.path(Kind::Recording, recording.id()).exists());
    assert_eq!(recording.messages(), 0);
}

#[test]
fn lines_are_readable_at_once_and_the_seal_adds_the_closing_line() {
    let (_directory, place) = place();
    let mut recording = Recording::new(HEAD.to_vec(), UnixMs(1000));
    let id = recording.id();
    recording.append(&place, b"[1]\n[2]\n", 2, UnixMs(1500)).unwrap();
    let written = [HEAD, b"[1]\n[2]\n"].concat();
    assert_eq!(content(&place, Kind::Recording, id).as_bytes(), written);
    assert_eq!(recording.bytes(), written.len() as u64);
    recording.append(&place, b"[3]\n", 1, UnixMs(2000)).unwrap();
    let sealed = recording.seal(&place, 1001, UnixMs(2250)).unwrap();
    let text = content(&place, Kind::Ready, id);
    assert!(
        text.ends_with("[3]\n[\"close\",null,1001,{\"end\":2250,\"recovered\":false},250]\n"),
        "{text}"
    );
    assert_eq!(
        sealed,
        Sealed {
            id,
            messages: 3,
            bytes: text.len() as u64,
            duration_ms: 1250
        }
    );
    assert!(!place.path(Kind::Recording, id).exists());
}

#[test]
fn lines_that_cannot_be_written_wait_for_a_retry() {
    let (_directory, place) = place();
    let mut recording = Recording::new(HEAD.to_vec(), UnixMs(1000));
    let away = Away::new(&place, "recording");
    assert!(recording.append(&place, b"[1]\n", 1, UnixMs(1000)).is_err());
    assert!(recording.retry(&place).is_err());
    let Unsealed { mut recording, .. } = recording.seal(&place, 1000, UnixMs(1000)).unwrap_err();
    drop(away);
    recording.retry(&place).unwrap();
    recording.append(&place, b"[2]\n", 1, UnixMs(1000)).unwrap();
    let written = [HEAD, b"[1]\n[2]\n"].concat();
    assert_eq!(content(&place, Kind::Recording, recording.id()).as_bytes(), written);
}

#[test]
fn a_seal_that_is_repeated_writes_one_closing_line() {
    let (_directory, place) = place();
    let mut recording = Recording::new(HEAD.to_vec(), UnixMs(1000));
    recording.append(&place, b"[1]\n", 1, UnixMs(1000)).unwrap();
    let away = Away::new(&place, "ready");
    let Unsealed { recording, .. } = recording.seal(&place, 1000, UnixMs(1000)).unwrap_err();
    drop(away);
    let id = recording.seal(&place, 1000, UnixMs(1000)).unwrap().id;
    assert_eq!(content(&place, Kind::Ready, id).matches("close").count(), 1);
}

#[test]
fn held_lines_are_written_by_the_retry_with_what_came_before() {
    let (_directory, place) = place();
    let mut recording = Recording::new(HEAD.to_vec(), UnixMs(1000));
    recording.buffer(b"[1]\n", 1, UnixMs(1000));
    recording.buffer(b"[2]\n", 1, UnixMs(1000));
    assert!(!place.path(Kind::Recording, recording.id()).exists());
    recording.retry(&place).unwrap();
    assert!(content(&place, Kind::Recording, recording.id()).ends_with("}\n[1]\n[2]\n"));
    assert_eq!(recording.pending_bytes(), 0);
}
