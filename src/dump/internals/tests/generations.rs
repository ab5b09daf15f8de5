//! Small dumps of older generations, written by hand from what is known of their form, and of broken shapes.
use serde_json::{Value, json};

use super::*;

/// One connection with this log and these series, given as JSON members.
fn one(log: &Value, stats: &Value, configuration: &str) -> Vec<u8> {
    let record =
        json!({"url": "https://a.example/room", "rtcConfiguration": configuration, "stats": stats, "updateLog": log});
    json!({"PeerConnections": {"7-1": record}, "UserAgent": "old"})
        .to_string()
        .into_bytes()
}

fn series(start: &str, end: &str, values: &str) -> Value {
    json!({"startTime": start, "endTime": end, "values": values})
}

/// The events of the connection, without their times.
fn shown(events: &[Value]) -> Vec<String> {
    let own = events.iter().filter(|event| event[1] != Value::Null);
    own.map(|event| format!("{} {}", event[2].as_str().unwrap(), sorted(&event[3])))
        .collect()
}

/// The value with its members in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: std::collections::BTreeMap<_, _> = members.iter().collect();
            members
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect()
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn flags(internals: &Internals) -> Vec<&'static str> {
    internals.flags().iter().map(Flag::name).collect()
}

#[test]
fn the_first_generation() {
    let log = json!([
        {"time": "11/25/2021, 3:04:05 PM", "type": "createOffer", "value": "options: {offerToReceiveVideo: -1, offerToReceiveAudio: -1, voiceActivityDetection: true, iceRestart: true}"},
        {"time": "11/25/2021, 3:04:05 PM", "type": "createOfferOnSuccess", "value": "type: offer, sdp: v=0\r\n"},
        {"time": "11/25/2021, 3:04:05 PM", "type": "setLocalDescription", "value": "type: offer, sdp: v=0\r\n"},
        {"time": "11/25/2021, 3:04:05 PM", "type": "signalingStateChange", "value": "SignalingStateHaveLocalOffer"},
        {"time": "11/25/2021, 3:04:05 PM", "type": "setLocalDescriptionOnSuccess", "value": ""},
        {"time": "11/25/2021, 3:04:06 PM", "type": "onIceCandidate", "value": "sdpMid: 0, sdpMLineIndex: 0, candidate: candidate:1 1 udp 2 192.0.2.7 5 typ host"},
        {"time": "11/25/2021, 3:04:06 PM", "type": "onIceCandidate", "value": ""},
        {"time": "11/25/2021, 3:04:07 PM", "type": "iceConnectionStateChange", "value": "ICEConnectionStateChecking"},
        {"time": "11/25/2021, 3:04:07 PM", "type": "addIceCandidateFailed", "value": "sdpMid: 0, sdpMLineIndex: 0, candidate: x"},
        {"time": "11/25/2021, 3:04:09 PM", "type": "onRemoteDataChannel", "value": "label: x, reliable: true"},
        {"time": "11/25/2021, 3:04:10 PM", "type": "onAddStream", "value": "id: s, audio: [a], video: []"},
        {"time": "11/25/2021, 3:04:11 PM", "type": "stop", "value": ""},
    ]);
    // Statistics are in UTC: the browser was eight hours behind it.
    let second = |end: &str, values: &str| series("2021-11-25T23:04:06.100Z", end, values);
    let stats = json!({
        "RTCTransport_0_1-bytesSent": second("2021-11-25T23:04:08.100Z", "[\"1\",\"20\",\"300\"]"),
        "RTCOutboundRTPAudioStream_1-mediaType": second("2021-11-25T23:04:08.100Z", "[\"audio\",\"audio\",\"audio\"]"),
        "RTCOutboundRTPAudioStream_1-[bytesSent_in_bits/s]": second("2021-11-25T23:04:08.100Z", "[1,2,3]"),
        "RTCIceCandidatePair_a_b-localCandidateId": second("2021-11-25T23:04:08.100Z", "[\"RTCIceCandidate_a\",\"RTCIceCandidate_a\",\"RTCIceCandidate_a\"]"),
        "RTCIceCandidate_a-port": second("2021-11-25T23:04:08.100Z", "[5,5,5]"),
        "Conn-audio-1-0-googRtt": second("2021-11-25T23:04:08.100Z", "[\"5\"]"),
        "RTCTransport_0_1-empty": {},
        "RTCTransport_0_1-none": second("2021-11-25T23:04:08.100Z", "[]"),
        "RTCTransport_0_1-broken": second("2021-11-25T23:04:08.100Z", "[{\"a\":,1"),
    });
    let configuration = "{ iceServers: [turn:turn.example?transport=udp], iceTransportPolicy: all }";
    let (events, internals) = read(&one(&log, &stats, configuration), None);
    assert_eq!(
        shown(&events)[..13],
        [
            r#"create {"iceServers":[{"urls":["turn:turn.example?transport=udp"]}],"iceTransportPolicy":"all"}"#,
            r#"createOffer {"iceRestart":true}"#,
            r#"createOfferOnSuccess {"sdp":"v=0\r\n","type":"offer"}"#,
            r#"setLocalDescription {"sdp":"v=0\r\n","type":"offer"}"#,
            r#"onsignalingstatechange "have-local-offer""#,
            "setLocalDescriptionOnSuccess null",
            r#"onicecandidate {"candidate":"candidate:1 1 udp 2 192.0.2.7 5 typ host","sdpMLineIndex":0,"sdpMid":"0"}"#,
            "onicecandidate null",
            r#"getStats {"RTCIceCandidatePair_a_b":{"localCandidateId":"RTCIceCandidate_a","timestamp":1637881446100,"type":"candidate-pair"},"RTCIceCandidate_a":{"port":5,"timestamp":1637881446100,"type":"local-candidate"},"RTCOutboundRTPAudioStream_1":{"mediaType":"audio","timestamp":1637881446100,"type":"outbound-rtp"},"RTCTransport_0_1":{"bytesSent":1,"timestamp":1637881446100,"type":"transport"}}"#,
            r#"oniceconnectionstatechange "checking""#,
            r#"addIceCandidate {"candidate":"candidate:x","sdpMLineIndex":0,"sdpMid":"0"}"#,
            r#"addIceCandidateOnFailure "OperationError""#,
            r#"getStats {"RTCIceCandidatePair_a_b":{"localCandidateId":"RTCIceCandidate_a","timestamp":1637881447100,"type":"candidate-pair"},"RTCIceCandidate_a":{"port":5,"timestamp":1637881447100,"type":"local-candidate"},"RTCOutboundRTPAudioStream_1":{"mediaType":"audio","timestamp":1637881447100,"type":"outbound-rtp"},"RTCTransport_0_1":{"bytesSent":20,"timestamp":1637881447100,"type":"transport"}}"#,
        ]
    );
    let offer = events.iter().find(|event| event[2] == "createOffer").unwrap();
    assert_eq!(offer[0].as_f64(), Some(1_637_881_445_000.0), "2021-11-25T23:04:05Z");
    assert_eq!(flags(&internals), ["clockInferred", "timesInterpolated", "legacyStats"]);
    assert!(
        events
            .iter()
            .any(|event| event[2] == "onAddStream" && event[3] == "id: s, audio: [a], video: []")
    );
    assert_eq!(events.last().unwrap()[2], "close");
}

