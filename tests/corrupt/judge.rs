//! What may have become of a damaged dump.
//!
//! None of the server's own code is used: objects are unpacked and their lines are compared with the damaged bytes.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use rtcstats_server::spool::{Id, ToExtract, extracted};
use serde_json::Value;
use support::stored::files_below;

use crate::damage::{Case, EVENTS, Place, packed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    /// It lies in failed, with a note.
    Refused,
    /// It has disappeared, because it had no whole message.
    Gone,
}

/// What lies in the store and in failed, by dump. It is listed once for all cases of a run.
pub struct Found {
    instance: PathBuf,
    objects: HashMap<Id, Vec<PathBuf>>,
    features: HashMap<Id, Vec<PathBuf>>,
    failed: HashMap<Id, Vec<PathBuf>>,
}

impl Found {
    pub fn look(instance: &Path, store: &Path) -> Found {
        Found {
            instance: instance.to_owned(),
            objects: by_id(store, |name| !is_of_features(name)),
            features: by_id(store, is_of_features),
            failed: by_id(&instance.join("failed"), |_| true),
        }
    }

    /// Finds out what became of the dump, and checks that nothing was lost that the damaged files still contained.
    pub fn fate(&self, case: &Case) -> Fate {
        let files = |found: &HashMap<Id, Vec<PathBuf>>| found.get(&case.id).cloned().unwrap_or_default();
        let (objects, failed) = (files(&self.objects), files(&self.failed));
        let features = files(&self.features);
        assert_eq!(features.len(), objects.len(), "{}: {:?}: features", case.id, case.place);
        match (objects.as_slice(), failed.is_empty()) {
            ([object], true) => {
                delivered(case, object, &features[0]);
                Fate::Delivered
            }
            ([], false) => {
                refused(case, &self.instance.join("failed"));
                Fate::Refused
            }
            ([], true) => {
                assert!(has_no_message(case), "{}: {:?} is lost", case.id, case.place);
                Fate::Gone
            }
            _ => panic!("{}: more than one fate: {objects:?} {failed:?}", case.id),
        }
    }
}

fn is_of_features(name: &str) -> bool {
    name.ends_with(".features.json")
}

fn by_id(folder: &Path, is_meant: impl Fn(&str) -> bool) -> HashMap<Id, Vec<PathBuf>> {
    let mut found: HashMap<Id, Vec<PathBuf>> = HashMap::new();
    for file in files_below(folder) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !is_meant(&name) {
            continue;
        }
        let id = name.get(..36).and_then(|id| id.parse().ok());
        found
            .entry(id.unwrap_or_else(|| panic!("{name} names no dump")))
            .or_default()
            .push(file);
    }
    found
}

pub fn nothing_is_left(instance: &Path) {
    for state in ["recording", "ready", "packed"] {
        assert_eq!(files_below(&instance.join(state)), Vec::<PathBuf>::new());
    }
}

/// Asserts that all files of the dump are kept unchanged, and that no whole unmasked file could have mended it.
fn refused(case: &Case, failed: &Path) {
    let id = case.id;
    let note = std::fs::read_to_string(failed.join(format!("{id}.txt"))).expect("a note");
    assert!(note.len() > 40, "{id}: the note says why: {note}");
    assert!(
        !case.place.is_beside_ready(),
        "{id}: the unmasked file was whole, and packing it again would have mended this: {note}"
    );
    for (path, content) in &case.files {
        let kept = failed.join(path.file_name().expect("a file has a name"));
        assert!(
            std::fs::read(&kept).is_ok_and(|kept| kept == *content),
            "{id}: {} is not as it was",
            kept.display()
        );
    }
}

fn delivered(case: &Case, object: &Path, features: &Path) {
    let id = case.id;
    let text = unpacked(&std::fs::read(object).expect("an object can be read")).expect("an object unpacks");
    let whole = unpacked(&packed().object).expect("what was packed unpacks");
    let of_the_object = extracted(&mut &text[..], &ToExtract::default()).expect("memory can be read");
    let features = std::fs::read(features).ok();
    assert!(
        features.is_some() && features.map(Ok) == of_the_object.features,
        "{id}: {:?}: the features",
        case.place
    );
    match case.place {
        Place::Recording | Place::Ready => lines_are_kept(case, &text),
        Place::Manifest if case.is_hit => panic!("{id}: a row was made of a damaged manifest"),
        // Damage in the header of gzip itself (its time, its system) also leaves the content whole.
        _ => assert!(text == whole, "{id}: {:?}: not the dump that was packed", case.place),
    }
}

/// Asserts that each whole line is there, and that lines that were not hit are equal byte for byte.
fn lines_are_kept(case: &Case, text: &[u8]) {
    let id = case.id;
    let mut ours = whole_lines(case.damaged());
    let mut theirs = whole_lines(text);
    let has_close = ours.last().is_some_and(|last| is_close(last));
    if has_close {
        ours.pop();
    }
    theirs.pop();
    assert_eq!(theirs.len(), ours.len(), "{id}: {:?}: the number of lines", case.place);
    for (line, stored) in ours.iter().zip(&theirs).skip(2) {
        let was_hit = !EVENTS.iter().any(|event| event.as_bytes() == *line);
        // A line that is not a JSON array is stored as a text in one.
        let is_kept = line == stored || (was_hit || line.starts_with(b"[\"no json"));
        assert!(is_kept, "{id}: {}", String::from_utf8_lossy(stored));
    }
}

fn whole_lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    lines.pop();
    lines
}

/// Whether this is a closing line as the server writes it. Its numbers may have been hit.
fn is_close(line: &[u8]) -> bool {
    let value: Option<(String, (), u16, Value, u64)> = serde_json::from_slice(line).ok();
    value.is_some_and(|(name, (), _, seal, _)| {
        let seal = seal.as_object();
        name == "close"
            && seal.is_some_and(|seal| {
                seal.len() == 2
                    && seal.get("end").is_some_and(Value::is_u64)
                    && seal.get("recovered").is_some_and(Value::is_boolean)
            })
            && !line.contains(&b' ')
    })
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut text)?;
    Ok(text)
}

/// Whether this is a recording of two lines or fewer.
fn has_no_message(case: &Case) -> bool {
    case.place == Place::Recording && whole_lines(case.damaged()).len() <= 2
}
