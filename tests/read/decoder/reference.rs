//! The events of all recorded dumps, against what the Node.js implementation makes of them.
//!
//! Equal means: as JSON values, with members in any order and numbers as doubles. Where that implementation fails or is
//! wrong, the tables here say what comes instead, and why.

use rtcstats_server::dump::decode::Restore;
use rtcstats_server::dump::open::Dump;
use serde_json::{Value, json};

use super::recorded;

/// All events as JSON, and the notes.
fn read(name: &str, how: Restore) -> (Vec<String>, Vec<String>) {
    let file = recorded::file(name);
    let mut dump = Dump::open(&file[..]).expect("a dump");
    dump.restore(how);
    let mut events = Vec::new();
    while let Some(event) = dump.next().expect("memory does not fail") {
        let mut text = Vec::new();
        event.write_json(&mut text);
        events.push(String::from_utf8(text).expect("UTF-8"));
    }
    (events, dump.notes().iter().map(ToString::to_string).collect())
}

/// A value with all numbers as doubles. Half surrogate pairs are kept apart by their escapes.
fn value(text: &str) -> Value {
    let value = serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace("\\ud", "\\\\ud")));
    doubles(value.unwrap_or_else(|error| panic!("{error}: {text:.300}")))
}

fn doubles(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(elements) => elements.into_iter().map(doubles).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, doubles(value)))
            .collect(),
        other => other,
    }
}

/// The expected events, changed to what is meant to differ.
fn expected(name: &str) -> Option<Vec<Value>> {
    let mut expected: Vec<_> = recorded::expected(name)?.iter().map(|line| value(line)).collect();
    match name {
        // The page connects again and sends the time since 1970 once more. The reference adds both, which gives the
        // year 2083; here such a time sets the clock.
        "reconnect-after-refused" => {
            let again = expected[1][0].as_f64().expect("a time");
            let first = 1_795_327_458_261.0;
            let wrong = expected[2][0].as_f64().expect("a time");
            assert!(wrong > again + 1e12, "the reference still adds two times");
            for event in &mut expected[2..] {
                event[0] = (event[0].as_f64().expect("a time") - wrong + first).into();
            }
        }
        // A report that was never there is announced as gone. The reference keeps a null for it.
        "derived-address-zoo" => {
            let removed = expected[151][3].as_object_mut().expect("reports").shift_remove("6");
            assert_eq!(removed, Some(Value::Null));
        }
        _ => {}
    }
    Some(expected)
}

/// The dumps on which the reference fails: why, how many events come instead, and what was not read.
const FAILED: &[(&str, &str, usize, &[&str])] = &[
    (
        "custom-events-malformed",
        "getStats without a connection, and events of less than four elements",
        30,
        &[],
    ),
    (
        "derived-line-zoo",
        "lines that are not JSON",
        23,
        &[
            "line 13 is not JSON and was skipped",
            "line 14 is JSON, but no array, and was skipped",
            "line 17 is not JSON and was skipped",
        ],
    ),
];

#[test]
fn the_events_are_those_of_the_reference() {
    let mut compared = 0;
    for name in recorded::names() {
        let (ours, notes) = read(&name, Restore::Offered);
        let Some(expected) = expected(&name) else {
            let failed = FAILED.iter().find(|(failed, ..)| *failed == name);
            let (_, why, count, lost) = failed.unwrap_or_else(|| panic!("{name}: there are no expected events"));
            assert_eq!(
                (ours.len(), &notes[..]),
                (*count, &lost.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{name}: {why}"
            );
            continue;
        };
        assert_eq!(notes, [""; 0], "{name}");
        assert_eq!(ours.len(), expected.len(), "{name}");
        for (number, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
            assert!(
                value(ours) == *expected,
                "{name}, event {number}:\n{ours:.2000}\nexpected\n{:.2000}",
                expected.to_string()
            );
            compared += 1;
        }
    }
    assert!(compared > 5000, "only {compared} events were compared");
}

/// Events of which the reference makes nothing: the line of the dump, its connection, its method and its value.
#[test]
fn short_and_odd_events_mean_something() {
    let (events, _) = read("custom-events-malformed", Restore::Offered);
    let begin = 1_795_326_948_658.0;
    let cases = [
        // The delta is the last element if that is a number, whatever the length.
        (3, 101.0, json!(null), json!("noArgs"), json!(null)),
        (4, 101.0, json!(null), json!("onlyNull"), json!(null)),
        (5, 101.0, json!(null), json!(null), json!(null)),
        // Anything can be a method, or the name of a connection.
        (9, 101.0, json!(null), json!({}), json!({"a": 1.0})),
        (10, 101.0, json!(17.0), json!("numericPc"), json!({"x": 1.0})),
        (11, 101.0, json!({"a": 1.0}), json!("objectPc"), json!({"x": 1.0})),
        (14, 101.0, json!(null), json!(99.0), json!("unknown numeric method")),
        (
            15,
            101.0,
            json!(null),
            json!("addIceCandidate"),
            json!("string digits as a method name"),
        ),
        // Values of the wrong type stay; what is no report is dropped.
        (20, 102.0, json!(null), json!("getStats"), json!(null)),
        (21, 102.0, json!(null), json!("getStats"), json!("text")),
        (
            22,
            102.0,
            json!(null),
            json!("getStats"),
            json!({"c": {"address": 5.0, "candidateType": "host"}}),
        ),
        (29, 611.0, json!(null), json!("close"), json!(1005.0)),
    ];
    for (at, ms, connection, method, meant) in cases {
        assert_eq!(
            value(&events[at]),
            json!([begin + ms, connection, method, meant]),
            "event {at}"
        );
    }
}

/// In how many descriptions sections are left that were replaced by placeholders.
fn placeholders(events: &[String]) -> usize {
    let is_left = |event: &&String| {
        let event = value(event);
        let mut lines = event[3]["sdp"].as_str().unwrap_or_default().lines().map(str::trim);
        lines.any(|line| matches!(line, "v=" | "m="))
    };
    events.iter().filter(is_left).count()
}

#[test]
fn no_placeholder_is_left_where_the_state_is_followed() {
    for name in recorded::names() {
        let (offered, _) = read(&name, Restore::Offered);
        let (fully, _) = read(&name, Restore::Fully);
        assert_eq!(offered.len(), fully.len(), "{name}");
        // One description of that dump has no base at all.
        let without_base = usize::from(name == "derived-address-zoo");
        let left = placeholders(&fully);
        assert!(
            left <= without_base,
            "{name}: placeholders are left in {left} descriptions"
        );
        let renegotiates = ["nontrickle-candidates-in-sdp", "large-sdp-100-transceivers"].contains(&name.as_str());
        assert!(
            !renegotiates || placeholders(&offered) > 0,
            "{name} shows the difference"
        );
    }
}