#[test]
fn a_log_is_placed_in_utc_in_every_language() {
    for time in [
        "11/25/2021, 3:04:05 PM",
        "11/25/2021, 3:04:05\u{202f}PM",
        "25.11.2021, 15:04:05",
        "25/11/2021, 15:04:05",
        "2021/11/25 15:04:05",
        "25/11/2021 15:04:05",
    ] {
        let log = json!([{"time": time, "type": "createOffer", "value": ""}]);
        for (stats, offset) in [
            ("2021-11-25T14:04:05.500Z", 1.0),
            ("2021-11-25T09:34:05.500Z", 5.5),
            ("2021-11-25T23:04:05.500Z", -8.0),
        ] {
            let stats = json!({"P-dataChannelsOpened": series(stats, stats, "[0]")});
            let (events, _) = read(&one(&log, &stats, ""), None);
            let offer = events.iter().find(|event| event[2] == "createOffer").unwrap();
            assert_eq!(
                offer[0].as_f64(),
                Some(1_637_852_645_000.0 - offset * 3_600_000.0),
                "{time}"
            );
        }
    }
}

#[test]
fn series_that_begin_late_or_end_early_lie_in_their_polls() {
    let stats = json!({
        "P-timestamp": {"startTime": "2023-10-05T10:00:00.000Z", "endTime": "2023-10-05T10:00:03.000Z", "statsType": "peer-connection", "values": "[1696500000000.5,1696500001000.5,1696500002000.5,1696500003000.5]"},
        "OT1-timestamp": {"startTime": "2023-10-05T10:00:00.000Z", "endTime": "2023-10-05T10:00:03.000Z", "statsType": "outbound-rtp", "values": "[1696500000000.5,1696500001000.5,1696500002000.5,1696500003000.5]"},
        "OT1-codecId": {"startTime": "2023-10-05T10:00:00.000Z", "endTime": "2023-10-05T10:00:01.000Z", "statsType": "outbound-rtp", "values": "[\"a\",\"b\"]"},
        "OT1-targetBitrate": {"startTime": "2023-10-05T10:00:02.000Z", "endTime": "2023-10-05T10:00:03.000Z", "statsType": "outbound-rtp", "values": "[1,2]"},
        "OT1-mid": {"startTime": "2023-10-05T10:00:00.000Z", "endTime": "2023-10-05T10:00:03.000Z", "statsType": "outbound-rtp", "values": "[0,0,0,0]"},
        "OT1-qualityLimitationDurations": {"startTime": "2023-10-05T10:00:03.000Z", "endTime": "2023-10-05T10:00:03.000Z", "statsType": "outbound-rtp", "values": "[\"{\\\"cpu\\\":1}\"]"},
    });
    let (events, internals) = read(&one(&json!([]), &stats, ""), None);
    let of = |name: &str| -> Vec<Value> {
        let polls = events.iter().filter(|event| event[2] == "getStats");
        polls.map(|event| event[3]["OT1"][name].clone()).collect()
    };
    assert_eq!(of("codecId"), [json!("a"), json!("b"), Value::Null, Value::Null]);
    assert_eq!(of("targetBitrate"), [Value::Null, Value::Null, json!(1), json!(2)]);
    assert_eq!(of("mid")[0], "0");
    assert_eq!(of("qualityLimitationDurations")[3], json!({"cpu": 1}));
    assert_eq!(flags(&internals), [""; 0]);
}

