//! `find`, run over a catalogue that the library has filled.

use std::io::Read;

use rtcstats_server::database::{Database, Row, Sqlite};
use rtcstats_server::labels::Labels;
use rtcstats_server::time::UnixMs;
use serde_json::Value;

use super::*;

fn row(id: u32, user: &str, start_ms: u64) -> Row {
    Row {
        id: format!("00000000-0000-7000-8000-{id:012}").parse().unwrap(),
        created_at: UnixMs(start_ms),
        labels: Labels {
            user: Some(user.into()),
            conference: Some("standup".into()),
            session: None,
        },
        metadata: r#"{"numberOfMessages":3,"closeCode":1001}"#.into(),
        blob_url: Some(format!("file:///d/{id}.jsonl.gz")),
        features_url: None,
        session_start: UnixMs(start_ms),
        session_end: UnixMs(start_ms + 61_000),
        features: None,
    }
}

/// Alice has a row at 1,700,000,000 and one a day later; Bob has one in between.
fn filled() -> Bench {
    let bench = bench();
    let catalogue = Database::Sqlite(Sqlite::open(&bench.path("data/catalog.db")).unwrap());
    for (id, user, start_s) in [
        (1, "alice", 1_700_000_000),
        (2, "bob", 1_700_043_200),
        (3, "alice", 1_700_086_400),
    ] {
        let written = catalogue.insert(&[row(id, user, start_s * 1000)]).unwrap();
        assert!(written[0].is_ok());
    }
    bench
}

#[test]
fn find_lists_what_passes_the_filters_newest_first() {
    let bench = filled();
    let ids = |arguments: &[&str]| -> Vec<u64> {
        let told = bench.run(&[&["find", "--json"], arguments].concat());
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        let id = |line: &str| {
            serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap()[24..]
                .parse()
                .unwrap()
        };
        told.out.lines().map(id).collect()
    };
    assert_eq!(ids(&[]), [3, 2, 1]);
    assert_eq!(ids(&["--limit", "2"]), [3, 2]);
    assert_eq!(ids(&["--user", "alice"]), [3, 1]);
    assert_eq!(ids(&["--user", "alice", "--until", "2023-11-15"]), [1]);
    assert_eq!(
        ids(&["--since", "2023-11-15T10:13:20Z", "--until", "2023-11-15T22:13:20Z"]),
        [2]
    );
    assert_eq!(ids(&["--conference", "standup", "--user", "bob"]), [2]);
    assert!(ids(&["--session", "none"]).is_empty() && ids(&["--since", "1h"]).is_empty());
    let told = bench.run(&["find", "--user", "bob"]);
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("START ")
            && lines[1].contains("  0:01:01  bob ")
            && lines[1].ends_with("file:///d/2.jsonl.gz")
    );
}

#[test]
fn find_says_when_there_is_no_catalogue_yet() {
    let bench = bench();
    let told = bench.run(&["find"]);
    assert_eq!((told.code, told.out.as_str()), (1, ""));
    assert!(told.err.contains("there is no catalogue at "), "{}", told.err);
    assert!(!bench.path("data").exists(), "searching makes nothing");
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let bench = filled();
    let mut child = bench
        .command(&["find"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}
