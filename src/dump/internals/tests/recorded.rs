//! Recordings of Chromium 156: what the page of webrtc-internals has kept of a call, beside what the browser's own
//! export in version 3 says of the same call.
//!
//! The export has each poll as it was. The page has series, from which the importer puts the polls together again; both
//! must be equal but for series with holes, of which the page has forgotten where they were.
use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;

use super::*;

const CALLS: [(&str, &[u8], &[u8]); 4] = [
    (
        "audio-only",
        include_bytes!("../../../../tests/data/internals/audio-only.internals.gz"),
        include_bytes!("../../../../tests/data/internals/audio-only.chrome-rtcstats.gz"),
    ),
    (
        "ice-restart",
        include_bytes!("../../../../tests/data/internals/ice-restart.internals.gz"),
        include_bytes!("../../../../tests/data/internals/ice-restart.chrome-rtcstats.gz"),
    ),
    (
        "ice-restart-late",
        include_bytes!("../../../../tests/data/internals/ice-restart-late.internals.gz"),
        include_bytes!("../../../../tests/data/internals/ice-restart-late.chrome-rtcstats.gz"),
    ),
    (
        "simulcast-3rids",
        include_bytes!("../../../../tests/data/internals/simulcast-3rids.internals.gz"),
        include_bytes!("../../../../tests/data/internals/simulcast-3rids.chrome-rtcstats.gz"),
    ),
];

/// Series with holes, and how many of their values stand in another poll than they should.
const HOLES: [(&str, &str, &str, usize); 4] = [
    ("ice-restart-late", "6-2", "ROV1415179808", 2),
    ("simulcast-3rids", "8-2", "IT01V3258992650", 34),
    ("simulcast-3rids", "8-2", "IT01V3670734500", 14),
    ("simulcast-3rids", "8-1", "OT01V3258992650", 36),
];

fn unpacked(gz: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(gz).read_to_end(&mut text).unwrap();
    text
}

/// The events of the export: time, connection, method, value.
fn export(gz: &[u8]) -> Vec<(f64, String, String, Value)> {
    let text = String::from_utf8(unpacked(gz)).unwrap();
    let mut clock = 0.0;
    let lines = text.lines().skip(2).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let event = event.as_array().unwrap();
            clock += event.last().and_then(Value::as_f64).unwrap();
            let text = |at: usize| event[at].as_str().unwrap_or("null").to_owned();
            (clock, text(1), text(0), event[2].clone())
        })
        .collect()
}

/// The polls of the export by the time of the peer-connection report, without what the page has derived.
fn polls(gz: &[u8]) -> BTreeMap<(String, u64), Value> {
    let stats = export(gz).into_iter().filter(|(_, _, method, _)| method == "getStats");
    stats
        .map(|(_, connection, _, mut reports)| {
            for report in reports.as_object_mut().unwrap().values_mut() {
                report
                    .as_object_mut()
                    .unwrap()
                    .retain(|name, _| !name.starts_with('[') && name != "id");
            }
            let time = reports["P"]["timestamp"].as_f64().unwrap();
            ((connection, time.to_bits()), reports)
        })
        .collect()
}

#[test]
fn polls_are_those_that_the_browser_took() {
    for (name, internals, exported) in CALLS {
        let expected = polls(exported);
        let (events, read) = read(&unpacked(internals), None);
        assert!(read.notes().is_empty(), "{name}");
        let mut wrong: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut count = 0;
        for event in events.iter().filter(|event| event[2] == "getStats") {
            let connection = event[1].as_str().unwrap();
            let poll = &expected[&(connection.to_owned(), event[0].as_f64().unwrap().to_bits())];
            let (ours, theirs) = (event[3].as_object().unwrap(), poll.as_object().unwrap());
            assert!(
                ours.keys().all(|id| theirs.contains_key(id)) && ours.len() == theirs.len(),
                "{name}"
            );
            for (id, report) in ours {
                let (ours, theirs) = (report.as_object().unwrap(), theirs[id].as_object().unwrap());
                let differ = ours
                    .iter()
                    .filter(|(property, value)| theirs.get(*property) != Some(value));
                let differ = differ.chain(theirs.iter().filter(|(property, _)| !ours.contains_key(*property)));
                *wrong.entry((connection.to_owned(), id.clone())).or_default() += differ.count();
            }
            count += 1;
        }
        assert!(count > 15, "{name}: {count}");
        wrong.retain(|_, count| *count > 0);
        for ((connection, id), count) in wrong {
            let hole = HOLES
                .iter()
                .find(|hole| (hole.0, hole.1, hole.2) == (name, &connection, &id));
            assert_eq!(hole.map(|hole| hole.3), Some(count), "{name} {connection} {id}");
        }
    }
}

#[test]
fn logs_are_those_of_the_export() {
    for (name, internals, exported) in CALLS {
        let (events, _) = read(&unpacked(internals), None);
        let page: Vec<_> = events
            .iter()
            .filter(|event| event[1] != Value::Null && event[2] != "getStats" && event[2] != "create")
            .collect();
        assert!(page.len() > 40, "{name}");
        let mut exported = export(exported);
        let late = page
            .iter()
            .map(|event| event[0].as_f64().unwrap())
            .fold(f64::INFINITY, f64::min);
        exported.retain(|(time, ..)| name != "ice-restart-late" || *time >= late - 0.5);
        let of_connections = exported.iter().filter(|(_, connection, method, _)| {
            connection != "null" && !connection.ends_with("-0") && method != "getStats" && method != "create"
        });
        assert_eq!(of_connections.clone().count(), page.len(), "{name}");
        for (time, connection, method, value) in of_connections {
            // The export gives differences of times, whose sums are not exact.
            let same = page.iter().filter(|event| {
                event[1] == connection.as_str()
                    && event[2] == method.as_str()
                    && (event[0].as_f64().unwrap() - time).abs() < 0.01
            });
            let unquoted = value.as_str().and_then(|text| serde_json::from_str(text).ok());
            let value = unquoted.as_ref().unwrap_or(value);
            let found = same
                .filter(|event| method.starts_with("add") || event[3] == *value)
                .count();
            assert!(found >= 1, "{name} {time} {connection} {method} {value}");
        }
    }
}

#[test]
fn flags_say_what_is_special() {
    for (name, internals, _) in CALLS {
        let (_, read) = read(&unpacked(internals), None);
        let flags: Vec<&str> = read.flags().iter().map(Flag::name).collect();
        let expected: &[&str] = if name == "ice-restart-late" {
            &["startedMidCall"]
        } else {
            &[]
        };
        assert_eq!(flags, expected, "{name}");
        assert_eq!(read.origins().len(), 1, "{name}");
        assert_eq!(read.origins()[0].1, 2, "{name}");
    }
}
