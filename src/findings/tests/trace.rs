//! Calls that are written down as short lists of events, and what must be found in them.
use std::fs::File;

use serde_json::{Value, json};

use super::rig::{Call, Entry};
use crate::findings::{Settings, Severity};

pub use Severity::{Critical, Info, Warning};

/// Seconds from the beginning; the connection, `client` for none; the method, with an id behind a blank if it has one;
/// the value.
pub type Row<'a> = (f64, &'a str, &'a str, Value);

/// Severity, start and end in seconds.
pub type Found = (Severity, f64, Option<f64>);

const BEGIN: f64 = 1_795_000_000_000.0;

/// The dump begins with the client's create, and ends with the last row.
pub fn call(rows: &[Row<'_>]) -> Call {
    let entry = |(seconds, connection, method, value): &Row<'_>| {
        let (method, id) = method.split_once(' ').unwrap_or((method, ""));
        let full = [
            ("gum", "getUserMedia"),
            ("devices.", ""),
            ("track.", "MediaStreamTrack."),
        ];
        let method = match full
            .iter()
            .find_map(|(short, long)| Some((long, method.strip_prefix(short)?)))
        {
            Some((long, rest)) if long.starts_with("Media") => format!("{long}{rest}"),
            Some((long, rest)) => format!("navigator.mediaDevices.{long}{rest}"),
            None => method.to_owned(),
        };
        Entry {
            time: BEGIN + seconds * 1000.0,
            connection: if *connection == "client" {
                Value::Null
            } else {
                json!(connection)
            },
            method,
            value: value.clone(),
            extra: Vec::from_iter(Some(json!(id)).filter(|_| !id.is_empty())),
        }
    };
    let first = (0.0, "client", "create", json!({"hardwareConcurrency": 4}));
    Call {
        events: std::iter::once(&first).chain(rows).map(entry).collect(),
        begin: BEGIN,
        settings: Settings::default(),
    }
}

/// What a rule finds in these rows.
pub fn found(rule: &str, rows: &[Row<'_>]) -> Vec<Found> {
    found_in(rule, &call(rows))
}

pub fn found_in(rule: &str, call: &Call) -> Vec<Found> {
    call.fired(rule)
        .into_iter()
        .map(|own| (own.severity, own.start, own.end))
        .collect()
}

/// The sentences of a rule's findings.
pub fn texts(rule: &str, call: &Call) -> Vec<String> {
    let findings = call.findings().findings;
    findings
        .into_iter()
        .filter(|own| own.rule.id == rule)
        .map(|own| own.text)
        .collect()
}

/// Whether the rule says of some connection that it cannot look.
pub fn is_blind(rule: &str, call: &Call) -> bool {
    call.findings().not_evaluable.iter().any(|own| own.rule == rule)
}

/// An ICE state.
pub fn ice(seconds: f64, state: &str) -> Row<'static> {
    (seconds, "PC_0", "oniceconnectionstatechange", json!(state))
}

/// A state of the connection.
pub fn state(seconds: f64, state: &str) -> Row<'static> {
    (seconds, "PC_0", "onconnectionstatechange", json!(state))
}

/// A signalling state.
pub fn signaling(seconds: f64, state: &str) -> Row<'static> {
    (seconds, "PC_0", "onsignalingstatechange", json!(state))
}

pub fn at(seconds: f64, method: &'static str, value: Value) -> Row<'static> {
    (seconds, "PC_0", method, value)
}

/// A description with one section of audio, whose lines can be replaced.
pub fn sdp(kind: &str, replace: &[(&str, &str)]) -> Value {
    let text = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
                m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:aaaa\r\na=ice-pwd:secret\r\n\
                a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\n\
                a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n";
    let mut text = text.to_owned();
    for (from, to) in replace {
        assert!(text.contains(from), "{from} is not in the description");
        text = text.replace(from, to);
    }
    json!({"type": kind, "sdp": text})
}

/// An offer of this side and the answer to it, set at once at this time.
pub fn exchange(seconds: f64, offer: &Value, answer: &Value) -> Vec<Row<'static>> {
    vec![
        at(seconds, "createOfferOnSuccess 2-0", offer.clone()),
        at(seconds, "setLocalDescription 6-0", offer.clone()),
        signaling(seconds, "have-local-offer"),
        at(seconds, "setLocalDescriptionOnSuccess 6-0", json!(null)),
        at(seconds, "setRemoteDescription 8-0", answer.clone()),
        signaling(seconds, "stable"),
        at(seconds, "setRemoteDescriptionOnSuccess 8-0", json!(null)),
    ]
}

/// The same with a description that has nothing odd.
pub fn negotiated(seconds: f64) -> Vec<Row<'static>> {
    exchange(
        seconds,
        &sdp("offer", &[]),
        &sdp("answer", &[("actpass", "active"), ("aaaa", "bbbb")]),
    )
}

/// A dump that a browser has made (`tests/data/internals`).
pub fn browsers(name: &str) -> File {
    let path = format!("{}/tests/data/internals/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    File::open(&path).expect(&path)
}
