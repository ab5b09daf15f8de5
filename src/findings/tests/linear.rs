//! Many streams of one source, or of one track, cost as much each as a few of them do.
use serde_json::{Map, Value, json};

use super::recording::{T0, found};
use crate::dump::steps;

/// A call with so many layers of one source and as many received streams of one track, in which nothing flows but the
/// bytes of the transport: only they are in the polls behind the first one.
fn lines(streams: u32) -> Vec<String> {
    let sent = json!({
        "type": "outbound-rtp", "kind": "video", "mediaSourceId": "S", "active": true, "framesEncoded": 1,
        "bytesSent": 1, "packetsSent": 1, "frameHeight": 100, "totalEncodeTime": 1,
    });
    let received = json!({
        "type": "inbound-rtp", "kind": "video", "trackIdentifier": "track", "transportId": "T", "packetsReceived": 1,
        "framesDecoded": 1,
    });
    let mut first: Map<String, Value> = Map::new();
    first.insert("t".into(), json!(T0));
    first.insert(
        "S".into(),
        json!({"type": "media-source", "kind": "video", "frames": 1, "height": 100}),
    );
    first.insert("T".into(), json!({"type": "transport", "bytesReceived": 1}));
    for number in 0..streams {
        first.insert(format!("O{number}"), sent.clone());
        first.insert(format!("I{number}"), received.clone());
    }
    let poll = |second: u32| {
        let time = T0 + f64::from(second) * 1000.0;
        json!(["getStats", "PC_0", {"t": time, "T": {"bytesReceived": second}}, time]).to_string()
    };
    let begin = [
        json!(["create", "PC_0", {}, T0]),
        json!(["onconnectionstatechange", "PC_0", "connected", T0]),
        json!(["getStats", "PC_0", first, T0]),
    ];
    begin.iter().map(Value::to_string).chain((2..40).map(poll)).collect()
}

#[test]
fn the_steps_grow_with_the_streams_and_not_with_their_square() {
    let steps = |streams: u32| {
        let lines = lines(streams);
        steps::of(|| drop(found(&lines)))
    };
    let (few, many) = (steps(100), steps(400));
    assert!(many < 5 * few, "{few} {many}");
}
