//! The rules of media on all recorded dumps: what fires there was looked at.
use std::collections::BTreeMap;

use crate::findings::Settings;
use crate::findings::tests::rig::{examine, recorded};

#[test]
fn recordings_are_as_healthy_as_they_were() {
    let names = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dumps")).expect("dumps");
    let names = names.map(|entry| entry.expect("a dump").file_name().into_string().expect("a name"));
    let mut found: BTreeMap<(String, &str, &str), u32> = BTreeMap::new();
    for name in names {
        let name = name.trim_end_matches(".jsonl.gz");
        for finding in examine(recorded(name), &Settings::default()).findings {
            let (id, severity) = (finding.rule.id, finding.severity.name());
            if ["cap.", "snd.", "rcv."].iter().any(|group| id.starts_with(group)) {
                *found.entry((name.to_owned(), id, severity)).or_default() += 1;
            }
        }
    }
    let found: Vec<_> = found
        .iter()
        .map(|((name, id, severity), count)| (&**name, *id, *severity, *count))
        .collect();
    assert_eq!(found, FOUND);
}

/// What was found: the dump, the rule, its severity, and how often.
///
/// The microphone of the recordings is a tone. On a machine with two processors, an encoder in software is told for a
/// picture of 720 rows. Sound and pictures of the long call were 45 to 61 ms apart for a while, which people can notice
/// but accept. The pages of two calls switched tracks off and on, and that of the simulcast
/// call its top layer.
const FOUND: [(&str, &str, &str, u32); 8] = [
    ("av-call-60s", "cap.level-constant", "info", 1),
    ("long-5min-4pc", "cap.disabled", "info", 2),
    ("long-5min-4pc", "cap.level-constant", "info", 1),
    ("long-5min-4pc", "rcv.sync", "info", 4),
    ("screenshare", "snd.software", "info", 1),
    ("simulcast-3rids", "snd.layer-off", "info", 1),
    ("simulcast-3rids", "snd.software", "info", 1),
    ("track-ops", "cap.disabled", "info", 2),
];
