//! `dump mask` on what browsers have written: it stays a dump of its form with the same events, but for addresses and
//! labels.

use std::path::PathBuf;

use serde_json::Value;
use support::place::repository;

use crate::run::{Place, text};

const CALLS: [&str; 5] = [
    "audio-only",
    "gum-failures",
    "ice-restart",
    "ice-restart-late",
    "simulcast-3rids",
];

const FORMS: [(&str, &str); 2] = [
    ("internals", "webrtc-internals"),
    ("chrome-rtcstats", "chrome-rtcstats"),
];

/// Addresses and labels in the recordings. Two of them Chrome gives to every track that it receives.
const PERSONAL: [&str; 6] = [
    "192.0.2.2",
    "fd00::2",
    "Fake Default Audio Input",
    "fake_device_0",
    "remote audio",
    "remote video",
];

fn recorded(call: &str, form: &str) -> PathBuf {
    repository().join(format!("tests/data/internals/{call}.{form}.gz"))
}

fn events(place: &Place, file: &str) -> Vec<Value> {
    let told = place.run(&["dump", "cat", file]);
    assert_eq!((told.code, &*told.err), (0, ""), "{file}");
    told.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Where two events differ, both texts.
fn changed<'a>(plain: &'a Value, masked: &'a Value, found: &mut Vec<(&'a Value, &'a Value)>) {
    match (plain, masked) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| changed(a, b, found));
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.values().zip(b.values()).for_each(|(a, b)| changed(a, b, found));
        }
        _ if plain == masked => {}
        _ => found.push((plain, masked)),
    }
}

/// Whether these are one track, in Chrome's own export. There its stream stands where a client library has the label,
/// so it goes as well.
fn is_track(form: &str, plain: &Value, masked: &Value) -> bool {
    let kind = plain[0].as_str();
    let same = plain[0] == masked[0] && plain[1] == masked[1] && masked[2] == "x";
    form == "chrome-rtcstats" && same && matches!(kind, Some("audio" | "video"))
}

#[test]
fn a_masked_dump_of_a_browser_has_the_same_events() {
    let place = Place::new();
    let mut masked_texts = 0;
    for (call, (form, format)) in CALLS.into_iter().flat_map(|call| FORMS.map(|form| (call, form))) {
        let path = recorded(call, form);
        let told = place.run(&["dump", "mask", text(&path)]);
        assert_eq!((told.code, &*told.err), (0, ""), "{call} {form}");
        for personal in PERSONAL {
            assert!(!told.out.contains(personal), "{call} {form}: {personal}");
        }
        place.write("masked", &told.out);
        let again = place.run(&["dump", "mask", "masked"]);
        assert!(again == told, "{call} {form}: masking twice changes something");
        let info = place.run(&["dump", "info", "--json", "masked"]);
        let info: Value = serde_json::from_str(&info.out).unwrap();
        assert_eq!(info["format"], format, "{call}");
        let (plain, masked) = (events(&place, text(&path)), events(&place, "masked"));
        assert_eq!(plain.len(), masked.len(), "{call} {form}");
        let mut found = Vec::new();
        plain.iter().zip(&masked).for_each(|(a, b)| changed(a, b, &mut found));
        masked_texts += found.len();
        for (plain, masked) in found {
            if is_track(form, plain, masked) {
                continue;
            }
            let has = |personal: &&str| plain.as_str().is_some_and(|plain| plain.contains(personal));
            assert!(PERSONAL.iter().any(has), "{call} {form}: {plain} / {masked}");
        }
    }
    assert!(masked_texts > 500, "{masked_texts}");
}
