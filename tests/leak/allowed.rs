//! The addresses that may stand in a line of a stored dump. They are allowed by their place, never by their value.
//!
//! The address of a relay candidate and the URLs of STUN and TURN servers name the operator's machines. They are
//! allowed only in the events that carry them, and only at their place within the event. `origin` and `userAgent` are
//! stored unchanged.

use std::net::IpAddr;

use serde_json::Value;

use super::secrets::addresses;

/// The allowed addresses of an event line. Each is listed as often as it may stand there.
pub fn in_event(line: &str) -> Vec<IpAddr> {
    let mut allowed = Vec::new();
    let Ok(Value::Array(event)) = serde_json::from_str(line) else {
        return allowed;
    };
    let Some(value) = event.get(2) else { return allowed };
    match method(&event[0]).as_str() {
        "20" | "onicecandidate" | "10" | "addIceCandidate" => candidate(value, &mut allowed),
        "21" | "onicecandidateerror" => url(&value["url"], &mut allowed),
        "39" | "create" | "38" | "setConfiguration" => {
            for server in value["iceServers"].as_array().into_iter().flatten() {
                url(&server["url"], &mut allowed);
                url(&server["urls"], &mut allowed);
            }
        }
        "3"
        | "5"
        | "6"
        | "7"
        | "8"
        | "createOfferOnSuccess"
        | "createAnswerOnSuccess"
        | "setLocalDescription"
        | "setLocalDescriptionOnSuccess"
        | "setRemoteDescription" => description(value, &mut allowed),
        "g" | "1" | "getStats" => statistics(value, &mut allowed),
        _ => {}
    }
    allowed
}

/// The allowed addresses of the metadata line.
pub fn in_metadata(line: &str) -> Vec<IpAddr> {
    let metadata: Value = serde_json::from_str(line).unwrap_or_default();
    let kept = [&metadata["origin"], &metadata["userAgent"]];
    kept.iter()
        .filter_map(|value| value.as_str())
        .flat_map(addresses)
        .collect()
}

/// The allowed addresses of features: those of the TURN servers that carried a call.
pub fn in_features(text: &str) -> Vec<IpAddr> {
    let features: Value = serde_json::from_str(text).expect("features are JSON");
    let mut allowed = Vec::new();
    for connection in features["peerConnections"].as_array().into_iter().flatten() {
        url(&connection["firstCandidatePairLocalRelayUrl"], &mut allowed);
        for end in ["Local", "Remote"] {
            let member = |what: &str| connection[format!("firstCandidatePair{end}{what}")].as_str();
            let relay = member("Address").filter(|_| member("Type") == Some("relay"));
            allowed.extend(relay.into_iter().flat_map(addresses));
        }
    }
    allowed
}

/// The method as a text; numbers are written as integers: `20.0` and `2e1` are 20.
fn method(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.as_f64().map(|number| number.to_string()).unwrap_or_default(),
    }
}

fn candidate(value: &Value, allowed: &mut Vec<IpAddr>) {
    match value {
        Value::String(line) => relay_line(line, allowed),
        Value::Object(members) => {
            let text = |key: &str| members.get(key).and_then(Value::as_str).unwrap_or_default();
            relay_line(text("candidate"), allowed);
            if text("type") == "relay" {
                allowed.extend(text("address").parse::<IpAddr>());
            }
            url(&value["url"], allowed);
        }
        _ => {}
    }
}

fn description(value: &Value, allowed: &mut Vec<IpAddr>) {
    match value {
        Value::String(sdp) => sdp.lines().for_each(|line| relay_line(line, allowed)),
        Value::Array(values) => values.iter().for_each(|value| description(value, allowed)),
        Value::Object(members) => members.get("sdp").into_iter().for_each(|sdp| description(sdp, allowed)),
        _ => {}
    }
}

/// The fifth field of `candidate:` … `typ relay`.
fn relay_line(line: &str, allowed: &mut Vec<IpAddr>) {
    let fields: Vec<&str> = line.split(' ').collect();
    let begins = ["candidate:", "a=candidate:"]
        .iter()
        .any(|begin| line.starts_with(begin));
    if begins && fields.len() > 7 && fields[6..8] == ["typ", "relay"] {
        allowed.extend(fields[4].trim_matches(['[', ']']).parse::<IpAddr>());
    }
}

fn statistics(value: &Value, allowed: &mut Vec<IpAddr>) {
    for report in value.as_object().into_iter().flat_map(|reports| reports.values()) {
        let text = |key: &str| report[key].as_str().unwrap_or_default();
        if text("136") == "relay" || text("candidateType") == "relay" {
            for key in ["134", "address", "ip"] {
                allowed.extend(text(key).parse::<IpAddr>());
            }
        }
        url(&report["138"], allowed);
        url(&report["url"], allowed);
    }
}

/// The URL of a STUN or TURN server, or a list of them.
fn url(value: &Value, allowed: &mut Vec<IpAddr>) {
    let is_server = |text: &str| {
        ["stun:", "stuns:", "turn:", "turns:"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
    };
    match value {
        Value::String(text) if is_server(text) => allowed.extend(addresses(text)),
        Value::Array(values) => values.iter().for_each(|value| url(value, allowed)),
        _ => {}
    }
}
