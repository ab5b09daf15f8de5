//! Tests the tables against the facts about the protocol, as the client library has them.
use super::*;

fn facts() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../tests/data/tables.json")).expect("the facts are JSON")
}

#[test]
fn the_properties_are_the_protocols() {
    let facts = facts();
    let known = facts["statsProperties"].as_object().expect("properties by wire key");
    for (wire, name) in known {
        let name = name.as_str().expect("a name");
        let (key, spelling) = key_of(wire.as_bytes()).expect("every key is known");
        assert_eq!((name_of(key), spelling), (name, Spelling::Short));
        assert_eq!(key_of(name.as_bytes()), Some((key, Spelling::Full)));
        assert!(wire == "t" || key.to_string() == *wire);
    }
    let count = PROPERTIES.iter().filter(|name| !name.is_empty()).count();
    assert_eq!(count, known.len() + 1, "all but `type` are in the protocol");
}

/// Keys that clients do not send any more, but dumps have.
#[test]
fn keys_that_are_only_read_are_known() {
    let facts = facts();
    let only_read = facts["statsPropertiesDecompressOnly"].as_array().expect("keys");
    let keys: Vec<_> = only_read.iter().map(|key| key.as_str().expect("a key")).collect();
    assert_eq!(
        keys,
        ["167", "168", "169", "170", "171", "172", "173", "174", "175", "176"]
    );
    for key in keys {
        let (number, _) = key_of(key.as_bytes()).expect("it is known");
        assert_eq!(facts["statsProperties"][key], name_of(number));
    }
}

#[test]
fn the_types_are_the_protocols() {
    let facts = facts();
    let known = facts["statsTypes"].as_object().expect("types by wire key");
    for (wire, name) in known {
        let name = name.to_string();
        for spelling in [wire.clone(), format!("{wire}.0"), format!("\"{wire}\"")] {
            assert_eq!(type_of(spelling.as_bytes()), Some(name.as_bytes()), "{spelling}");
        }
        for other in [
            format!("\"{wire}.0\""),
            format!("\"0{wire}\""),
            format!("-{wire}"),
            name,
        ] {
            assert_eq!(type_of(other.as_bytes()), None, "{other}");
        }
    }
    assert_eq!(TYPES.iter().filter(|name| !name.is_empty()).count(), known.len());
}

#[test]
fn what_is_no_key_is_none() {
    for name in [
        "",
        "0",
        "1",
        "00",
        "04",
        "13",
        "177",
        "179",
        "180",
        "999",
        "-4",
        "4.0",
        "tt",
        "statsSent",
    ] {
        assert_eq!(key_of(name.as_bytes()), None, "{name}");
    }
    assert_eq!(key_of(b"type"), Some((TYPE, Spelling::Full)));
}
