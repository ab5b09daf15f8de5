//! Every form of an address in every place of a dump of webrtc-internals: what masking makes of it is what it makes of
//! the same text in a dump of a client library.
use serde_json::{Map, Value, json};

use super::*;
use crate::dump::mask::address::corpus;

/// Types of log entries, one for each rule, and what none is known of.
const TYPES: [&str; 12] = [
    "createOffer",
    "setLocalDescription",
    "setRemoteDescriptionOnFailure",
    "onIceCandidate",
    "addIceCandidateFailed",
    "icecandidateerror",
    "connectionstatechange",
    "createDataChannel",
    "updateIce",
    "addTrack",
    "transceiverAdded",
    "whatever comes next",
];

/// The values of a log entry in which this text stands.
fn values(text: &str) -> Vec<String> {
    vec![
        text.to_owned(),
        format!("type: offer, sdp: v=0\r\na=note {text}\r\n"),
        format!("sdpMid: {text}, sdpMLineIndex: 0, candidate: {text}, url: {text}, relayProtocol: udp"),
        format!("url: {text}\naddress: {text}\nhost_candidate: {text}\nerror_text: {text}\nerror_code: 701"),
        format!("name: {text}, ordered: true, protocol: \"{text}\""),
        format!(
            "Caused by: addTrack\n\ngetTransceivers()[0]:{{\n  mid:'{text}',\n  sender:{{\n    streams:['{text}'],\n  }},\n}}"
        ),
        format!("{{ iceServers: [{text}, {text}], iceTransportPolicy: {text} }}"),
        json!(text).to_string(),
        json!([text, {"a": text, "b": [text]}]).to_string(),
        json!({"type": "offer", "sdp": format!("v=0\r\na=note {text}\r\n"), "other": text}).to_string(),
        json!({"candidate": format!("candidate:1 1 udp 2 {text} 5 typ host"), "sdpMid": text}).to_string(),
        json!({"address": text, "url": text, "host_candidate": text, "error_text": text}).to_string(),
        json!({"kind": "audio", "id": text, "streams": [text], "sender": {"track": text}}).to_string(),
        json!({"iceServers": [{"urls": [text]}], "iceTransportPolicy": text}).to_string(),
        // What was text once more.
        json!({"inner": json!({"a": text}).to_string()}).to_string(),
    ]
}

/// The names of all properties of statistics, and some that are none.
fn properties() -> Vec<String> {
    let tables: Value = serde_json::from_str(include_str!("../../../../../tests/data/tables.json")).unwrap();
    let known = tables["statsProperties"].as_object().unwrap();
    let mut names: Vec<String> = known
        .iter()
        .flat_map(|(key, value)| [Some(key.as_str()), value.as_str()])
        .flatten()
        .map(str::to_owned)
        .collect();
    names.extend(["googRemoteAddress", "newProperty", "[bytesSent_in_bits/s]"].map(str::to_owned));
    names
}

fn stats(text: &str) -> Map<String, Value> {
    let mut stats = Map::new();
    let mut series = |key: String, values: String| {
        stats.insert(key, json!({"values": values}));
    };
    for property in properties() {
        // Whatever is the label of something else than a channel goes.
        let id = if property == "label" { "D1" } else { "Ia" };
        series(format!("{id}-{property}"), json!([text]).to_string());
    }
    series(
        "Ib-ip".to_owned(),
        json!([text, [text], {"a": text}, 5, null]).to_string(),
    );
    series("Ib-address".to_owned(), text.to_owned());
    series(
        "Ib-x".to_owned(),
        json!(["1", json!({"a": text}).to_string()]).to_string(),
    );
    series("Conn-audio-1-0-googLocalAddress".to_owned(), json!([text]).to_string());
    series(format!("{text} -bytesSent"), "[1]".to_owned());
    let times = json!({"startTime": text, "endTime": text, "statsType": text, "more": [text]});
    stats.insert("Ic-x".to_owned(), times);
    stats
}

/// A dump with this text in all places.
fn dump(text: &str) -> Value {
    let mut log = Vec::new();
    for kind in TYPES {
        for value in values(text) {
            log.push(json!({"time": text, "type": kind, "value": value}));
        }
    }
    // The type stands behind the value, or nowhere.
    for value in values(text) {
        log.push(json!({"value": value, "type": "setLocalDescription"}));
        log.push(json!({"value": value}));
    }
    log.push(json!({"type": text, "value": {"a": text}, "more": text}));
    let mut media =
        vec![json!({"rid": 8, "error": text, "error_message": text, "stream_id": text, "new": {"a": text}})];
    for value in [
        text.to_owned(),
        json!({"deviceId": {"exact": text}}).to_string(),
        format!("{{mandatory: {text}}}"),
    ] {
        media.push(json!({"audio": value, "video": value, "request_type": text}));
    }
    let info = json!({"id": text, "other": text}).to_string();
    media.push(json!({"audio_track_info": info, "video_track_info": "null"}));
    let mut connections = Map::new();
    for value in values(text) {
        let name = format!("8-{} {text} ", connections.len());
        let record = json!({"pid": 5, "rtcConfiguration": value, "constraints": value, "new": value});
        connections.insert(name, record);
    }
    let record = json!({"updateLog": log, "stats": stats(text), "rtcConfiguration": [text]});
    connections.insert("9-1".to_owned(), record);
    json!({"getUserMedia": media, "PeerConnections": connections, "new": [text, {"a": text}], (format!("{text} ")): 1})
}

/// Where two dumps differ.
fn differences(path: &str, a: &Value, b: &Value, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for ((name, a), (other, b)) in a.iter().zip(b) {
                if name != other {
                    found.push(format!("{path}: {name} / {other}"));
                }
                differences(&format!("{path}.{name}"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{at}]"), a, b, found);
            }
        }
        _ if a == b => {}
        _ => found.push(format!("{path}: {a} / {b}")),
    }
}

#[test]
fn an_address_in_any_form_goes_from_every_place() {
    let mut found = Vec::new();
    for (text, expected) in corpus::all() {
        let plain = dump(text).to_string();
        let masked = masked_text(&plain);
        // In a description, users go as well.
        let parsed = |text: &str| serde_json::from_str(&text.replace("user@", "x@")).unwrap();
        differences(text, &parsed(&masked), &parsed(&dump(expected).to_string()), &mut found);
        if masked_text(&masked) != masked {
            found.push(format!("masking {text} twice"));
        }
    }
    assert!(
        found.is_empty(),
        "{}\n{}",
        found.len(),
        found[..found.len().min(60)].join("\n")
    );
}
