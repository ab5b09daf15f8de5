//! Dumps that no recorder made: very long, very many events, very many connections, and hostile text in every place.

use std::fmt::Write;

use serde_json::{Value, json};

const START: u64 = 1_795_326_497_279;

fn begin(agent: &str) -> String {
    let metadata = json!({
        "url": "/x", "origin": "https://example.org", "userAgent": agent, "startTime": START,
        "remoteAddresses": ["192.0.2.1"], "clientProtocol": "rtcstats#5.0", "fileFormat": 3,
    });
    let mut out = format!("RTCStatsDump\n{metadata}\n");
    line(&mut out, &json!(["create", null, { "hardwareConcurrency": 8 }, START]));
    out
}

fn line(out: &mut String, message: &Value) {
    writeln!(out, "{message}").expect("a string can be written to");
}

const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

fn connect(out: &mut String, name: &str) {
    line(out, &json!(["create", name, { "iceServers": [] }, 1]));
    for (method, state, after) in [
        ("onconnectionstatechange", "connecting", 2),
        ("oniceconnectionstatechange", "checking", 2),
        ("oniceconnectionstatechange", "connected", 20),
        ("onconnectionstatechange", "connected", 2),
    ] {
        line(out, &json!([method, name, state, after]));
    }
}

/// A poll each ten seconds.
pub fn fifty_connections_for_an_hour() -> String {
    let mut out = begin(AGENT);
    for connection in 0..50 {
        connect(&mut out, &format!("PC_{connection}"));
    }
    for poll in 0..360_u32 {
        for connection in 0..50_u32 {
            let reports = json!({
                "O": { "type": "outbound-rtp", "kind": "video", "ssrc": 7, "bytesSent": poll * 250_000 + connection,
                    "framesPerSecond": 24 + (poll * 7 + connection) % 7, "framesEncoded": poll * 250 },
                "I": { "type": "inbound-rtp", "kind": "audio", "ssrc": 8, "bytesReceived": poll * 40_000,
                    "packetsReceived": poll * 500, "packetsLost": poll / 9, "jitter": f64::from(poll * 13 % 9) / 1000.0,
                    "audioLevel": f64::from((poll * 31 + connection) % 100) / 100.0 },
                "P": { "type": "candidate-pair", "currentRoundTripTime": f64::from(30 + poll * 17 % 50) / 1000.0,
                    "bytesSent": poll * 290_000 },
            });
            let after = if connection == 0 { 10_000 } else { 0 };
            line(
                &mut out,
                &json!(["getStats", format!("PC_{connection}"), reports, after]),
            );
        }
    }
    out
}

pub fn a_hundred_thousand_events() -> String {
    let mut out = begin(AGENT);
    connect(&mut out, "PC_0");
    for number in 0..100_000_u32 {
        let value = format!("{number} of many");
        let method = ["custom", "onnegotiationneeded", "HTMLMediaElement.resize"][number as usize % 3];
        line(&mut out, &json!([method, "PC_0", value, 30]));
    }
    out
}

/// Each 17th fails.
pub fn ten_thousand_connections() -> String {
    let mut out = begin(AGENT);
    for number in 0..10_000_u32 {
        let name = format!("PC_{number}");
        connect(&mut out, &name);
        if number % 17 == 5 {
            line(&mut out, &json!(["oniceconnectionstatechange", name, "failed", 3]));
            line(&mut out, &json!(["onconnectionstatechange", name, "failed", 1]));
        }
        if number % 2 == 0 {
            line(&mut out, &json!(["close", name, null, 40]));
        }
    }
    out
}

/// What breaks out of an element, an attribute, a script or a line, and what turns the direction of writing.
const HOSTILE: &[&str] = &[
    "</script><script>globalThis.hacked = 1</script>",
    "<img src=x onerror=\"globalThis.hacked = 2\">",
    "\"><svg onload=globalThis.hacked=3>",
    "javascript:globalThis.hacked=4",
    "<!--<script>",
    "\u{202e}drawkcab\u{2066}",
    "\u{2028}\u{2029}\u{0}\u{7f}\u{1b}[31m",
    "${globalThis.hacked = 5}",
    "constructor",
    "__proto__",
    "&lt;b&gt;&amp;",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

pub fn hostile() -> String {
    let mut out = begin(HOSTILE[1]);
    let long = format!("<b>{}", "x".repeat(1_000_000));
    for (number, text) in HOSTILE.iter().enumerate() {
        connect(&mut out, text);
        line(&mut out, &json!([text, text, text, 1]));
        line(&mut out, &json!(["custom", null, { *text: text }, 1]));
        line(
            &mut out,
            &json!(["navigator.mediaDevices.getUserMedia", null, { "audio": text }, format!("{number}"), 1]),
        );
        let failure = format!("NotAllowedError: {text}");
        line(
            &mut out,
            &json!([
                "navigator.mediaDevices.getUserMediaOnFailure",
                null,
                failure,
                format!("{number}"),
                1
            ]),
        );
        describe(&mut out, text);
        for poll in 0..4_u32 {
            let report = json!({ "type": "inbound-rtp", "kind": text, "mid": text, "ssrc": 5, "bytesReceived": poll * 1000,
                "decoderImplementation": if poll % 2 == 0 { *text } else { "other" }, "trackIdentifier": text });
            let pair = json!({ "type": text, "state": text, "currentRoundTripTime": 0.01 * f64::from(poll) });
            line(
                &mut out,
                &json!(["getStats", text, { *text: report, format!("{text} 2"): pair }, 1000]),
            );
        }
        line(&mut out, &json!(["oniceconnectionstatechange", text, text, 1]));
        line(&mut out, &json!(["onconnectionstatechange", text, "failed", 1]));
    }
    line(&mut out, &json!(["custom", null, long, 1]));
    // Halves of a pair, which only an escape can write.
    out.push_str("[\"custom\",\"PC \\ud800\",\"\\udc00 half\",1]\n");
    out
}

fn describe(out: &mut String, text: &str) {
    let sdp = format!(
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns={text}\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n\
         a=mid:{text}\r\na=ice-ufrag:abcd\r\na=rtpmap:111 {text}/48000/2\r\na={text}\r\na=sendrecv\r\n"
    );
    let offer = json!({ "type": "offer", "sdp": sdp });
    line(out, &json!(["createOffer", text, null, "a", 1]));
    line(out, &json!(["createOfferOnSuccess", text, offer, "a", 1]));
    line(out, &json!(["setLocalDescription", text, offer, "b", 1]));
    line(out, &json!(["setLocalDescriptionOnSuccess", text, null, "b", 1]));
    let candidate = json!({ "candidate": format!("candidate:1 1 udp 1 192.0.2.7 9 typ host {text}"), "sdpMid": text, "sdpMLineIndex": 0 });
    line(out, &json!(["onicecandidate", text, candidate, 1]));
    line(
        out,
        &json!(["onicecandidateerror", text, { "url": text, "errorCode": 701, "errorText": text }, 1]),
    );
}
