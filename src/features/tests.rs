//! The rules of features, one at a time, on traces that are made for them.
mod client;
mod limits;
mod linear;
mod negotiation;
mod network;
mod statistics;
mod tracks;

use serde_json::Value;

use super::Extractor;

/// The features of the events in these lines, which may be any text.
fn features<Line: AsRef<str>>(lines: &[Line]) -> Value {
    let mut decoder = Extractor::decoder();
    let mut extractor = Extractor::new();
    for line in lines {
        if let Ok(Some(event)) = decoder.line(line.as_ref().as_bytes()) {
            extractor.event(&event);
        }
    }
    let mut text = Vec::new();
    let features = extractor.finish(|connection| decoder.reports(connection));
    features.write_json(&mut text);
    serde_json::from_slice(&text).expect("JSON")
}

/// The features of the only connection. Each event is a method and a value; they are a second apart.
fn connection(events: &[(&str, &str)]) -> Value {
    let lines: Vec<_> = events
        .iter()
        .map(|(method, value)| line("PC_0", method, value))
        .collect();
    features(&lines)["peerConnections"][0].take()
}

fn line(connection: &str, method: &str, value: &str) -> String {
    format!(r#"["{method}","{connection}",{value},1000]"#)
}

/// The values of these members. Null stands for an absent one.
fn members<const N: usize>(features: &Value, names: [&str; N]) -> [Value; N] {
    names.map(|name| features.get(name).cloned().unwrap_or_default())
}
