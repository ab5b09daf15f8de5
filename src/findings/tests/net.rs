//! Rules about the network.
use serde_json::json;

use super::recording::{Recording, fired, of, spans};
use crate::findings::Severity;

/// The polls of PC_0 from 20 s to 40 s after the first one.
fn middle(recording: &Recording) -> Vec<f64> {
    let polls = recording.polls("PC_0");
    let from = polls[0] + 20_000.0;
    polls
        .into_iter()
        .filter(|time| (from..from + 20_000.0).contains(time))
        .collect()
}

fn with_round_trip(seconds: f64) -> (Recording, Vec<f64>) {
    let recording = Recording::of("av-call-60s");
    let slow = middle(&recording);
    let own = slow.clone();
    let recording = recording.reports("PC_0", "candidate-pair", move |time, pair| {
        if pair["state"] == "succeeded" && own.contains(&time) {
            pair.insert("currentRoundTripTime".into(), json!(seconds));
        }
    });
    (recording, slow)
}

#[test]
fn a_long_round_trip_is_found_from_its_first_poll_to_its_last() {
    for (seconds, severity) in [
        (0.301, Some(Severity::Warning)),
        (0.3, None),
        (0.51, Some(Severity::Critical)),
    ] {
        let (recording, slow) = with_round_trip(seconds);
        let findings = recording.found();
        let found: Vec<_> = of(&findings, "net.rtt")
            .iter()
            .map(|finding| (finding.severity, finding.start, finding.end, finding.value))
            .collect();
        let wanted = severity.map(|severity| (severity, slow[0], slow.last().copied(), Some(seconds)));
        assert_eq!(found, Vec::from_iter(wanted), "{seconds}");
    }
}

#[test]
fn packets_that_are_lost_are_found() {
    let recording = Recording::of("av-call-60s");
    let lossy = middle(&recording);
    for (each, severity) in [(4, Some(Severity::Warning)), (0, None), (20, Some(Severity::Critical))] {
        let mut lost = 0;
        let own = lossy.clone();
        let recording = recording.clone().reports("PC_0", "inbound-rtp", move |time, stream| {
            if stream["kind"] == "audio" {
                lost += if own.contains(&time) { each } else { 0 };
                stream.insert("packetsLost".into(), json!(lost));
            }
        });
        let findings = recording.found();
        let found: Vec<_> = of(&findings, "net.loss-in")
            .iter()
            .map(|finding| finding.severity)
            .collect();
        assert_eq!(found, Vec::from_iter(severity), "{each}: {findings:#?}");
        if severity.is_some() {
            let before = recording.polls("PC_0").into_iter().rfind(|time| *time < lossy[0]);
            let spans = spans(&findings, "net.loss-in", before.expect("a poll"));
            assert_eq!(
                (spans[0].1, spans[0].2),
                (0.0, lossy.last().map(|last| (last - before.expect("a poll")) / 1000.0))
            );
        }
    }
}

#[test]
fn what_a_browser_does_not_tell_is_not_evaluable() {
    let recording = Recording::of("av-call-60s").reports("PC_0", "inbound-rtp", |_, stream| {
        stream.remove("packetsLost");
    });
    let findings = recording.found();
    let gap = findings.not_evaluable.iter().find(|gap| gap.rule == "net.loss-in");
    assert_eq!(gap.map(|gap| &*gap.reason), Some("inbound-rtp has no packetsLost"));
    assert!(!fired(&findings).contains(&"net.loss-in"));
}
