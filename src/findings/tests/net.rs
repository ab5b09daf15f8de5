//! Rules about the network: on a recorded call in which one number is other than it was, for twenty polls.
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::recording::{Recording, fired, of};
use crate::findings::Severity::{self, Critical, Info, Warning};

/// The polls of PC_0 from 20 s to 40 s after the first one.
fn middle(recording: &Recording) -> Vec<f64> {
    let polls = recording.polls("PC_0");
    let from = polls[0] + 20_000.0;
    polls
        .into_iter()
        .filter(|time| (from..from + 20_000.0).contains(time))
        .collect()
}

/// Changes a report of a poll; the flag says whether it is one of those.
type Edit = Box<dyn FnMut(bool, &mut Map<String, Value>)>;

fn edited(kind: &str, mut edit: Edit) -> (Recording, Vec<f64>) {
    let recording = Recording::of("av-call-60s");
    let slow = middle(&recording);
    let own = slow.clone();
    let edited = recording.reports("PC_0", kind, move |time, report| edit(own.contains(&time), report));
    (edited, slow)
}

/// The property has this value at those polls.
fn set(property: &'static str, value: f64, is_it: fn(&Map<String, Value>) -> bool) -> Edit {
    Box::new(move |is_now, report| {
        if is_now && is_it(report) {
            report.insert(property.into(), json!(value));
        }
    })
}

/// What tells the reports of a kind apart.
fn name(report: &Map<String, Value>) -> [Option<String>; 3] {
    ["localCandidateId", "remoteCandidateId", "ssrc"].map(|own| report.get(own).map(Value::to_string))
}

/// A counter grows by so much at each of those polls, and by nothing at others; that of each report for itself.
fn count(property: &'static str, step: f64, is_it: fn(&Map<String, Value>) -> bool) -> Edit {
    let mut sums = BTreeMap::new();
    Box::new(move |is_now, report| {
        if is_it(report) {
            let sum = sums.entry(name(report)).or_insert(0.0);
            *sum += if is_now { step } else { 0.0 };
            report.insert(property.into(), json!(*sum));
        }
    })
}

/// A counter does not move at those polls.
fn freeze(property: &'static str, is_it: fn(&Map<String, Value>) -> bool) -> Edit {
    let mut last = BTreeMap::new();
    Box::new(move |is_now, report| {
        if is_it(report) {
            let last = last.entry(name(report)).or_insert(Value::Null);
            match is_now {
                true => drop(report.insert(property.into(), last.clone())),
                false => *last = report.get(property).cloned().unwrap_or_default(),
            }
        }
    })
}

fn pair(report: &Map<String, Value>) -> bool {
    report["state"] == "succeeded" && report["nominated"] == true
}

fn audio(report: &Map<String, Value>) -> bool {
    report["kind"] == "audio"
}

fn video(report: &Map<String, Value>) -> bool {
    report["kind"] == "video"
}

/// What a span begins with.
#[derive(Clone, Copy, PartialEq)]
enum First {
    /// The first of those polls.
    Poll,
    /// The one before.
    Before,
    /// One of those before: the value does not move with each poll.
    About,
}

fn check(rule: &str, kind: &str, edit: Edit, first: First, severity: Option<Severity>) {
    let (recording, slow) = edited(kind, edit);
    let findings = recording.found();
    let found = of(&findings, rule);
    let severities: Vec<_> = found.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, Vec::from_iter(severity), "{rule}");
    let polls = recording.polls("PC_0");
    let at = polls.iter().position(|time| *time == slow[0]).expect("a poll");
    for finding in found {
        assert_eq!(finding.end, slow.last().copied(), "{rule}: {finding:?}");
        match first {
            First::Poll => assert_eq!(finding.start, polls[at], "{rule}: {finding:?}"),
            First::Before => assert_eq!(finding.start, polls[at - 1], "{rule}: {finding:?}"),
            First::About => assert!(
                (polls[at - 8]..polls[at]).contains(&finding.start),
                "{rule}: {finding:?}"
            ),
        }
        assert!(!finding.text.contains('{'), "{}", finding.text);
    }
}

#[test]
fn what_is_too_high_or_too_low_is_found_from_its_first_poll_to_its_last() {
    let rtt = |value| set("currentRoundTripTime", value, pair);
    check("net.rtt", "candidate-pair", rtt(0.3), First::Poll, None);
    check("net.rtt", "candidate-pair", rtt(0.301), First::Poll, Some(Warning));
    check("net.rtt", "candidate-pair", rtt(0.501), First::Poll, Some(Critical));
    let loss = |value| set("fractionLost", value, audio);
    check("net.loss-out", "remote-inbound-rtp", loss(0.05), First::Poll, None);
    check(
        "net.loss-out",
        "remote-inbound-rtp",
        loss(0.06),
        First::Poll,
        Some(Warning),
    );
    check(
        "net.loss-out",
        "remote-inbound-rtp",
        loss(0.2),
        First::Poll,
        Some(Critical),
    );
    let jitter = |value| set("jitter", value, audio);
    check("net.jitter", "inbound-rtp", jitter(0.03), First::Poll, None);
    check("net.jitter", "inbound-rtp", jitter(0.031), First::Poll, Some(Warning));
    check("net.jitter", "inbound-rtp", jitter(0.201), First::Poll, Some(Critical));
    let estimate = |value| set("availableOutgoingBitrate", value, pair);
    check(
        "net.low-bandwidth",
        "candidate-pair",
        estimate(300_000.0),
        First::Poll,
        None,
    );
    check(
        "net.low-bandwidth",
        "candidate-pair",
        estimate(299_000.0),
        First::Poll,
        Some(Warning),
    );
    check(
        "net.low-bandwidth",
        "candidate-pair",
        estimate(99_000.0),
        First::Poll,
        Some(Critical),
    );
}

