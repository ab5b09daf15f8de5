//! What is beyond the limits is left out and counted, and what is senseless does no harm.
use serde_json::json;

use super::*;
use crate::limits::{
    FEATURE_MEMBERS_MAX, FEATURE_PAIRS_MAX, FEATURE_SIZES_MAX, FEATURE_STREAMS_MAX, FEATURE_TRACKS_MAX,
    FEATURE_TRACKS_TOTAL_MAX, FEATURE_TRANSPORTS_MAX, FEATURE_VALUE_BYTES_MAX,
};

fn omitted(features: &Value) -> u64 {
    features["omittedCount"].as_u64().unwrap_or_default()
}

#[test]
fn tracks_are_limited_for_a_connection_and_for_a_dump() {
    let track = |connection: usize, number: usize| {
        line(
            &format!("PC_{connection}"),
            "addTrack",
            &format!(r#"["audio","{number}"]"#),
        )
    };
    let count = |features: &Value, connection: usize| {
        features["peerConnections"][connection]["tracks"]
            .as_array()
            .map_or(0, Vec::len)
    };
    let lines: Vec<_> = (0..FEATURE_TRACKS_MAX + 3).map(|number| track(0, number)).collect();
    let found = features(&lines);
    assert_eq!((count(&found, 0), omitted(&found)), (FEATURE_TRACKS_MAX, 3));
    let each = FEATURE_TRACKS_MAX / 2;
    let connections = FEATURE_TRACKS_TOTAL_MAX / each;
    let lines: Vec<_> = (0..=connections)
        .flat_map(|of| (0..each).map(move |number| (of, number)))
        .collect();
    let lines: Vec<_> = lines.iter().map(|(of, number)| track(*of, *number)).collect();
    let found = features(&lines);
    assert_eq!(count(&found, connections - 1), each);
    assert_eq!((count(&found, connections), omitted(&found)), (0, each as u64));
}

#[test]
fn streams_are_limited() {
    let stream = |number: usize| format!(r#""{number}":{{"type":"inbound-rtp","trackIdentifier":"{number}"}}"#);
    let all: Vec<_> = (0..FEATURE_STREAMS_MAX + 2).map(stream).collect();
    let found = features(&[line("PC_0", "g", &format!("{{{}}}", all.join(",")))]);
    assert_eq!(omitted(&found), 2);
}

#[test]
fn pairs_transports_sizes_and_members_are_limited() {
    let mut lines = Vec::new();
    for number in 0..FEATURE_PAIRS_MAX + 1 {
        let pair = format!(
            r#""{}":{{"type":6,"totalRoundTripTime":1,"responsesReceived":1}}"#,
            number + 9
        );
        let transport = format!(r#""0":{{"type":5,"selectedCandidatePairId":"{}"}}"#, number + 9);
        lines.push(line("PC_0", "g", &format!("{{{transport},{pair}}}")));
    }
    let found = features(&lines);
    assert_eq!(omitted(&found), 1);
    assert_eq!(found["peerConnections"][0]["averageStunRoundTripTime"], json!(1));
    let transports: Vec<_> = (0..FEATURE_TRANSPORTS_MAX + 1)
        .map(|number| format!(r#""{number}":{{"type":5}}"#))
        .collect();
    assert_eq!(
        omitted(&features(&[line(
            "PC_0",
            "g",
            &format!("{{{}}}", transports.join(","))
        )])),
        1
    );
    let mut lines = vec![line("PC_0", "ontrack", r#"["video","v"]"#)];
    for number in 0..FEATURE_SIZES_MAX + 2 {
        let size = format!(
            r#"{{"1":{{"type":1,"trackIdentifier":"v","frameWidth":{},"frameHeight":1}}}}"#,
            number + 1
        );
        lines.push(line("PC_0", "g", &size));
    }
    let found = features(&lines);
    let track = &found["peerConnections"][0]["tracks"][0];
    assert_eq!(
        (omitted(&found), &track["maxWidth"]),
        (2, &json!(FEATURE_SIZES_MAX + 2))
    );
    let members: Vec<_> = (0..FEATURE_MEMBERS_MAX + 3)
        .map(|number| format!(r#""m{number}":1"#))
        .collect();
    let found = features(&[format!(r#"["create",null,{{{}}},1]"#, members.join(","))]);
    assert!(found.get(format!("m{}", FEATURE_MEMBERS_MAX - 1)).is_some());
    assert!(found.get(format!("m{FEATURE_MEMBERS_MAX}")).is_none());
    assert_eq!(omitted(&found), 3);
}

#[test]
fn long_values_count_as_missing() {
    let long = "x".repeat(FEATURE_VALUE_BYTES_MAX + 1);
    let found = features(&[
        format!(r#"["navigator.mediaDevices.getUserMediaOnFailure",null,"{long}",1]"#),
        format!(r#"["addTrack","PC_0",["audio","{long}"],1]"#),
        format!(r#"["create","{long}",null,1]"#),
    ]);
    assert_eq!(
        members(&found, ["getUserMediaError", "getUserMediaErrorCount"]),
        [Value::Null, json!(1)]
    );
    assert_eq!(found["peerConnections"][0]["tracks"], json!([]));
    assert_eq!(
        members(&found["peerConnections"][1], ["connectionIdentifier", "numberOfEvents"]),
        [Value::Null, json!(1)]
    );
    assert_eq!(omitted(&found), 3);
}

#[test]
fn values_of_other_types_do_no_harm() {
    let values = [
        "null",
        "true",
        "7",
        "-1e400",
        r#""""#,
        r#""\ud800""#,
        "[]",
        "[null]",
        "[[]]",
        "[[[]],[7]]",
        "{}",
        r#"{"":{}}"#,
        r#"{"1":null,"2":7,"3":[],"4":{"type":{}},"5":{"type":"transport","selectedCandidatePairId":{}}}"#,
        r#"{"6":{"type":"inbound-rtp","trackIdentifier":[],"frameWidth":"1","codecId":{}}}"#,
        r#"{"type":7,"sdp":7,"candidate":7,"iceServers":{"urls":7},"kind":7,"sender":7,"reason":7}"#,
        r#"{"candidate":"candidate:","sdp":"a=candidate:\n","iceServers":[[],{"urls":{}}],"relayProtocol":[]}"#,
    ];
    let others = ["websocket", "transceiverAdded", "transceiverModified", ""];
    let methods = crate::dump::table::METHODS
        .iter()
        .map(|method| method.name)
        .chain(others);
    let mut lines = Vec::new();
    for method in methods {
        for value in values {
            lines.push(line("PC_0", method, value));
            lines.push(format!(r#"["{method}",null,{value},{value},5]"#));
            lines.push(format!(
                r#"["{method}","PC_1",{value},{{"rtcstatsLocation":{value}}},-5]"#
            ));
        }
    }
    let found = features(&lines);
    assert_eq!(found["peerConnections"].as_array().map(Vec::len), Some(2));
    assert_eq!(found["peerConnections"][0]["numberOfEvents"], json!(lines.len() / 3));
}
