//! Nothing personal stays in a masked dump of webrtc-internals, wherever it stood and wherever the dump ends.
mod places;

use super::*;
use crate::dump::MaskRules;

fn masked(text: &[u8]) -> Vec<u8> {
    masked_and_seen(text).0
}

fn masked_and_seen(text: &[u8]) -> (Vec<u8>, Seen) {
    let mut out = Vec::new();
    let seen = Masker::new(MaskRules::default(), None).internals(text, &mut out);
    (out, seen.unwrap())
}

fn masked_text(text: &str) -> String {
    String::from_utf8(masked(text.as_bytes())).unwrap()
}

/// What must not be in what comes out, in any spelling.
const SECRETS: [&str; 6] = [
    "203.0.113.31",
    "2001:db8:1:2:3:4:5:6",
    "Camera of Alice",
    "Alice's",
    "hunter2",
    "4915112345",
];

fn text(value: &str) -> String {
    serde_json::to_string(value).unwrap()
}

/// Log entries with each secret in each form.
fn entries() -> String {
    let sdp = "v=0\r\no=- 1 2 IN IP4 203.0.113.31\r\nc=IN IP6 2001:db8:1:2:3:4:5:6\r\na=candidate:1 1 udp 2 203.0.113.31 5 typ host\r\n";
    let json = serde_json::json!({"type": "offer", "sdp": sdp}).to_string();
    let candidate = "candidate:1 1 udp 2 203.0.113.31 5 typ srflx raddr 2001:db8:1:2:3:4:5:6 rport 9";
    let values = [
        ("setLocalDescription", &json[..]),
        ("setRemoteDescription", &format!("type: answer, sdp: {sdp}")),
        (
            "onicecandidate",
            &serde_json::json!({"candidate": candidate, "sdpMid": "0"}).to_string(),
        ),
        (
            "addIceCandidate",
            &format!("sdpMid: 0, sdpMLineIndex: 0, candidate: {candidate}, url: stun:203.0.113.31"),
        ),
        (
            "icecandidateerror",
            "url: stun:stun.example\naddress: 203.0.113.31\nhost_candidate: 203.0.113.31:5\nerror_code: 701",
        ),
        (
            "icecandidateerror",
            r#"{"address":"203.0.113.31","host_candidate":"203.0.113.31:5","error_code":701}"#,
        ),
        (
            "ontrack",
            r#"{"kind":"video","id":"t","label":"Camera of Alice","streams":[]}"#,
        ),
        (
            "transceiverAdded",
            "Caused by: addTrack\n\ngetTransceivers()[0]:{\n  mid:'203.0.113.31',\n}",
        ),
        (
            "setRemoteDescriptionOnFailure",
            "OperationError: no way to 203.0.113.31",
        ),
        ("somethingNew", r#"{"label":"Camera of Alice","a":["203.0.113.31"]}"#),
        (
            "setConfiguration",
            r#"{"iceServers":[{"urls":["turn:turn.example"],"username":"Alice's","credential":"hunter2"}]}"#,
        ),
        (
            "setConfiguration",
            "{iceServers: [turn:turn.example], username: 4915112345, credential: \"hunter2\"}",
        ),
        (
            "updateIce",
            "{ servers: [{urls: turn:turn.example, 'username': 'Alice\\'s', credential : hunter2}] }",
        ),
        (
            "setConfiguration",
            r#"{"servers":[{"username":"4915112345"}],"username":"4915112345","credential":"hunter2"}"#,
        ),
        (
            "constructor",
            r#"[{"a":{"username":"4915112345","credential":{"b":"hunter2"}}}]"#,
        ),
        (
            "constructor",
            "{a: {username: 4915112345, credential: {b: hunter2}}, label: Camera of Alice}",
        ),
    ];
    // The type stands before the value, and behind it.
    let entry = |(kind, value): &(&str, &str)| {
        let value = text(value);
        format!(
            r#"{{"time":"11/25/2021, 3:04:05 PM","type":"{kind}","value":{value}}},{{"value":{value},"type":"{kind}"}}"#
        )
    };
    values.iter().map(entry).collect::<Vec<_>>().join(",")
}

/// Series with each secret.
fn stats() -> String {
    let series = |key: &str, values: &str| {
        format!(
            r#""{key}":{{"startTime":"2021-11-25T15:04:05.844Z","values":{}}}"#,
            text(values)
        )
    };
    [
        series("Ia-address", r#"["203.0.113.31","2001:db8:1:2:3:4:5:6"]"#),
        series("Ia-ip", r#"["203.0.113.31"]"#),
        series("Ia-relatedAddress", r#"["203.0.113.31"]"#),
        series("Ia-url", r#"["turn:turn.example:3478","https://203.0.113.31/"]"#),
        series("Ia-bytesSent", "[1.5,2,3]"),
        series("Cand-a-ipAddress", r#"["203.0.113.31"]"#),
        series("googTrack_a-googTrack-label", r#"["Camera of Alice","Alice's"]"#),
        series("ssrc_5_send-trackLabel", r#"["Camera of Alice"]"#),
        series("D1-label", r#"["chat"]"#),
        series("Conn-audio-1-0-googRemoteAddress", r#"["203.0.113.31:5"]"#),
    ]
    .join(",")
}

/// A dump with each secret in each place and each form.
fn dump() -> String {
    format!(
        "{{\n \"UserAgent\":\"Mozilla Chrome/156.0.0.0\",\n \"UserAgentData\":{{\"fullVersionList\":[{{\"brand\":\"Chromium\",\"version\":\"120.0.1.2\"}}]}},\n \
         \"unknown\":{{\"label\":\"Camera of Alice\",\"x\":[\"at 203.0.113.31\"],\"203.0.113.31\":1}},\n \
         \"getUserMedia\":[{},{},{},{}],\n \"PeerConnections\":{{\"8-1\":{{\"url\":\"http://203.0.113.31/?token=hunter2&key=1\",\
         \"rtcConfiguration\":{},\"constraints\":\"{{ip: 203.0.113.31}}\",\"updateLog\":[{}],\"stats\":{{{}}}}},\"8-2\":{{\"rtcConfiguration\":{}}}}}\n}}",
        r#"{"origin":"http://203.0.113.7","url":"http://203.0.113.31/x","rid":8,"audio":"{\"deviceId\":\"203.0.113.31\"}","video":""}"#,
        format_args!(
            r#"{{"audio_track_info":{},"video_track_info":"null"}}"#,
            text(r#"{"id":"t","label":"Camera of Alice"}"#)
        ),
        format_args!(r#"{{"video_track_info":{}}}"#, text("id:t label:Camera of Alice")),
        r#"{"error":"NotReadableError","error_message":"203.0.113.31 is gone, label: Camera of Alice"}"#,
        text(r#"{"iceServers":[{"urls":["turn:203.0.113.7:3478"],"username":"Alice's","credential":"hunter2"}]}"#),
        entries(),
        stats(),
        text("{ iceServers: [turn:203.0.113.7?transport=udp, x203.0.113.31x 203.0.113.31], iceTransportPolicy: all }"),
    )
}

#[track_caller]
fn shows_nothing(text: &str, whole: &str) {
    let plain = text.replace("\\\"", "\"").replace("\\\\", "\\");
    for secret in SECRETS {
        for text in [text, &plain] {
            let at = text.find(secret);
            assert!(
                at.is_none(),
                "{secret} stays in {}",
                &text[at.unwrap().saturating_sub(200)..]
            );
        }
    }
    assert!(!whole.is_empty());
}

#[test]
fn every_address_and_label_goes_and_everything_else_stays() {
    let dump = dump();
    let masked = masked_text(&dump);
    shows_nothing(&masked, &dump);
    for stays in [
        "Chrome/156.0.0.0",
        "120.0.1.2",
        "http://203.0.113.7\"",
        "turn:203.0.113.7:3478",
        "turn:203.0.113.7?transport=udp",
        "turn:turn.example:3478",
        "[1.5,2,3]",
        "2021-11-25T15:04:05.844Z",
        "\"D1-label\"",
        r#"[\"chat\"]"#,
        r#"[\"x\",\"x\"]"#,
        "{iceServers: [turn:turn.example], username: x, credential: \\\"x\\\"}",
        "11/25/2021, 3:04:05 PM",
    ] {
        assert!(masked.contains(stays), "{stays}");
    }
    let value: serde_json::Value = serde_json::from_str(&masked).unwrap();
    assert_eq!(
        value["PeerConnections"]["8-1"]["updateLog"].as_array().map(Vec::len),
        Some(32)
    );
    assert_eq!(masked_text(&masked), masked, "masking twice changes nothing");
}

#[test]
fn a_dump_that_ends_anywhere_shows_nothing() {
    let dump = dump();
    for end in (0..dump.len()).step_by(9) {
        let (masked, seen) = masked_and_seen(&dump.as_bytes()[..end]);
        shows_nothing(&String::from_utf8(masked).unwrap(), "-");
        assert_ne!(seen, Seen::Dump, "its first {end} bytes");
    }
    assert_eq!(masked_and_seen(dump.as_bytes()).1, Seen::Dump);
    let behind = format!("{dump}\n}} 203.0.113.31");
    assert_eq!(masked_and_seen(behind.as_bytes()).1, Seen::Part);
}

#[test]
fn a_dump_that_is_damaged_anywhere_shows_nothing() {
    let dump = dump();
    let mut seed = 7u64;
    for _ in 0..500 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = (seed >> 33) as usize % dump.len();
        let around = |secret: &&str| {
            dump.match_indices(*secret)
                .any(|(from, _)| (from..from + secret.len()).contains(&at))
        };
        // A secret that is damaged itself is none any more; and what stands in front of one may be its name.
        if SECRETS.iter().any(around) {
            continue;
        }
        let mut bytes = dump.clone().into_bytes();
        bytes[at] = b"{}[]:,x1"[seed as usize >> 20 & 7];
        let masked = String::from_utf8(masked(&bytes)).unwrap();
        for secret in &SECRETS[..2] {
            assert!(
                !masked.contains(secret),
                "{secret} {at} {}",
                &dump[at.saturating_sub(50)..]
            );
        }
    }
}

#[test]
fn recordings_keep_all_but_addresses() {
    use std::io::Read;
    let recorded = include_bytes!("../../../../tests/data/internals/audio-only.internals.gz");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&recorded[..])
        .read_to_end(&mut text)
        .unwrap();
    let masked = String::from_utf8(masked(&text)).unwrap();
    for secret in ["192.0.2.2", "fd00::2", "Fake Default Audio Input"] {
        assert!(!masked.contains(secret), "{secret}");
    }
    let (a, b): (serde_json::Value, serde_json::Value) = (
        serde_json::from_slice(&text).unwrap(),
        serde_json::from_str(&masked).unwrap(),
    );
    let keys = |value: &serde_json::Value| value["PeerConnections"]["8-1"]["stats"].as_object().unwrap().len();
    assert_eq!(keys(&a), keys(&b));
    assert_eq!(a["UserAgent"], b["UserAgent"]);
}
