//! Limits of what is kept.
use super::Keeper;
use crate::dump::json::Json;
use crate::limits::{FEATURE_TEXT_BYTES_MAX, FEATURE_TEXT_OVERHEAD_BYTES, FEATURE_VALUE_BYTES_MAX};

fn json(text: &str) -> Json<'_> {
    Json::parse(text.as_bytes()).unwrap()
}

#[test]
fn values_stay_as_they_were_sent() {
    let mut keeper = Keeper::default();
    for text in ["1.0", "9007199254740993", "null", r#""a\"b""#, r#"{"a": [1]}"#] {
        assert_eq!(keeper.value(json(text)).unwrap().json(), text);
    }
    assert_eq!(keeper.value(json(r#""a\ud800b""#)).unwrap().json(), "\"a\u{fffd}b\"");
    for text in ["1e400", "[1e400]", r#"{"a":{"b":-1e999}}"#] {
        assert_eq!(keeper.value(json(text)), None, "{text}");
    }
    assert_eq!(keeper.string(json("1")), None);
    assert_eq!(keeper.omitted(), 0);
    let broken = Json::parse(b"\"a\xffb\"").unwrap();
    assert_eq!(keeper.value(broken).unwrap().json(), "\"a\u{fffd}b\"");
}

#[test]
fn long_values_and_too_many_are_counted() {
    let mut keeper = Keeper::default();
    let longest = "1".repeat(FEATURE_VALUE_BYTES_MAX);
    assert!(keeper.text(&format!("{longest}1")).is_none());
    assert_eq!(keeper.omitted(), 1);
    let each = FEATURE_VALUE_BYTES_MAX + FEATURE_TEXT_OVERHEAD_BYTES;
    let all: Vec<_> = (0..FEATURE_TEXT_BYTES_MAX / each)
        .map(|_| keeper.text(&longest).unwrap())
        .collect();
    assert!(keeper.text(&longest).is_none());
    assert_eq!(keeper.omitted(), 2);
    keeper.release(&all[0]);
    assert!(keeper.text(&longest).is_some());
}
