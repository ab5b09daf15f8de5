//! Features of offers, answers and states.
use serde_json::json;

use super::*;

const OFFER: &str = r#"{"type":"offer","sdp":""}"#;
const ANSWER: &str = r#"{"type":"answer","sdp":""}"#;

#[test]
fn delays_begin_with_the_first_and_end_with_the_first_behind_it() {
    let (local, remote) = ("setLocalDescription", "setRemoteDescription");
    for (events, expected) in [
        (
            vec![(remote, ANSWER), (local, OFFER), (local, OFFER), (remote, ANSWER)],
            json!(2000),
        ),
        (
            vec![(local, OFFER), (remote, OFFER), (remote, ANSWER), (remote, ANSWER)],
            json!(2000),
        ),
        (vec![(remote, OFFER), (local, ANSWER)], Value::Null),
        (vec![(local, "null"), (remote, ANSWER)], Value::Null),
    ] {
        assert_eq!(
            members(&connection(&events), ["signalingDelay"]),
            [expected],
            "{events:?}"
        );
    }
    let state = "onconnectionstatechange";
    let found = connection(&[
        (state, r#""connected""#),
        (state, r#""connecting""#),
        (state, r#""connected""#),
    ]);
    assert_eq!(
        members(&found, ["connected", "connectionTime"]),
        [json!(true), json!(1000)]
    );
    let state = "oniceconnectionstatechange";
    let found = connection(&[(state, r#""checking""#), (state, r#""completed""#)]);
    assert_eq!(
        members(&found, ["iceConnected", "iceConnectionTime"]),
        [json!(false), Value::Null]
    );
}

#[test]
fn a_success_belongs_to_the_call_with_its_correlation_id() {
    let names = ["setLocalDescriptionDelay", "setLocalDescriptionRole"];
    let call = |extra: &str| format!(r#"["setLocalDescription","PC_0",{OFFER}{extra},10]"#);
    let success = |extra: &str| format!(r#"["setLocalDescriptionOnSuccess","PC_0",null{extra},10]"#);
    for (lines, expected) in [
        (
            vec![call(r#","6-0""#), success(r#","6-1""#), success(r#","6-0""#)],
            [json!(20), json!("offer")],
        ),
        (
            vec![call(""), success(r#","6-0""#), success("")],
            [json!(20), json!("offer")],
        ),
        (vec![call(r#","6-0""#), success("")], [Value::Null, Value::Null]),
        (vec![success(""), call("")], [Value::Null, Value::Null]),
        // Only the first call counts.
        (
            vec![call(r#","6-0""#), call(r#","6-1""#), success(r#","6-1""#)],
            [Value::Null, Value::Null],
        ),
    ] {
        assert_eq!(
            members(&features(&lines)["peerConnections"][0], names),
            expected,
            "{lines:?}"
        );
    }
    let implicit = connection(&[("setLocalDescription", "null"), ("setLocalDescriptionOnSuccess", OFFER)]);
    assert_eq!(members(&implicit, names), [json!(1000), Value::Null]);
}

#[test]
fn the_first_failures_are_kept() {
    let found = connection(&[
        ("addIceCandidateOnFailure", r#""a""#),
        ("addIceCandidateOnFailure", r#""b""#),
        ("setLocalDescriptionOnFailure", r#""c""#),
        ("setRemoteDescriptionOnFailure", "null"),
    ]);
    assert_eq!(found["addIceCandidateFailure"], json!("a"));
    assert_eq!(found["setLocalDescriptionFailure"], json!("c"));
    // A copied null stays.
    assert_eq!(found.get("setRemoteDescriptionFailure"), Some(&Value::Null));
}

#[test]
fn signaling_states_tell_of_negotiations() {
    let state = "onsignalingstatechange";
    let names = ["numberOfNegotiations", "pendingNegotiationAtEnd"];
    for (states, expected) in [
        (&[][..], [json!(0), Value::Null]),
        (&["have-local-offer", "stable", "closed"], [json!(1), json!(false)]),
        (&["stable", "have-remote-offer", "closed"], [json!(1), json!(true)]),
        (&["closed"], [json!(0), Value::Null]),
    ] {
        let values: Vec<String> = states.iter().map(|state| format!("\"{state}\"")).collect();
        let mut events: Vec<_> = values.iter().map(|value| (state, value.as_str())).collect();
        events.push(("onnegotiationneeded", "null"));
        assert_eq!(members(&connection(&events), names), expected, "{states:?}");
    }
}

#[test]
fn an_ice_restart_needs_an_offer_and_an_answer_behind_it() {
    let names = ["iceRestart", "iceRestartFollowedBySetRemoteDescription"];
    let create = ("createOffer", r#"{"iceRestart":true}"#);
    let (local, remote) = (("setLocalDescription", OFFER), ("setRemoteDescription", ANSWER));
    for (events, expected) in [
        (vec![local, remote], [false, false]),
        (
            vec![
                ("createOffer", r#"{"iceRestart":1}"#),
                ("restartIce", "null"),
                local,
                remote,
            ],
            [false, false],
        ),
        (vec![local, remote, create], [true, false]),
        (vec![create, remote, local], [true, false]),
        (vec![create, local, remote], [true, true]),
    ] {
        assert_eq!(
            members(&connection(&events), names),
            expected.map(Value::Bool),
            "{events:?}"
        );
    }
}

#[test]
fn ice_lite_is_a_line_of_a_remote_description() {
    for (method, sdp, expected) in [
        ("setRemoteDescription", r"v=0\r\na=ice-lite\r\n", true),
        ("setRemoteDescription", r"v=0\n\u0061=ice\u002dlite", true),
        ("setRemoteDescription", r"v=0\r\na=ice-lite2\r\n", false),
        ("setRemoteDescription", r"v=0\ra=ice-lite", false),
        ("setLocalDescription", r"v=0\r\na=ice-lite\r\n", false),
    ] {
        let value = format!(r#"{{"type":"offer","sdp":"{sdp}"}}"#);
        assert_eq!(
            connection(&[(method, &value)])["usingIceLite"],
            json!(expected),
            "{sdp}"
        );
    }
}

#[test]
fn events_are_counted_and_the_last_one_may_be_close() {
    let names = [
        "numberOfEvents",
        "numberOfEventsNotGetStats",
        "closed",
        "startTime",
        "duration",
    ];
    let found = connection(&[("create", "null"), ("g", "{}"), ("g", "null"), ("close", "null")]);
    assert_eq!(
        members(&found, names),
        [json!(4), json!(2), json!(true), json!(1000), json!(3000)]
    );
    let found = connection(&[("close", "null"), ("getStats", "{}")]);
    assert_eq!(found["closed"], json!(false));
}

#[test]
fn connections_are_named_by_what_was_sent() {
    let line = |name: &str| format!(r#"["create",{name},null,1]"#);
    let found = features(&[line(r#""PC_0""#), line("17"), line(r#"["a"]"#), line("null")]);
    let names: Vec<_> = found["peerConnections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["connectionIdentifier"])
        .collect();
    assert_eq!(names, ["PC_0", "17", "[\"a\"]"]);
}
