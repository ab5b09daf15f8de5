//! The table against the facts about the protocol, as the client library has them.
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

#[test]
fn properties_have_the_protocols_keys() {
    let facts: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/data/tables.json")).expect("the facts are JSON");
    for (key, name) in facts["statsProperties"].as_object().expect("properties by wire key") {
        let name = name.as_str().expect("a name");
        assert_eq!(
            Property::of(key.as_bytes()),
            Property::of(name.as_bytes()),
            "{key} {name}"
        );
    }
    for (key, name) in facts["statsTypes"].as_object().expect("types by wire key") {
        let name = name.as_str().expect("a name");
        assert_eq!(
            is_candidate_type(key.as_bytes()),
            name.ends_with("-candidate"),
            "{name}"
        );
        assert_eq!(
            is_candidate_type(name.as_bytes()),
            name.ends_with("-candidate"),
            "{name}"
        );
    }
}
