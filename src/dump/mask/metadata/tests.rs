//! Tests of the masked second line of a dump.
use std::net::IpAddr;

use serde_json::json;

use super::super::rule::MaskRules;
use super::*;
use crate::geo::Location;

fn masked(masker: &mut Masker, value: Value) -> Value {
    let Value::Object(mut members) = value else {
        panic!("metadata is an object")
    };
    masker.metadata(&mut members);
    Value::Object(members)
}

fn example() -> Value {
    json!({
        "url": "/r/198.51.100.31/x?a=203.0.113.31&b=2001%3Adb8%3A%3A31&c=%5B::1%5D",
        "origin": "http://192.168.1.5:8080",
        "userAgent": "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36",
        "startTime": 1795326605175u64,
        "remoteAddresses": ["203.0.113.80", " 2001:db8:1:2:3:4:5:6", "unknown", "::ffff:198.51.100.7", "::ffff:127.0.0.1", 5],
        "fileFormat": 3,
        "note 198.51.100.31": {"origin": "198.51.100.31", "deep": [["198.51.100.31"]]},
    })
}

#[test]
fn addresses_go_but_for_the_page_and_the_browser() {
    let mut masker = Masker::new(
        MaskRules {
            addresses: true,
            device_labels: true,
        },
        None,
    );
    let masked = masked(&mut masker, example());
    let expected = json!({
        "url": "/r/198.51.100.x/x?a=203.0.113.x&b=2001:db8:0:x:x:x:x:x&c=%5B::1%5D",
        "origin": "http://192.168.1.5:8080",
        "userAgent": "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36",
        "startTime": 1795326605175u64,
        "remoteAddresses": ["203.0.113.x", " 2001:db8:1:x:x:x:x:x", "unknown", "198.51.100.x", "::ffff:127.0.0.1", 5],
        "fileFormat": 3,
        "note 198.51.100.x": {"origin": "198.51.100.x", "deep": [["198.51.100.x"]]},
    });
    assert_eq!(masked, expected);
    assert_eq!(
        masked.to_string(),
        expected.to_string(),
        "the order of the members stays"
    );
}

#[test]
fn a_kept_member_of_another_shape_is_text() {
    let mut masker = Masker::new(
        MaskRules {
            addresses: true,
            device_labels: true,
        },
        None,
    );
    let masked = masked(
        &mut masker,
        json!({"userAgent": ["198.51.100.31"], "origin": {"a": "198.51.100.31"}}),
    );
    assert_eq!(
        masked,
        json!({"userAgent": ["198.51.100.x"], "origin": {"a": "198.51.100.x"}})
    );
}

#[test]
fn rules_can_be_switched_off() {
    let mut masker = Masker::new(
        MaskRules {
            addresses: false,
            device_labels: true,
        },
        None,
    );
    assert_eq!(masked(&mut masker, example()), example());
}

#[test]
fn there_is_one_location_per_remote_address() {
    let locate = |ip: IpAddr| {
        (ip.to_string() == "198.51.100.7").then(|| Location {
            country: Some("DE".into()),
            ..Location::default()
        })
    };
    let mut masker = Masker::new(
        MaskRules {
            addresses: true,
            device_labels: true,
        },
        Some(&locate),
    );
    let masked = masked(&mut masker, example());
    assert_eq!(
        masked["locations"],
        json!([null, null, null, {"country": "DE"}, null, null])
    );
}
