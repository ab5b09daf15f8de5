//! Texts as Chrome has written them from 2013 on, and texts that only begin like them.
use super::*;

#[track_caller]
fn reads(form: fn(&[u8]) -> Option<Vec<u8>>, cases: &[(&str, Option<&str>)]) {
    for (text, expected) in cases {
        let read = form(text.as_bytes()).map(|json| String::from_utf8(json).unwrap());
        assert_eq!(read.as_deref(), *expected, "{text}");
        assert!(read.is_none_or(|json| Json::parse(json.as_bytes()).is_ok()), "{text}");
    }
}

#[test]
fn descriptions() {
    reads(
        description,
        &[
            (
                "type: offer, sdp: v=0\r\ns=-, sdp: x\r\n",
                Some(r#"{"type":"offer","sdp":"v=0\r\ns=-, sdp: x\r\n"}"#),
            ),
            ("type: rollback, sdp: ", Some(r#"{"type":"rollback","sdp":""}"#)),
            ("type: offer", None),
            ("sdp: v=0", None),
            ("", None),
        ],
    );
}

#[test]
fn candidates() {
    reads(
        candidate,
        &[
            (
                "sdpMid: 0, sdpMLineIndex: 1, candidate: candidate:8421 1 udp 41885695 192.0.2.7 50000 typ relay raddr \
                 192.0.2.9 rport 5 generation 0, url: turn:turn.example:3478?transport=udp, relayProtocol: udp",
                Some(
                    r#"{"sdpMid":"0","sdpMLineIndex":1,"candidate":"candidate:8421 1 udp 41885695 192.0.2.7 50000 typ relay raddr 192.0.2.9 rport 5 generation 0","url":"turn:turn.example:3478?transport=udp","relayProtocol":"udp"}"#,
                ),
            ),
            (
                "mid: audio, candidate: 1 1 udp 2 192.0.2.7 5 typ host",
                Some(r#"{"candidate":"candidate:1 1 udp 2 192.0.2.7 5 typ host"}"#),
            ),
            (
                "sdpMid: audio, sdpMLineIndex: 0, candidate: ",
                Some(r#"{"sdpMid":"audio","sdpMLineIndex":0,"candidate":""}"#),
            ),
            (
                "candidate:1 1 udp 2 h 5 typ host",
                Some(r#"{"candidate":"candidate:1 1 udp 2 h 5 typ host"}"#),
            ),
            ("sdpMid: 0", None),
            ("", None),
        ],
    );
}

#[test]
fn candidate_errors() {
    reads(
        candidate_error,
        &[
            (
                "url: stun:stun.example:3478\naddress: 192.0.2.x\nport: 5000\nhost_candidate: 192.0.2.x:5000\n\
                 error_text: STUN host lookup received error.\nerror_code: 701",
                Some(
                    r#"{"url":"stun:stun.example:3478","address":"192.0.2.x","port":5000,"hostCandidate":"192.0.2.x:5000","errorText":"STUN host lookup received error.","errorCode":701}"#,
                ),
            ),
            ("something else", None),
        ],
    );
    let json = br#"{"host_candidate":"h","error_code":701,"error_text":"t","port":null,"new":1}"#;
    assert_eq!(
        candidate_error_json(Json::parse(json).unwrap()),
        br#"{"hostCandidate":"h","errorCode":701,"errorText":"t","port":null,"new":1}"#
    );
}

#[test]
fn options_of_offers() {
    reads(
        options,
        &[
            (
                "options: {offerToReceiveVideo: -1, offerToReceiveAudio: -1, voiceActivityDetection: true, iceRestart: false}",
                Some("null"),
            ),
            (
                "options: {offerToReceiveVideo: 1, offerToReceiveAudio: 0, voiceActivityDetection: false, iceRestart: true}",
                Some(
                    r#"{"offerToReceiveVideo":1,"offerToReceiveAudio":0,"voiceActivityDetection":false,"iceRestart":true}"#,
                ),
            ),
            (
                "constraints: {mandatory: {OfferToReceiveAudio: true, IceRestart: true}, optional: {}}",
                Some(r#"{"offerToReceiveAudio":true,"iceRestart":true}"#),
            ),
            (
                "constraints: {optional: [{IceRestart: true}]}",
                Some(r#"{"iceRestart":true}"#),
            ),
            ("{", None),
            ("none", None),
        ],
    );
}

#[test]
fn configurations() {
    reads(
        configuration,
        &[
            (
                "{ iceServers: [turn:turn.example?transport=udp, stun:[2001:db8::1]:3478], iceTransportPolicy: all, \
                 bundlePolicy: balanced, rtcpMuxPolicy: require, iceCandidatePoolSize: 0 }",
                Some(
                    r#"{"iceServers":[{"urls":["turn:turn.example?transport=udp"]},{"urls":["stun:[2001:db8::1]:3478"]}],"iceTransportPolicy":"all","bundlePolicy":"balanced","rtcpMuxPolicy":"require","iceCandidatePoolSize":0}"#,
                ),
            ),
            (
                "{ iceServers: [], sdpSemantics: \"unified-plan\" }",
                Some(r#"{"iceServers":[],"sdpSemantics":"unified-plan"}"#),
            ),
            ("[]", None),
            ("", None),
        ],
    );
}

#[test]
fn channels() {
    reads(
        channel,
        &[
            (
                "label: chat, or, not, ordered: true, maxRetransmits: 3, protocol: \"a, b\", negotiated: false, id: 1",
                Some(
                    r#"{"label":"chat, or, not","ordered":true,"maxRetransmits":3,"protocol":"a, b","negotiated":false,"id":1}"#,
                ),
            ),
            ("label: x, reliable: true", Some(r#"{"label":"x","reliable":true}"#)),
            ("label: ", Some(r#"{"label":""}"#)),
            ("ordered: true", None),
        ],
    );
}

#[test]
fn transceivers() {
    let text = "Caused by: addTrack\n\ngetTransceivers()[3]:{\n  mid:null,\n  kind:'audio',\n  sender:{\n    track:'t-1',\n    \
                streams:['s-1'],\n    encodings: [\n      {active: true, rid: \"h\", scaleResolutionDownBy: 2},\n    ],\n  },\n  \
                receiver:{\n    track:'t-2',\n    streams:[],\n  },\n  direction:'sendrecv',\n  currentDirection:null,\n}";
    reads(
        transceiver,
        &[
            (
                text,
                Some(
                    r#"{"mid":null,"kind":"audio","sender":{"track":"t-1","streams":["s-1"],"encodings":[{"active":true,"rid":"h","scaleResolutionDownBy":2}]},"receiver":{"track":"t-2","streams":[]},"direction":"sendrecv","currentDirection":null,"reason":"addTrack","transceiverIndex":3}"#,
                ),
            ),
            ("{a:1}", Some(r#"{"a":1}"#)),
            ("Caused by: addTrack", None),
            ("Caused by: addTrack\n\ngetTransceivers()[3]:{", None),
        ],
    );
}
