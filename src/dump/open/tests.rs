//! Tests what is opened, and how.
use std::io::Write;

use super::*;

const DUMP: &str = "RTCStatsDump\n{\"fileFormat\":3}\n[\"a\",null,1,5]\n\n7\nx\n[\"b\",null,2,5]";

/// The methods of all events, and the notes.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut dump = Dump::open(bytes).expect("a dump");
    let mut methods = Vec::new();
    while let Some(event) = dump.next().expect("memory does not fail") {
        methods.push(event.method.name().into_owned());
    }
    (methods, dump.notes().iter().map(ToString::to_string).collect())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

#[test]
fn what_is_not_read_is_said() {
    let (methods, notes) = read(DUMP.as_bytes());
    assert_eq!(methods, ["a", "b"]);
    let expected = [
        "line 5 is JSON, but no array, and was skipped",
        "line 6 is not JSON and was skipped",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn several_members_of_gzip_are_one_dump() {
    let (first, second) = DUMP.as_bytes().split_at(40);
    assert_eq!(read(&[gzip(first), gzip(second)].concat()), read(DUMP.as_bytes()));
}
