//! The handshake on a path that ICE has found.
use serde_json::json;

use super::trace::{Critical, Found, Row, Warning, at, call, exchange, found, ice, sdp, state, texts};

fn end(seconds: f64) -> Row<'static> {
    (seconds, "client", "x", json!(null))
}

/// Descriptions with these roles; then ICE connects and the connection fails.
fn handshake(offer: &str, answer: &str, rest: &[Row<'static>]) -> Vec<Row<'static>> {
    let sides = exchange(
        2.0,
        &sdp("offer", &[("actpass", offer)]),
        &sdp("answer", &[("actpass", answer)]),
    );
    let rows = [
        at(1.0, "create", json!(null)),
        ice(3.0, "checking"),
        ice(4.0, "connected"),
    ];
    [&rows[..1], &sides, &rows[1..], rest].concat()
}

#[test]
fn dtls_fails_with_a_cause() {
    for (offer, answer, words) in [
        (
            "active",
            "active",
            "DTLS failed: both sides said a=setup:active, and one must begin.",
        ),
        (
            "passive",
            "passive",
            "DTLS failed: both sides said a=setup:passive, and one must begin.",
        ),
        (
            "actpass",
            "actpass",
            "DTLS failed: the answer said a=setup:actpass, which only an offer may.",
        ),
        (
            "actpass",
            "active",
            "DTLS failed although ICE was connected, and the descriptions do not say why.",
        ),
    ] {
        let rows = handshake(offer, answer, &[state(10.0, "failed"), end(60.0)]);
        assert_eq!(found("dtls.failed", &rows), [(Critical, 10.0, None)]);
        assert_eq!(texts("dtls.failed", &call(&rows)), [words]);
    }
    let other = exchange(
        5.0,
        &sdp("offer", &[]),
        &sdp("answer", &[("AA:BB", "CC:DD"), ("actpass", "active")]),
    );
    let rows = handshake(
        "actpass",
        "active",
        &[&other[..], &[state(10.0, "failed"), end(60.0)]].concat(),
    );
    assert_eq!(
        texts("dtls.failed", &call(&rows)),
        ["DTLS failed: a certificate changed while the ICE credentials stayed."]
    );
    // The transport says it as well; and without ICE it is not about DTLS.
    let transport = json!({"t": 1, "1": {"type": "transport", "dtlsState": "failed"}});
    let rows = handshake(
        "actpass",
        "active",
        &[
            at(9.0, "getStats", transport),
            at(12.0, "close", json!(null)),
            end(60.0),
        ],
    );
    assert_eq!(found("dtls.failed", &rows), [(Critical, 9.0, Some(12.0))]);
    let unconnected = [ice(3.0, "checking"), state(10.0, "failed"), end(60.0)];
    assert_eq!(found("dtls.failed", &unconnected), []);
}

#[test]
fn dtls_is_slow_from_one_second_on() {
    for (seconds, expected) in [
        (5.0, None),
        (5.001, Some((Warning, 4.0, Some(5.001)))),
        (9.0, Some((Warning, 4.0, Some(9.0)))),
        (9.001, Some((Critical, 4.0, Some(9.001)))),
    ] {
        let rows = handshake("actpass", "active", &[state(seconds, "connected"), end(60.0)]);
        assert_eq!(
            found("dtls.slow", &rows),
            Vec::<Found>::from_iter(expected),
            "{seconds}"
        );
    }
}

#[test]
fn a_handshake_that_does_not_end_is_found() {
    let rows = |rest: &[Row<'static>]| {
        let rest = [&[state(4.0, "connecting")], rest].concat();
        handshake("actpass", "active", &rest)
    };
    assert_eq!(found("dtls.slow", &rows(&[end(9.0)])), []);
    assert_eq!(found("dtls.slow", &rows(&[end(9.1)])), [(Critical, 4.0, None)]);
    let closed = rows(&[at(40.0, "close", json!(null)), end(60.0)]);
    assert_eq!(found("dtls.slow", &closed), [(Critical, 4.0, Some(40.0))]);
    assert_eq!(
        texts("dtls.slow", &call(&closed)),
        ["The DTLS handshake did not end in 36 s, though ICE was connected."]
    );
    let verdict = call(&closed).findings().verdict();
    assert!(
        verdict
            .text
            .starts_with("The call failed: the DTLS handshake did not end"),
        "{verdict:?}"
    );
    // What has failed, or is not told, is not slow.
    assert_eq!(found("dtls.slow", &rows(&[state(10.0, "failed"), end(60.0)])), []);
    assert_eq!(found("dtls.slow", &rows(&[ice(10.0, "disconnected"), end(60.0)])), []);
    assert_eq!(found("dtls.slow", &handshake("actpass", "active", &[end(60.0)])), []);
}
