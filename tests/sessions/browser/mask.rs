//! A second masking, made only for what Chromium sends on this machine. The server's masking is compared with it.
//!
//! A stored line must be equal to the sent one except for addresses, which have exactly one right masked form, and
//! device labels, whose names must be gone. Everything between the strings of a line must be equal byte for byte.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

/// Methods whose tracks are `[kind, id, label, …]`: ontrack, addTrack, addTransceiver, replaceTrack, getUserMedia and
/// getDisplayMedia with success.
const WITH_TRACKS: [u64; 6] = [22, 30, 32, 51, 61, 64];
const ENUMERATE_DEVICES: u64 = 66;

/// Asserts that `stored` is what may leave the machine when the page has sent `sent` as line `number`.
pub fn assert_stored(sent: &str, stored: &str, number: usize) {
    let parse = |line: &str| serde_json::from_str::<Value>(line).expect("a line of the page is JSON");
    let (before, after) = (parse(sent), parse(stored));
    let complaint = || format!("line {number}\n  sent   {sent}\n  stored {stored}");
    assert_eq!(skeleton(sent), skeleton(stored), "outside of strings, {}", complaint());
    let labels = labels(&before);
    compare(&before, &after, &labels, &complaint);
    if !is_masked(&before, &labels) {
        assert_eq!(sent, stored, "nothing to mask in {}", complaint());
    }
}

/// Compares both values. Their skeletons are equal, so they differ in strings only.
fn compare(before: &Value, after: &Value, labels: &[&str], complaint: &dyn Fn() -> String) {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            before
                .iter()
                .zip(after)
                .for_each(|(before, after)| compare(before, after, labels, complaint));
        }
        (Value::Object(before), Value::Object(after)) => {
            assert!(before.keys().eq(after.keys()), "keys, {}", complaint());
            before
                .values()
                .zip(after.values())
                .for_each(|(before, after)| compare(before, after, labels, complaint));
        }
        (Value::String(before), Value::String(after)) if labels.contains(&before.as_str()) => {
            assert!(
                !after.to_lowercase().contains("fake"),
                "a device label, {}",
                complaint()
            );
        }
        (Value::String(before), Value::String(after)) => assert_eq!(mask_text(before), *after, "{}", complaint()),
        _ => assert_eq!(before, after, "{}", complaint()),
    }
}

fn is_masked(line: &Value, labels: &[&str]) -> bool {
    match line {
        Value::Array(items) => items.iter().any(|item| is_masked(item, labels)),
        Value::Object(members) => members.values().any(|member| is_masked(member, labels)),
        Value::String(text) => labels.contains(&text.as_str()) || mask_text(text) != *text,
        _ => false,
    }
}

/// The labels of devices in a line. Labels that the far end gives to its tracks ("remote audio") are not names of
/// devices and may stay.
fn labels(line: &Value) -> Vec<&str> {
    let method = line[0].as_u64();
    let items = line[2].as_array().map(Vec::as_slice).unwrap_or_default();
    if method == Some(ENUMERATE_DEVICES) {
        return items
            .iter()
            .filter_map(|device| device["label"].as_str())
            .filter(|label| !label.is_empty())
            .collect();
    }
    if !method.is_some_and(|method| WITH_TRACKS.contains(&method)) {
        return Vec::new();
    }
    let tracks = if line[2][0].is_array() {
        items
    } else {
        std::slice::from_ref(&line[2])
    };
    tracks.iter().filter_map(|track| track[2].as_str()).collect()
}

/// Masks every address in a text. A run of hexadecimal digits, points and colons may be an address.
fn mask_text(text: &str) -> String {
    let of_address = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut masked = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match of_address(first) {
            true => rest.find(|c| !of_address(c)).unwrap_or(rest.len()),
            false => rest.find(of_address).unwrap_or(rest.len()),
        };
        let (run, behind) = rest.split_at(length);
        masked += &run.parse().map_or(run.to_string(), mask_address);
        rest = behind;
    }
    masked
}

fn mask_address(address: IpAddr) -> String {
    match address {
        _ if address.is_loopback() || address.is_unspecified() => address.to_string(),
        IpAddr::V4(address) => mask_v4(address),
        IpAddr::V6(address) => mask_v6(address),
    }
}

fn mask_v4(address: Ipv4Addr) -> String {
    let [a, b, c, _] = address.octets();
    format!("{a}.{b}.{c}.x")
}

fn mask_v6(address: Ipv6Addr) -> String {
    let [a, b, c, ..] = address.segments();
    format!("{a:x}:{b:x}:{c:x}:x:x:x:x:x")
}

/// A line without the content of its strings.
fn skeleton(line: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let outside = |c: &char| {
        let quote = *c == '"' && !escaped;
        escaped = in_string && *c == '\\' && !escaped;
        in_string ^= quote;
        quote || !in_string
    };
    line.chars().filter(outside).collect()
}

#[test]
fn the_second_masking_masks() {
    let text = "candidate:1 1 udp 2122194687 192.0.2.2 44478 typ host, fd00::2 9, 127.0.0.1, ::1, 0.0.0.0, CE:4C:89:E4";
    let masked = "candidate:1 1 udp 2122194687 192.0.2.x 44478 typ host, fd00:0:0:x:x:x:x:x 9, 127.0.0.1, ::1, 0.0.0.0, CE:4C:89:E4";
    assert_eq!(mask_text(text), masked);
}

#[test]
fn a_line_that_was_changed_elsewhere_is_noticed() {
    let sent = r#"[20,"PC_0",{"candidate":"candidate:1 1 udp 5 192.0.2.2 4 typ host","sdpMLineIndex":0},1.0]"#;
    let right = sent.replace("192.0.2.2", "192.0.2.x");
    assert_stored(sent, &right, 0);
    for wrong in [
        sent.to_string(),
        right.replace("udp", "UDP"),
        right.replace("1.0", "1"),
        right.replace("},", "} ,"),
    ] {
        assert!(
            std::panic::catch_unwind(|| assert_stored(sent, &wrong, 0)).is_err(),
            "{wrong}"
        );
    }
    let label = r#"[61,null,[["audio","a-b","Fake Default Audio Input","c-d"]],"60-0",5]"#;
    assert_stored(label, &label.replace("Fake Default Audio Input", ""), 0);
    assert!(std::panic::catch_unwind(|| assert_stored(label, label, 0)).is_err());
}
