//! Tests the table against the facts about the protocol, as the client library has them.
use std::collections::BTreeMap;

use super::*;

#[test]
fn the_table_is_the_protocols() {
    let facts: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/data/tables.json")).expect("the facts are JSON");
    let mut wire: BTreeMap<&str, &str> = METHODS.iter().map(|m| (m.name, m.name)).collect();
    for (key, name) in facts["methods"].as_object().expect("methods by wire key") {
        let name = name.as_str().expect("a name");
        let method = Method::of_text(key.as_bytes()).expect("every key is known");
        assert_eq!(method.name, name);
        assert_eq!(Method::of_text(name.as_bytes()), Some(method));
        if key != "g" {
            assert_eq!(Method::of_number(key.as_bytes()), Some(method));
            assert_eq!(method.key.to_string(), *key);
        }
        wire.remove(name);
    }
    assert!(wire.is_empty(), "not in the protocol: {wire:?}");
    assert!(METHODS.is_sorted_by_key(|method| method.key));
}

/// Keys that clients do not send any more, but dumps have.
#[test]
fn keys_that_are_only_read_are_known() {
    let facts: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/data/tables.json")).expect("the facts are JSON");
    assert_eq!(facts["methodsDecompressOnly"], serde_json::json!(["1", "68"]));
    for (key, name) in [
        ("1", "getStats"),
        ("g", "getStats"),
        ("68", "navigator.mediaDevices.getDisplayMediaOnFailure"),
    ] {
        assert_eq!(facts["methods"][key], name);
        assert_eq!(Method::of_text(key.as_bytes()).map(|method| method.name), Some(name));
    }
    assert_eq!(Method::of_number(b"62"), None, "it is not assigned");
}