#[test]
fn a_thousand_points_are_the_last_ones() {
    let list = |from: u64, step: u64| {
        let values: Vec<String> = (0..1000).map(|at| (from + at * step).to_string()).collect();
        format!("[{}]", values.join(","))
    };
    let start = "2023-10-05T10:00:00.000Z";
    let stats = json!({
        "P-timestamp": {"startTime": start, "endTime": "2023-10-05T10:16:39.000Z", "statsType": "peer-connection", "values": list(1_696_500_000_000, 1000)},
        "P-dataChannelsOpened": {"startTime": start, "endTime": "2023-10-05T10:16:39.000Z", "statsType": "peer-connection", "values": list(0, 1)},
    });
    let (events, internals) = read(&one(&json!([]), &stats, ""), None);
    let polls: Vec<_> = events.iter().filter(|event| event[2] == "getStats").collect();
    assert_eq!(polls.len(), 1000);
    assert_eq!(
        polls[999][3]["P"],
        json!({"type": "peer-connection", "timestamp": 1_696_500_999_000_u64, "dataChannelsOpened": 999})
    );
    assert_eq!(flags(&internals), ["statsTruncated"]);
}

#[test]
fn origins_are_told_apart() {
    let record = |url: &str, time: u64| json!({"url": url, "updateLog": [{"timestamp": time, "type": "createOffer", "value": ""}]});
    let text = json!({
        "PeerConnections": {"1-1": record("https://b.example/", 3000), "1-2": record("https://a.example/x", 2000), "1-3": record("https://b.example/y", 1000)},
        "getUserMedia": [
            {"origin": "https://a.example", "audio": "", "timestamp": 500, "request_type": "getUserMedia", "rid": 1, "request_id": 1},
            {"origin": "https://b.example", "error": "NotFoundError", "timestamp": 600, "request_type": "getUserMedia", "rid": 1, "request_id": 7},
        ],
    });
    let text = text.to_string();
    let names = |origin| -> Vec<String> {
        let (events, _) = read(text.as_bytes(), origin);
        events
            .iter()
            .map(|event| format!("{} {} {}", event[0], event[1], event[2].as_str().unwrap()))
            .collect()
    };
    assert_eq!(
        names(None),
        [
            "500 null create",
            "500 null navigator.mediaDevices.getUserMedia",
            "600 null navigator.mediaDevices.getUserMediaOnFailure",
            "1000 \"1-3\" create",
            "1000 \"1-3\" createOffer",
            "2000 \"1-2\" create",
            "2000 \"1-2\" createOffer",
            "3000 \"1-1\" create",
            "3000 \"1-1\" createOffer",
        ]
    );
    assert_eq!(names(Some("https://a.example")).len(), 4);
    assert_eq!(names(Some("https://b.example/")).len(), 6);
    let (_, internals) = read(text.as_bytes(), Some("https://a.example"));
    assert_eq!(
        internals.origins(),
        [("https://b.example".to_owned(), 2), ("https://a.example".to_owned(), 1)]
    );
}

