//! Compares what the sessions know with what was stored: no line that a pong had acknowledged is lost, torn or doubled.

use std::collections::{HashMap, HashSet};

use support::Dump;

use crate::kill::is_stopped_first;
use crate::kill::load::{Record, line};

/// Asserts that every dump is that of a session, whole and in order, and that each session that got a pong has exactly
/// one dump. Returns how many lines were acknowledged.
pub fn assert_complete(dumps: &[Dump], records: &[Record]) -> usize {
    let known: HashMap<&str, &Record> = records.iter().map(|record| (record.name.as_str(), record)).collect();
    let mut stored = HashSet::new();
    for dump in dumps {
        let name = name_of(dump);
        let record = known.get(name.as_str()).unwrap_or_else(|| panic!("nobody sent {name}"));
        assert!(stored.insert(name), "{} is stored twice", record.name);
        assert_whole(dump, record);
    }
    for record in records.iter().filter(|record| record.acknowledged > 0) {
        assert!(
            stored.contains(&record.name),
            "{} is lost: {} lines acknowledged",
            record.name,
            record.acknowledged
        );
    }
    let vouched = records.iter().map(|record| record.acknowledged).sum();
    println!(
        "{} sessions, {} dumps, {vouched} lines vouched for",
        records.len(),
        dumps.len()
    );
    vouched
}

fn assert_whole(dump: &Dump, record: &Record) {
    let name = &record.name;
    let messages = dump.messages();
    for (number, message) in messages.iter().enumerate() {
        assert!(
            *message == line(name, number),
            "{name}: line {number} is torn, lost or doubled: {message:.200}"
        );
    }
    let count = messages.len();
    assert!(
        count >= record.acknowledged,
        "{name}: {count} lines, {} acknowledged",
        record.acknowledged
    );
    assert!(count <= record.sent, "{name}: {count} lines, {} sent", record.sent);
    let code = dump.close_code();
    assert!(
        code == 1006 || (code == 1000 && record.closed) || (code == 1001 && is_stopped_first(record.round)),
        "{name}: closed with {code}"
    );
}

/// The session's name, from its first line.
fn name_of(dump: &Dump) -> String {
    let first: serde_json::Value = serde_json::from_str(&dump.messages()[0]).expect("a line is JSON");
    first[2].as_str().expect("the third element is the name").to_string()
}
