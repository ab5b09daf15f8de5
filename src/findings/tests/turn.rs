//! What came of the servers.
use serde_json::{Value, json};

use super::rig::Call;
use super::trace::{Critical, Found, Info, Row, Warning, at, call, found, found_in, ice, is_blind, texts};

const TURN: &str = "turn:turn.example.org:3478?transport=udp";
const STUN: &str = "stun:stun.example.org:3478";

fn end(seconds: f64) -> Row<'static> {
    (seconds, "client", "x", json!(null))
}

fn error(url: &str, code: u32) -> Row<'static> {
    at(
        3.0,
        "onicecandidateerror",
        json!({"url": url, "errorCode": code, "errorText": "Because."}),
    )
}

fn candidate(seconds: f64, kind: &str, url: Value) -> Row<'static> {
    let text = format!("candidate:1 1 udp 1 192.0.2.1 9 typ {kind}");
    at(
        seconds,
        "onicecandidate",
        json!({"candidate": text, "sdpMid": "0", "url": url}),
    )
}

fn gathering(seconds: f64, state: &str) -> Row<'static> {
    at(seconds, "onicegatheringstatechange", json!(state))
}

fn with(rest: &[Row<'static>]) -> Vec<Row<'static>> {
    let servers = json!({"iceServers": [{"urls": [TURN, STUN]}]});
    let rows = [at(1.0, "create", servers), gathering(2.0, "gathering")];
    [&rows[..], rest, &[end(60.0)]].concat()
}

#[test]
fn a_server_that_refuses_is_told_by_its_code() {
    for (code, rule, severity) in [
        (401, "turn.unauthorized", Critical),
        (403, "turn.unauthorized", Critical),
        (486, "turn.refused", Warning),
        (508, "turn.refused", Warning),
        (701, "ice.server-unreachable", Warning),
    ] {
        let rows = with(&[error(TURN, code), gathering(4.0, "complete")]);
        assert_eq!(found(rule, &rows), [(severity, 3.0, None)], "{code}");
        let all = ["turn.unauthorized", "turn.refused", "ice.server-unreachable"];
        assert_eq!(
            all.iter().filter(|rule| !found(rule, &rows).is_empty()).count(),
            1,
            "{code}"
        );
        // A relay came from this very server after all; from another one is not enough.
        let relayed = with(&[error(TURN, code), candidate(3.5, "relay", json!(TURN))]);
        assert_eq!(found(rule, &relayed), [], "{code}");
        let other = with(&[
            error(TURN, code),
            candidate(3.5, "relay", json!("turn:other.example.org")),
        ]);
        assert_eq!(found(rule, &other).len(), 1, "{code}");
    }
    assert_eq!(found("turn.unauthorized", &with(&[error(STUN, 401)])), []);
    assert_eq!(
        found("turn.unauthorized", &with(&[error(TURN, 401), ice(5.0, "connected")])),
        [(Warning, 3.0, Some(3.0))]
    );
}

#[test]
fn a_server_is_told_once_whatever_it_answers() {
    let rows = with(&[
        error(TURN, 701),
        error(TURN, 701),
        error(STUN, 701),
        gathering(4.0, "complete"),
    ]);
    assert_eq!(found("ice.server-unreachable", &rows).len(), 2);
    let words = "The TURN server turn:turn.example.org:3478?transport=udp refused to relay: the user's quota is used up \
                 (486).";
    assert_eq!(
        texts("turn.refused", &call(&with(&[error(TURN, 486), error(TURN, 486)]))),
        [words]
    );
    // One family of addresses works.
    let rows = with(&[error(STUN, 701), candidate(3.5, "srflx", json!(STUN))]);
    assert_eq!(found("ice.server-unreachable", &rows), []);
}

#[test]
fn candidates_that_do_not_name_their_server_leave_it_open() {
    let rows = call(&with(&[error(STUN, 701), candidate(3.5, "srflx", json!(null))]));
    assert_eq!(found_in("ice.server-unreachable", &rows), []);
    assert!(is_blind("ice.server-unreachable", &rows));
    let firefox = found_in("ice.server-unreachable", &Call::recorded("firefox-av-call"));
    assert_eq!(firefox.iter().map(|own| own.0).collect::<Vec<_>>(), [Warning; 2]);
    assert_eq!(
        found_in("turn.unauthorized", &Call::recorded("derived-address-zoo")),
        []
    );
}

#[test]
fn gathering_is_slow_by_server_and_as_a_whole() {
    for (kind, url) in [("relay", TURN), ("srflx", STUN)] {
        for (seconds, expected) in [(2.5, None), (2.501, Some((Info, 2.0, Some(2.501))))] {
            let rows = with(&[candidate(seconds, kind, json!(url)), gathering(3.0, "complete")]);
            assert_eq!(
                found("ice.gathering-slow", &rows),
                Vec::<Found>::from_iter(expected),
                "{url} {seconds}"
            );
        }
    }
    let words = "The first candidate from turn:turn.example.org:3478?transport=udp (udp) took 800 ms.";
    assert_eq!(
        texts(
            "ice.gathering-slow",
            &call(&with(&[
                candidate(2.8, "relay", json!(TURN)),
                gathering(3.0, "complete")
            ]))
        ),
        [words]
    );
    for (seconds, expected) in [(12.0, None), (12.001, Some((Warning, 2.0, Some(12.001))))] {
        let rows = with(&[gathering(seconds, "complete")]);
        assert_eq!(
            found("ice.gathering-slow", &rows),
            Vec::<Found>::from_iter(expected),
            "{seconds}"
        );
    }
    assert_eq!(found("ice.gathering-slow", &with(&[])), [(Warning, 2.0, None)]);
    let closed = with(&[at(30.0, "close", json!(null))]);
    assert_eq!(found("ice.gathering-slow", &closed), [(Warning, 2.0, Some(30.0))]);
}