#[test]
fn what_grows_or_stands_still_is_found_from_the_poll_before() {
    let lost = |step| count("packetsLost", step, audio);
    check("net.loss-in", "inbound-rtp", lost(0.0), First::Before, None);
    check("net.loss-in", "inbound-rtp", lost(2.0), First::Before, None);
    check("net.loss-in", "inbound-rtp", lost(4.0), First::Before, Some(Warning));
    check("net.loss-in", "inbound-rtp", lost(20.0), First::Before, Some(Critical));
    let discarded = |step| count("packetsDiscardedOnSend", step, pair);
    check(
        "net.send-discarded",
        "candidate-pair",
        discarded(0.0),
        First::Before,
        None,
    );
    check(
        "net.send-discarded",
        "candidate-pair",
        discarded(1.0),
        First::Before,
        Some(Warning),
    );
    let delay = |step| count("totalPacketSendDelay", step, audio);
    check("net.pacer-delay", "outbound-rtp", delay(1.0), First::Before, None);
    check("net.pacer-delay", "outbound-rtp", delay(8.0), First::Before, Some(Info));
    let still = || freeze("bytesReceived", pair);
    check("net.stalled", "candidate-pair", still(), First::Before, Some(Critical));
    let silent = || freeze("responsesReceived", pair);
    check(
        "ice.consent-lost",
        "candidate-pair",
        silent(),
        First::About,
        Some(Critical),
    );
    let mute = || freeze("timestamp", video);
    check(
        "net.no-feedback",
        "remote-inbound-rtp",
        mute(),
        First::About,
        Some(Info),
    );
}

#[test]
fn a_bandwidth_estimate_that_collapses_is_found() {
    for (low, is_found) in [(1_000_000.0, false), (999_000.0, true)] {
        let edit = move |is_now: bool, report: &mut Map<String, Value>| {
            if pair(report) {
                let value = if is_now { low } else { 2_000_000.0 };
                report.insert("availableOutgoingBitrate".into(), json!(value));
            }
        };
        let (recording, slow) = edited("candidate-pair", Box::new(edit));
        let findings = recording.found();
        let found: Vec<_> = of(&findings, "net.bwe-drop")
            .iter()
            .map(|finding| (finding.start, finding.end, finding.value))
            .collect();
        let wanted = is_found.then(|| (slow[0], slow.last().copied(), Some(49.95)));
        assert_eq!(found, Vec::from_iter(wanted));
    }
}

#[test]
fn a_value_that_is_beyond_at_every_second_poll_only_is_not_found() {
    let mut number = 0;
    let edit = move |is_now: bool, report: &mut Map<String, Value>| {
        if is_now && pair(report) {
            number += 1;
            let value = if number % 2 == 0 { 0.9 } else { 0.1 };
            report.insert("currentRoundTripTime".into(), json!(value));
        }
    };
    let (recording, _) = edited("candidate-pair", Box::new(edit));
    assert!(of(&recording.found(), "net.rtt").is_empty());
}

#[test]
fn what_a_browser_does_not_tell_is_not_evaluable() {
    for (rule, kind, property) in [
        ("net.loss-in", "inbound-rtp", "packetsLost"),
        ("net.jitter", "inbound-rtp", "jitter"),
        ("net.loss-out", "remote-inbound-rtp", "fractionLost"),
        ("net.bwe-drop", "candidate-pair", "availableOutgoingBitrate"),
        ("net.low-bandwidth", "candidate-pair", "availableOutgoingBitrate"),
        ("net.send-discarded", "candidate-pair", "packetsDiscardedOnSend"),
        ("net.pacer-delay", "outbound-rtp", "totalPacketSendDelay"),
        ("net.no-feedback", "outbound-rtp", "packetsSent"),
        ("net.stalled", "candidate-pair", "bytesReceived"),
        ("ice.consent-lost", "candidate-pair", "responsesReceived"),
    ] {
        let recording = Recording::of("av-call-60s").reports("PC_0", kind, |_, report| {
            report.remove(property);
        });
        let findings = recording.found();
        let gap = findings.not_evaluable.iter().find(|gap| gap.rule == rule);
        let reason = format!("{kind} has no {property}");
        assert_eq!(gap.map(|gap| &*gap.reason), Some(&*reason), "{rule}");
        assert!(!fired(&findings).contains(&rule));
    }
}

#[test]
fn polls_that_come_too_seldom_are_told() {
    let mut recording = Recording::of("long-5min-4pc");
    let polls = recording.polls("PC_0");
    let kept: Vec<f64> = polls.iter().copied().step_by(12).collect();
    recording.events.retain(|event| {
        let is_other = event[2] != "getStats" || event[1] != "PC_0";
        is_other || kept.contains(&event[0].as_f64().expect("a time"))
    });
    let findings = recording.found();
    let gap = findings.not_evaluable.iter().find(|gap| gap.rule == "net.rtt");
    assert!(
        gap.is_some_and(|gap| gap.reason.starts_with("statistics were taken only every 12 s")),
        "{gap:?}"
    );
}