#[test]
fn strange_values_are_kept_or_absent() {
    let text = r#"{"PeerConnections":{"1-1":{"updateLog":[
        {"timestamp":1,"type":"createOfferOnFailure","value":"a\u0000b\ud800c"},
        {"timestamp":2,"type":"setLocalDescription","value":"{\"type\":\"offer\",\"sdp\":\"\\ud800\"}"},
        {"timestamp":3,"type":"setRemoteDescription","value":"{\"type\":\"offer\",\"sdp\":"},
        {"timestamp":4,"type":"ontrack","value":5},
        {"timestamp":"x","type":"close"},
        {"type":7,"value":"x"},
        17, null, []
    ],"stats":{"P-type":[],"P-timestamp":{"values":7},"x":{"values":"[1]"},"P-a":{"values":"[1]"}}},"1-2":[],"1-3":null},"getUserMedia":{},"UserAgentData":[{"brand":"b","version":"1"}],"new":[{}]}"#;
    let mut internals = Internals::open(b"", text.as_bytes(), None).unwrap();
    let mut lines = Vec::new();
    while internals.advance().unwrap() {
        let mut line = Vec::new();
        internals.event().write_json(&mut line);
        lines.push(String::from_utf8(line).unwrap());
    }
    assert_eq!(
        lines,
        [
            r#"[1,null,"create",{"userAgentData":{"brands":[{"brand":"b","version":"1"}]}}]"#,
            r#"[1,"1-1","create",null]"#,
            r#"[1,"1-1","createOfferOnFailure","a\u0000b\ud800c"]"#,
            r#"[2,"1-1","setLocalDescription",{"type":"offer","sdp":"\ud800"}]"#,
            r#"[3,"1-1","setRemoteDescription","{\"type\":\"offer\",\"sdp\":"]"#,
            r#"[4,"1-1","ontrack",null]"#,
            r#"[4,"1-1","close",null]"#,
            r#"[0,"1-2","create",null]"#,
            r#"[0,"1-3","create",null]"#,
        ]
    );
    assert_eq!(
        internals.notes().iter().count(),
        2,
        "a key that is none, and a report without times"
    );
}

#[test]
fn what_is_no_dump_is_refused() {
    for text in ["{}", "{\"a\":1}", "{", "{\"fileFormat\":2}"] {
        assert!(
            matches!(Internals::open(b"", text.as_bytes(), None), Err(InternalsError::Other)),
            "{text}"
        );
    }
}

#[test]
fn a_dump_that_ends_anywhere_gives_what_came_before() {
    let log = json!([
        {"timestamp": 1000, "type": "createOffer", "value": ""},
        {"timestamp": 2000, "type": "setLocalDescription", "value": "type: offer, sdp: v=0"},
    ]);
    let stats = json!({"P-timestamp": {"values": "[1000,2000,3000]", "statsType": "peer-connection", "startTime": "1970-01-01T00:00:01.000Z", "endTime": "1970-01-01T00:00:03.000Z"}});
    let text = String::from_utf8(one(&log, &stats, "")).unwrap();
    let all = read(text.as_bytes(), None).0.len();
    let mut before = 0;
    for end in text.find("PeerConnections\"").unwrap() + 17..text.len() {
        let (events, internals) = read(&text.as_bytes()[..end], None);
        assert!(events.len() >= before.min(all - 1) && events.len() <= all, "{end}");
        assert_eq!(internals.notes().iter().count(), 1, "{end}");
        before = events.len();
    }
    assert_eq!(before, all);
}
