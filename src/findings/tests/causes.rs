//! What explains what, and the verdict.
use serde_json::json;

use super::recording::{Recording, found, lines, of};
use crate::findings::causes::LINKS;
use crate::findings::{Finding, Findings, Outcome, Scope, Severity, rules};

/// Whether a name of the table is that of this rule.
fn names(name: &str, id: &str) -> bool {
    name == id || (name.ends_with('.') && id.starts_with(name))
}

#[test]
fn every_name_in_the_table_of_causes_is_that_of_a_rule() {
    let all = LINKS
        .iter()
        .flat_map(|(causes, symptoms)| causes.iter().chain(*symptoms));
    let is_known = |name: &&&str| rules().any(|rule| names(name, rule.id));
    let unknown: Vec<_> = all.filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn nothing_explains_itself_by_way_of_others() {
    let ids: Vec<_> = rules().map(|rule| rule.id).collect();
    let follows = |from: &str| {
        let links = LINKS
            .iter()
            .filter(|(causes, _)| causes.iter().any(|name| names(name, from)));
        let symptoms = links.flat_map(|(_, symptoms)| symptoms.iter());
        let symptoms: Vec<_> = symptoms.collect();
        let is_one = |id: &&&str| **id != from && symptoms.iter().any(|name| names(name, id));
        ids.iter().filter(is_one).copied().collect::<Vec<_>>()
    };
    for id in &ids {
        let (mut reached, mut ahead) = (Vec::new(), follows(id));
        while let Some(next) = ahead.pop() {
            if !reached.contains(&next) {
                reached.push(next);
                ahead.extend(follows(next));
            }
        }
        assert!(!reached.contains(id), "{id} explains itself");
    }
}

/// A call in which nothing is received for a while, and packets are lost in it.
fn stalled() -> Findings {
    let recording = Recording::of("av-call-60s");
    let polls = recording.polls("PC_0");
    let (from, to) = (polls[20], polls[40]);
    let (mut bytes, mut lost) = (None, 0);
    let recording = recording.reports("PC_0", "candidate-pair", |time, pair| {
        if pair["state"] == "succeeded" && (from..=to).contains(&time) {
            let frozen = bytes.get_or_insert_with(|| pair["bytesReceived"].clone()).clone();
            pair.insert("bytesReceived".into(), frozen);
        }
    });
    let recording = recording.reports("PC_0", "inbound-rtp", |time, stream| {
        if stream["kind"] == "audio" {
            lost += if (from..=to).contains(&time) { 30 } else { 0 };
            stream.insert("packetsLost".into(), json!(lost));
        }
    });
    recording.found()
}

#[test]
fn a_symptom_within_the_span_of_its_cause_does_not_count() {
    let findings = stalled();
    let cause = findings
        .findings
        .iter()
        .position(|finding| finding.rule.id == "net.stalled");
    let cause = cause.expect("net.stalled");
    for symptom in of(&findings, "net.loss-in") {
        assert_eq!(symptom.because_of, [cause]);
        assert!(findings.is_explained(symptom));
    }
    assert!(!findings.findings[cause].cause_of.is_empty());
    let verdict = findings.verdict();
    assert_eq!(verdict.severity, Some(Severity::Critical));
    let rest = findings.findings[cause]
        .text
        .strip_prefix('N')
        .expect("Nothing was received");
    assert_eq!(
        verdict.text,
        format!("The call was connected, but something went badly wrong: n{rest}")
    );
}

#[test]
fn a_verdict_says_what_could_not_be_evaluated() {
    let none = found(&lines("no-message-session")).verdict();
    assert_eq!(none.severity, Some(Severity::Info));
    let begins = "No connection was made, and nothing wrong was found; ";
    assert!(none.text.starts_with(begins), "{none:?}");
    let healthy = found(&lines("av-call-60s")).verdict();
    assert!(healthy.text.starts_with("Nothing wrong was found"), "{healthy:?}");
    let empty = Findings::default().verdict();
    assert_eq!(
        (empty.severity, &*empty.text),
        (None, "No connection was made, and nothing wrong was found.")
    );
}

/// What was heard, and why.
#[test]
fn what_is_worse_than_its_cause_is_told_behind_it() {
    let one = |id: &str, severity: Severity, text: &str, because_of: &[usize]| Finding {
        rule: rules().find(|rule| rule.id == id).expect("a rule"),
        severity,
        scope: Scope::Connection,
        connection: None,
        track: None,
        report: None,
        start: 0.0,
        end: None,
        value: None,
        threshold: None,
        unit: "s",
        share: None,
        evidence: Vec::new(),
        cause_of: Vec::new(),
        because_of: because_of.to_vec(),
        text: text.to_owned(),
    };
    let text = |severity: Severity| {
        let findings = vec![
            one("net.loss-in", severity, "Packets were lost.", &[]),
            one("rcv.concealed", Severity::Critical, "Sound was made up.", &[0]),
        ];
        Findings {
            outcome: Outcome::Connected,
            findings,
            ..Findings::default()
        }
        .verdict()
        .text
    };
    let begin = "The call was connected, but something went badly wrong: ";
    let both = format!("{begin}packets were lost; so sound was made up.");
    assert_eq!(text(Severity::Warning), both);
    assert_eq!(text(Severity::Critical), format!("{begin}packets were lost."));
}
