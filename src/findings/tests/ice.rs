//! Whether and how a connection found a way to the other side.
use serde_json::{Value, json};

use super::trace::{
    Critical, Found, Info, Row, Warning, at, call, found, found_in, ice, is_blind, negotiated, sdp, state, texts,
};
use crate::findings::Finding;

const CAUSES: [&str; 6] = [
    "ice.no-remote-candidates",
    "ice.no-local-candidates",
    "ice.no-turn-configured",
    "ice.turn-unusable",
    "ice.relay-unpaired",
    "ice.only-host",
];

pub fn end(seconds: f64) -> Row<'static> {
    (seconds, "client", "x", json!(null))
}

fn candidate(seconds: f64, method: &'static str, kind: &str) -> Row<'static> {
    let address = if kind == "mdns" { "a-b.local" } else { "192.0.2.1" };
    let kind = if kind == "mdns" { "host" } else { kind };
    at(
        seconds,
        method,
        json!({"candidate": format!("candidate:1 1 udp 1 {address} 9 typ {kind}"), "sdpMid": "0"}),
    )
}

/// A connection with these servers and candidates, and what follows.
pub fn with(servers: &Value, local: &[&str], remote: &[&str], rest: &[Row<'static>]) -> Vec<Row<'static>> {
    let create = at(1.0, "create", json!({"iceServers": servers}));
    let local = local.iter().map(|kind| candidate(2.5, "onicecandidate", kind));
    let remote = remote.iter().map(|kind| candidate(2.5, "addIceCandidate", kind));
    let rows = std::iter::once(create)
        .chain(negotiated(2.0))
        .chain(local)
        .chain(remote);
    rows.chain(rest.iter().cloned()).collect()
}

pub fn plain(rest: &[Row<'static>]) -> Vec<Row<'static>> {
    with(&json!([]), &["host", "srflx"], &["host", "srflx"], rest)
}

fn turn() -> Value {
    json!([{"urls": ["turn:turn.example.org?transport=udp"]}])
}

/// The causes that are told for a failure, and of what they are not sure.
fn causes(servers: &Value, local: &[&str], remote: &[&str], poll: Option<Value>) -> Vec<&'static str> {
    let mut rows = vec![ice(3.0, "checking"), ice(18.0, "failed")];
    rows.extend(poll.map(|reports| at(18.1, "getStats", reports)));
    rows.push(end(40.0));
    let call = call(&with(servers, local, remote, &rows));
    assert_eq!(found_in("ice.failed", &call), [(Critical, 18.0, None)]);
    CAUSES
        .into_iter()
        .filter(|rule| !found_in(rule, &call).is_empty())
        .collect()
}

fn pair(sent: u32, answered: u32) -> Value {
    json!({"t": 1, "1": {"type": "candidate-pair", "state": "failed", "requestsSent": sent, "responsesReceived": answered}})
}

#[test]
fn a_failure_has_the_first_cause_that_holds() {
    let (none, turn) = (json!([]), turn());
    let host = &["host"][..];
    let relay = &["host", "srflx", "relay"][..];
    assert_eq!(causes(&none, host, &[], None), ["ice.no-remote-candidates"]);
    assert_eq!(causes(&none, &[], host, None), ["ice.no-local-candidates"]);
    assert_eq!(
        causes(&none, &["host", "srflx"], host, None),
        ["ice.no-turn-configured"]
    );
    assert_eq!(causes(&turn, host, relay, None), ["ice.turn-unusable"]);
    assert_eq!(causes(&turn, relay, host, Some(pair(30, 0))), ["ice.relay-unpaired"]);
    assert_eq!(causes(&turn, relay, host, Some(pair(30, 1))), [""; 0]);
    assert_eq!(causes(&turn, relay, host, None), [""; 0]);
}

#[test]
fn where_the_servers_are_not_known_host_candidates_alone_are_the_cause() {
    let rows = [
        &negotiated(2.0)[..],
        &[
            candidate(2.5, "onicecandidate", "host"),
            candidate(2.5, "addIceCandidate", "mdns"),
            ice(3.0, "checking"),
            ice(18.0, "failed"),
            end(40.0),
        ],
    ]
    .concat();
    assert_eq!(found("ice.only-host", &rows), [(Critical, 18.0, None)]);
    assert_eq!(found("ice.mdns-only", &rows), [(Info, 3.0, None)]);
}

#[test]
fn causes_have_sentences() {
    let rows = [ice(3.0, "checking"), ice(18.0, "failed"), end(40.0)];
    let refused = at(
        2.6,
        "onicecandidateerror",
        json!({"url": "turn:turn.example.org?transport=udp", "errorCode": 401}),
    );
    let failed = call(&with(&turn(), &["host"], &["host"], &[&[refused], &rows[..]].concat()));
    let findings = failed.findings();
    assert!(
        findings.verdict().text.contains("refused the credentials"),
        "{}",
        findings.verdict().text
    );
    let is_root = |own: &&Finding| own.because_of.is_empty() && own.severity == Critical;
    let roots = findings.findings.iter().filter(is_root);
    assert_eq!(roots.map(|own| own.rule.id).collect::<Vec<_>>(), ["turn.unauthorized"]);
    let words = "TURN is configured, but no server gave a relay candidate: turn:turn.example.org?transport=udp (the \
                 credentials were refused, 401).";
    assert_eq!(texts("ice.turn-unusable", &failed), [words]);
    let words = "ICE found no way to the other side in 15 s (this side: 1 host; the other side: 1 host).";
    assert_eq!(texts("ice.failed", &failed), [words]);
    let unpaired = with(
        &turn(),
        &["relay"],
        &["host"],
        &[&rows[..2], &[at(18.1, "getStats", pair(30, 0)), end(40.0)]].concat(),
    );
    let words = "This side had a relay, but not one of the 30 requests over 1 pair was answered.";
    assert_eq!(texts("ice.relay-unpaired", &call(&unpaired)), [words]);
    let blind = call(&with(&turn(), &["relay"], &["host"], &rows));
    assert!(is_blind("ice.relay-unpaired", &blind) && found_in("ice.relay-unpaired", &blind).is_empty());
}

#[test]
fn a_failure_ends_when_ice_connects_or_the_connection_is_closed() {
    let failed = |rest: &[Row<'static>]| plain(&[&[ice(3.0, "checking"), ice(18.0, "failed")], rest].concat());
    let recovered = failed(&[ice(20.0, "checking"), ice(21.0, "connected"), end(60.0)]);
    assert_eq!(found("ice.failed", &recovered), [(Warning, 18.0, Some(21.0))]);
    let closed = failed(&[at(30.0, "close", json!(null)), end(60.0)]);
    assert_eq!(found("ice.failed", &closed), [(Critical, 18.0, Some(30.0))]);
    // A way that was lost has none of the causes for which none was found.
    let lost = plain(&[
        ice(3.0, "checking"),
        ice(4.0, "connected"),
        ice(20.0, "disconnected"),
        ice(35.0, "failed"),
        end(60.0),
    ]);
    assert_eq!(found("ice.failed", &lost), [(Critical, 35.0, None)]);
    assert_eq!(
        texts("ice.failed", &call(&lost)),
        ["The way to the other side was lost, and ICE gave up after 15 s."]
    );
    assert!(CAUSES.iter().all(|rule| found(rule, &lost).is_empty()));
    let words = "ICE failed; the dump does not show since when there was no way to the other side.";
    assert_eq!(texts("ice.failed", &call(&[ice(18.0, "failed")])), [words]);
    // The connection's state alone says it as well, unless ICE was connected.
    assert_eq!(
        found(
            "ice.failed",
            &plain(&[ice(3.0, "checking"), state(18.0, "failed"), end(60.0)])
        )
        .len(),
        1
    );
    assert_eq!(
        found(
            "ice.failed",
            &plain(&[ice(3.0, "connected"), state(18.0, "failed"), end(60.0)])
        ),
        []
    );
}

#[test]
fn hidden_names_matter_only_where_nothing_connects() {
    let rows = |rest: &[Row<'static>]| with(&json!([]), &["host"], &["mdns"], rest);
    let never = rows(&[ice(3.0, "checking"), at(9.0, "close", json!(null)), end(60.0)]);
    assert_eq!(found("ice.mdns-only", &never), [(Info, 3.0, Some(9.0))]);
    assert_eq!(
        found(
            "ice.mdns-only",
            &rows(&[ice(3.0, "checking"), ice(4.0, "connected"), end(60.0)])
        ),
        []
    );
    assert_eq!(found("ice.mdns-only", &plain(&[ice(3.0, "checking"), end(60.0)])), []);
}

#[test]
fn candidates_that_come_too_late_warm_ice_up() {
    let rows = |late: &[Row<'static>]| {
        let failed = [ice(3.0, "checking"), ice(18.0, "failed")];
        let rows = [&failed[..], late, &[ice(21.0, "connected"), end(60.0)]].concat();
        found("ice.host-warmup", &with(&turn(), &["host"], &["host"], &rows))
    };
    assert_eq!(
        rows(&[candidate(20.0, "onicecandidate", "relay")]),
        [(Info, 18.0, Some(21.0))]
    );
    assert_eq!(rows(&[]), []);
    // A call that is interrupted later was no warming up.
    let was = [ice(3.0, "checking"), ice(4.0, "connected"), ice(18.0, "failed")];
    let rows = [
        &was[..],
        &[
            candidate(20.0, "onicecandidate", "relay"),
            ice(21.0, "connected"),
            end(60.0),
        ],
    ]
    .concat();
    let call = with(&turn(), &["host"], &["host"], &rows);
    assert_eq!(found("ice.host-warmup", &call), []);
}

#[test]
fn ice_is_slow_from_three_seconds_on() {
    for (seconds, expected) in [
        (6.0, None),
        (6.001, Some((Warning, 3.0, Some(6.001)))),
        (8.0, Some((Warning, 3.0, Some(8.0)))),
        (8.001, Some((Critical, 3.0, Some(8.001)))),
    ] {
        let rows = plain(&[ice(3.0, "checking"), ice(seconds, "connected"), end(60.0)]);
        assert_eq!(found("ice.slow", &rows), Vec::<Found>::from_iter(expected), "{seconds}");
        assert_eq!(found("ice.stuck", &rows), []);
    }
}

#[test]
fn ice_is_stuck_if_it_goes_on_checking() {
    let rows = |rest: &[Row<'static>]| found("ice.stuck", &plain(&[&[ice(3.0, "checking")], rest].concat()));
    assert_eq!(rows(&[end(8.0)]), []);
    assert_eq!(rows(&[end(8.001)]), [(Critical, 3.0, None)]);
    assert_eq!(
        rows(&[at(9.0, "close", json!(null)), end(60.0)]),
        [(Critical, 3.0, Some(9.0))]
    );
    assert_eq!(rows(&[ice(18.0, "disconnected"), end(60.0)]), []);
    assert_eq!(
        rows(&[ice(18.001, "disconnected"), end(60.0)]),
        [(Critical, 3.0, Some(18.001))]
    );
    assert_eq!(rows(&[ice(30.0, "connected"), end(60.0)]), []);
    assert_eq!(rows(&[ice(30.0, "failed"), end(60.0)]), []);
}

#[test]
fn ice_is_stuck_if_it_does_not_begin_though_both_sides_are_described() {
    let rows = |rest: &[Row<'static>]| found("ice.stuck", &with(&json!([]), &["host"], &[], rest));
    assert_eq!(rows(&[end(7.0)]), []);
    assert_eq!(rows(&[end(7.1)]), [(Critical, 2.0, None)]);
    assert_eq!(
        rows(&[at(9.0, "close", json!(null)), end(60.0)]),
        [(Critical, 2.0, Some(9.0))]
    );
    assert_eq!(rows(&[state(9.0, "closed"), end(60.0)]), [(Critical, 2.0, Some(9.0))]);
    assert_eq!(rows(&[ice(3.0, "connected"), end(60.0)]), []);
    assert_eq!(found("ice.stuck", &[at(1.0, "create", json!({})), end(60.0)]), []);
    let checking = |rest: Row<'static>| texts("ice.stuck", &call(&plain(&[ice(3.0, "checking"), rest, end(60.0)])));
    assert_eq!(
        checking(at(9.0, "close", json!(null))),
        ["ICE was still checking after 6 s, when the connection was closed."]
    );
    assert_eq!(
        checking(end(59.0)),
        ["ICE was still checking after 57 s, when the dump ended."]
    );
    let text = |remote: &[&str]| texts("ice.stuck", &call(&with(&json!([]), &["host"], remote, &[end(60.0)])));
    assert!(text(&[])[0].contains("not one candidate"), "{:?}", text(&[]));
    assert!(
        text(&["host"])[0].contains("candidates had come"),
        "{:?}",
        text(&["host"])
    );
}

/// Chromium leaves ICE disconnected when it gives the connection up.
#[test]
fn an_interruption_that_ends_the_connection_is_a_failure() {
    let rows = [ice(20.0, "disconnected"), state(30.0, "failed"), end(60.0)];
    let rows = [
        &[ice(3.0, "checking"), ice(4.0, "connected"), state(4.0, "connected")],
        &rows[..],
    ]
    .concat();
    let call = call(&plain(&rows));
    assert_eq!(found_in("ice.disconnected", &call), [(Critical, 20.0, Some(30.0))]);
    assert_eq!(found_in("ice.failed", &call), [(Critical, 30.0, None)]);
    let verdict = call.findings().verdict();
    assert!(
        verdict
            .text
            .contains("went badly wrong: the connection was interrupted, and ICE failed after 10 s"),
        "{verdict:?}"
    );
}

/// What comes of it is as bad, and is not told.
#[test]
fn a_verdict_begins_with_the_cause() {
    let offer = sdp("offer", &[]);
    let rows = [
        at(1.0, "create", json!({})),
        at(1.1, "addTransceiver", json!("audio")),
        at(2.0, "setLocalDescription 3-0", offer.clone()),
        at(2.0, "setLocalDescriptionOnSuccess 3-0", json!(null)),
        at(2.0, "onsignalingstatechange", json!("have-local-offer")),
        ice(2.5, "checking"),
        end(20.0),
    ];
    let verdict = call(&rows).findings().verdict();
    assert_eq!(verdict.severity, Some(Critical));
    assert!(
        verdict
            .text
            .starts_with("The call failed: the offer had no answer for 18 s"),
        "{verdict:?}"
    );
}
