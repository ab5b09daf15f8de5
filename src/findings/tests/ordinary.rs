//! What ordinary calls do on their way to a connection: it is told mildly, or not at all.
use serde_json::{Value, json};

use super::trace::{
    Critical, Info, Row, Warning, at, call, exchange, found, found_in, ice, negotiated, sdp, signaling, state, texts,
};

fn end(seconds: f64) -> Row<'static> {
    (seconds, "client", "x", json!(null))
}

fn rows(parts: &[&[Row<'static>]]) -> Vec<Row<'static>> {
    let create = at(1.0, "create", json!({"iceServers": []}));
    [vec![create], parts.concat(), vec![end(60.0)]].concat()
}

/// An offer of the other side and this side's answer to it, set at once.
fn answered(seconds: f64, offer: &str, answer: &str) -> Vec<Row<'static>> {
    let offer = sdp("offer", &[("aaaa", "bbbb"), ("sendrecv", offer)]);
    let answer = sdp("answer", &[("actpass", "active"), ("sendrecv", answer)]);
    vec![
        at(seconds, "setRemoteDescription 8-0", offer),
        signaling(seconds, "have-remote-offer"),
        at(seconds, "setRemoteDescriptionOnSuccess 8-0", json!(null)),
        at(seconds, "setLocalDescription 6-0", answer),
        signaling(seconds, "stable"),
        at(seconds, "setLocalDescriptionOnSuccess 6-0", json!(null)),
    ]
}

#[test]
fn a_call_that_is_held_is_no_mistake_of_this_side() {
    let microphone = at(1.5, "addTrack", json!(["audio", "mic", "x"]));
    let with = |rounds: &[Vec<Row<'static>>]| rows(&[std::slice::from_ref(&microphone), &rounds.concat()]);
    let held = with(&[
        answered(2.0, "sendrecv", "sendrecv"),
        answered(20.0, "sendonly", "recvonly"),
    ]);
    assert_eq!(found("sig.direction", &held), [(Info, 20.0, None)]);
    let text = &texts("sig.direction", &call(&held))[0];
    assert!(text.contains("the other side holds the call"), "{text}");
    let back = with(&[
        answered(2.0, "sendrecv", "sendrecv"),
        answered(20.0, "sendonly", "recvonly"),
        answered(40.0, "sendrecv", "sendrecv"),
    ]);
    assert_eq!(found("sig.direction", &back), [(Info, 20.0, Some(40.0))]);
    // It never took anything.
    let deaf = with(&[answered(2.0, "sendonly", "recvonly")]);
    assert_eq!(found("sig.direction", &deaf), [(Warning, 2.0, None)]);
    let text = &texts("sig.direction", &call(&deaf))[0];
    assert!(text.contains("the offer of the other side does not take it"), "{text}");
    let own = with(&[answered(2.0, "sendrecv", "recvonly")]);
    assert_eq!(found("sig.direction", &own), [(Warning, 2.0, None)]);
    let text = &texts("sig.direction", &call(&own))[0];
    assert!(text.contains("this side's answer does not say so"), "{text}");
}

#[test]
fn candidates_that_were_refused_are_not_known() {
    let host = "candidate:1 1 udp 1 192.0.2.1 9 typ host";
    let add = |method| at(1.6, method, json!({"candidate": host, "sdpMid": "0"}));
    let error = json!("InvalidStateError: The remote description was null");
    let failed = |given: &[Row<'static>]| {
        let ice = [
            at(2.5, "onicecandidate", json!({"candidate": host, "sdpMid": "0"})),
            ice(3.0, "checking"),
            ice(18.0, "failed"),
        ];
        call(&rows(&[given, &negotiated(2.0), &ice]))
    };
    let refused = failed(&[
        add("addIceCandidate 10-0"),
        at(1.7, "addIceCandidateOnFailure 10-0", error.clone()),
    ]);
    let found = refused.findings();
    let told = |rule: &str| found.findings.iter().position(|own| own.rule.id == rule);
    let cause = told("sig.add-candidate-failed").expect("the cause");
    let missing = told("ice.no-remote-candidates").expect("what is missing");
    assert!(found.findings[missing].because_of.contains(&cause));
    assert_eq!(told("ice.no-turn-configured"), None);
    assert_eq!(found_in("sig.add-candidate-failed", &refused), [(Warning, 1.7, None)]);
    let text = found.verdict().text;
    assert!(text.contains("came before the remote description"), "{text}");
    // One of two is enough, and a call without an answer counts.
    let ids = [add("addIceCandidate 10-0"), add("addIceCandidate 10-1")];
    let refusal = at(1.7, "addIceCandidateOnFailure 10-0", error);
    for given in [&ids[..1], &[ids[0].clone(), ids[1].clone(), refusal]] {
        assert_eq!(found_in("ice.no-remote-candidates", &failed(given)), []);
    }
}

#[test]
fn a_candidate_of_any_stun_server_acquits_them_all() {
    let servers = ["stun:one.example.org:3478", "stun:two.example.org:3478"];
    let error = |url: &str| at(3.0, "onicecandidateerror", json!({"url": url, "errorCode": 701}));
    let candidate = json!({
        "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ srflx", "sdpMid": "0", "url": servers[0],
    });
    let errors = servers.map(error);
    assert_eq!(found("ice.server-unreachable", &rows(&[&errors])).len(), 2);
    let came = rows(&[&errors, &[at(3.5, "onicecandidate", candidate)]]);
    assert_eq!(found("ice.server-unreachable", &came), []);
}

#[test]
fn slow_gathering_hurts_nobody_who_is_connected_before() {
    let gathering = |seconds, state: &str| at(seconds, "onicegatheringstatechange", json!(state));
    let slow = |connected| {
        let [first, last] = [gathering(2.0, "gathering"), gathering(13.0, "complete")];
        let mut parts = [first, ice(connected, "connected"), last];
        parts.sort_by(|one, other| one.0.total_cmp(&other.0));
        found("ice.gathering-slow", &rows(&[&parts]))
    };
    assert_eq!(slow(5.0), [(Info, 2.0, Some(13.0))]);
    assert_eq!(slow(13.5), [(Warning, 2.0, Some(13.0))]);
}

#[test]
fn a_failure_that_is_mended_is_a_warning() {
    let failure = [
        at(2.0, "setRemoteDescription 8-9", sdp("answer", &[])),
        at(
            3.0,
            "setRemoteDescriptionOnFailure 8-9",
            json!("InvalidStateError: Wrong state."),
        ),
    ];
    assert_eq!(found("sig.failure", &rows(&[&failure])), [(Critical, 3.0, None)]);
    let again = rows(&[&failure, &negotiated(4.0)]);
    assert_eq!(found("sig.failure", &again), [(Warning, 3.0, Some(3.0))]);
    let lives = rows(&[&[state(1.5, "connected")], &failure]);
    assert_eq!(found("sig.failure", &lives), [(Warning, 3.0, Some(3.0))]);
    let later = rows(&[&failure, &[state(5.0, "connected")]]);
    assert_eq!(found("sig.failure", &later), [(Warning, 3.0, Some(3.0))]);
}

#[test]
fn an_interruption_lasts_until_ice_connects_or_fails() {
    let states = |rest: &[Row<'static>]| {
        let begin = [ice(3.0, "checking"), ice(3.5, "connected"), ice(20.0, "disconnected")];
        found("ice.disconnected", &rows(&[&negotiated(2.0), &begin, rest]))
    };
    // As Firefox restarts.
    assert_eq!(
        states(&[ice(30.0, "checking"), ice(47.0, "failed")]),
        [(Critical, 20.0, Some(47.0))]
    );
    assert_eq!(
        states(&[ice(30.0, "checking"), ice(32.0, "connected")]),
        [(Warning, 20.0, Some(32.0))]
    );
    assert_eq!(states(&[ice(22.0, "checking"), ice(24.0, "connected")]), []);
    assert_eq!(states(&[ice(30.0, "checking")]), [(Critical, 20.0, None)]);
}

#[test]
fn a_connection_without_polls_was_connected_all_the_same() {
    let text = |rest: &[Row<'static>]| texts("dump.no-stats", &call(&rows(&[rest])));
    assert_eq!(
        text(&[state(5.0, "connected")]),
        ["There are no statistics in the dump, though a connection was connected."]
    );
    assert_eq!(
        text(&[]),
        ["There are no statistics in the dump: no connection was ever connected."]
    );
}

#[test]
fn descriptions_of_an_unknown_type_leave_room_for_others() {
    let sections: String = (0..2048)
        .map(|mid| format!("m=audio 9 x 0\r\na=mid:{mid}\r\n"))
        .collect();
    let odd = |type_: Value| json!({"type": type_, "sdp": format!("v=0\r\n{sections}")});
    let call_of = |seconds: f64| {
        let [set, success] = ["setLocalDescription 6-0", "setLocalDescriptionOnSuccess 6-0"];
        [at(seconds, set, odd(json!("x"))), at(seconds, success, odd(json!("x")))]
    };
    let many: Vec<Row<'static>> = (0..20)
        .flat_map(|number| call_of(2.0 + f64::from(number) / 10.0))
        .collect();
    let rejected = exchange(
        10.0,
        &sdp("offer", &[]),
        &sdp(
            "answer",
            &[("actpass", "active"), ("aaaa", "bbbb"), ("m=audio 9", "m=audio 0")],
        ),
    );
    assert_eq!(
        found("sig.rejected", &rows(&[&many, &rejected])),
        [(Warning, 10.0, Some(10.0))]
    );
}
