//! `dump diff`: nothing for the same call, and what is not the same for another one.

use serde_json::Value;
use support::Recorded;

use crate::run::{Place, dump, text};

#[test]
fn a_dump_does_not_differ_from_itself() {
    let place = Place::new();
    for Recorded { name, .. } in Recorded::all() {
        let file = dump(&name);
        let told = place.run(&["dump", "diff", text(&file), text(&file)]);
        assert_eq!((told.code, told.out.as_str()), (0, ""), "{name}");
    }
    let file = dump("short-session");
    let told = place.run(&["dump", "diff", "--json", text(&file), text(&file)]);
    let json: Value = serde_json::from_str(&told.out).expect("JSON");
    let none = Value::Array(Vec::new());
    assert_eq!((told.code, &json["features"], &json["findings"]), (0, &none, &none));
}

#[test]
fn two_calls_differ_in_what_is_told_of_each() {
    let place = Place::new();
    let (a, b) = (dump("turn-relay"), dump("audio-only"));
    let told = place.run(&["dump", "diff", "--json", text(&a), text(&b)]);
    assert_eq!((told.code, told.err.as_str()), (1, ""));
    let json: Value = serde_json::from_str(&told.out).expect("JSON");
    let differences = json["features"].as_array().expect("a list");
    let features = [&a, &b].map(|file| {
        let told = place.run(&["dump", "features", "--json", text(file)]);
        serde_json::from_str::<Value>(&told.out).expect("JSON")
    });
    let of_first = differences
        .iter()
        .filter(|one| one["of"] == "connection" && one["connection"] == "PC_0");
    assert!(of_first.clone().count() > 5, "{json}");
    for one in of_first {
        let name = one["name"].as_str().expect("a name");
        for (side, features) in ["a", "b"].into_iter().zip(&features) {
            assert_eq!(one[side], features["peerConnections"][0][name], "{one}");
        }
        assert_ne!(one["a"], one["b"], "{one}");
    }
    let shown = place.run(&["dump", "diff", text(&a), text(&b)]);
    assert_eq!(shown.code, 1);
    assert!(
        shown.out.lines().count() > differences.len() && shown.out.contains("FEATURE "),
        "{}",
        shown.out
    );
    let back = place.run(&["dump", "diff", "--json", text(&b), text(&a)]);
    let back: Value = serde_json::from_str(&back.out).expect("JSON");
    let count = |of: &str| {
        let both = [&json, &back].map(|json| json["features"].as_array().expect("a list").clone());
        both.map(|all| all.iter().filter(|one| one["of"] == of).count())
    };
    for of in ["client", "connection", "track"] {
        let [there, back] = count(of);
        assert_eq!(there, back, "{of}");
    }
}

/// As with `diff`: 2 is trouble.
#[test]
fn what_cannot_be_compared_is_no_difference() {
    let place = Place::new();
    let packed = std::fs::read(dump("short-session")).expect("a recorded dump");
    place
        .write("a.gz", &packed)
        .write("torn.gz", &packed[..packed.len() - 20]);
    let code = |arguments: &[&str]| {
        let told = place.run(&[&["dump", "diff"], arguments].concat());
        assert_eq!(told.code == 2, !told.err.is_empty(), "{arguments:?}: {told:?}");
        told.code
    };
    assert_eq!(code(&["a.gz", "a.gz"]), 0);
    assert_eq!(code(&["a.gz", "none.gz"]), 2);
    assert_eq!(code(&["torn.gz", "a.gz"]), 2);
    assert_eq!(code(&["a.gz"]), 2);
    assert_eq!(code(&["-", "-"]), 2);
    assert_eq!(code(&["a.gz", "a.gz", "--max-download", "much"]), 2);
    assert_eq!(code(&["a.gz", "a.gz", "--origin", "https://none.example.org"]), 2);
    assert_eq!(place.feed(&["dump", "diff", "a.gz", "-"], &packed).code, 0);
}
