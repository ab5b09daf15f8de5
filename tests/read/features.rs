//! Features of all recorded dumps, compared with what the Node.js server makes of them.
mod differences;
mod masked;
mod mutated;

use std::fs;
use std::io::Read;

use flate2::read::GzDecoder;
use rtcstats_server::dump::decode::Decoder;
use rtcstats_server::features::{Extractor, Features};
use serde_json::Value;
use support::place::repository;

/// The lines of a recorded dump behind its metadata.
fn lines(name: &str) -> Vec<Vec<u8>> {
    let text = unpacked(&format!("tests/data/dumps/{name}.jsonl.gz"));
    let lines = text.split(|byte| *byte == b'\n').skip(2);
    lines.map(<[u8]>::to_vec).collect()
}

fn unpacked(path: &str) -> Vec<u8> {
    let packed = fs::read(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut text = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut text).unwrap();
    text
}

fn features<Line: AsRef<[u8]>>(lines: &[Line]) -> Features {
    let mut decoder = Decoder::new();
    let mut extractor = Extractor::new();
    for line in lines {
        if let Ok(Some(event)) = decoder.line(line.as_ref()) {
            extractor.event(&event);
        }
    }
    extractor.finish(|connection| decoder.reports(connection))
}

/// The features of lines that have been masked, as packing takes them: nothing is checked again, and only what features
/// ask for is decoded.
fn selected<Line: AsRef<[u8]>>(masked: &[Line]) -> Features {
    let mut decoder = Extractor::decoder();
    let mut extractor = Extractor::new();
    for line in masked {
        if let Ok(Some(event)) = decoder.valid_line(line.as_ref()) {
            extractor.event(&event);
        }
    }
    extractor.finish(|connection| decoder.reports(connection))
}

fn text(features: &Features) -> String {
    let mut text = Vec::new();
    features.write_json(&mut text);
    String::from_utf8(text).expect("UTF-8")
}

fn json(features: &Features) -> Value {
    let mut text = Vec::new();
    features.write_json(&mut text);
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&text)))
}

/// Where two JSON values differ: the path, then both. Numbers may differ by one part in 10^9.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))).collect();
            names.sort();
            for name in names {
                let path = format!("{path}.{name}");
                match (a.get(name), b.get(name)) {
                    (Some(ours), Some(theirs)) => differences(&path, ours, theirs, found),
                    (ours, theirs) => found.push(format!("{path}: {} / {}", shown(ours), shown(theirs))),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (ours, theirs)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{at}]"), ours, theirs, found);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > 1e-9 * a.abs().max(b.abs()) {
                found.push(format!("{path}: {a} / {b}"));
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{path}: {} / {}", shown(Some(ours)), shown(Some(theirs)))),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_string(), Value::to_string)
}

/// The Node.js server does not print the names of connections.
fn without_names(mut features: Value) -> Value {
    for connection in features["peerConnections"].as_array_mut().unwrap() {
        let name = connection.as_object_mut().unwrap().shift_remove("connectionIdentifier");
        assert!(name.is_some_and(|name| name.is_string()), "{connection}");
    }
    features
}
