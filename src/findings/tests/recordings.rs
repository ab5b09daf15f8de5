//! What is found in all recorded dumps, of clients and of browsers.
//!
//! Each row was looked at beside the dump itself: what is said is so, or the rule was mended. Where the machine of the
//! recordings was slow, or a page did something odd on purpose, that is said at the rows.
use std::fmt::Write;

use super::recording::{self, found, lines};
use super::rig::examine;
use super::trace::browsers;
use crate::findings::{Findings, Settings, Severity, Source, rules};

/// Calls in which nothing was wrong.
const HEALTHY: [&str; 12] = [
    "audio-only",
    "av-call-60s",
    "datachannel-mdns",
    "derived-docaddr-turn-relay",
    "ice-restart",
    "ipv6-host",
    "late-connect",
    "long-5min-4pc",
    "mesh-8pc",
    "navigate-away",
    "nontrickle-candidates-in-sdp",
    "screenshare",
];

#[test]
fn healthy_calls_have_nothing_above_info() {
    for name in HEALTHY {
        let findings = found(&lines(name));
        let above: Vec<_> = findings
            .severities()
            .filter(|(_, severity)| *severity > Severity::Info)
            .collect();
        assert!(above.is_empty(), "{name}: {above:?}");
    }
}

/// A threshold that was chosen here is `Info` until it is silent where nothing is wrong: of every group.
#[test]
fn a_rule_that_counts_has_published_thresholds_or_is_silent_on_healthy_calls() {
    let is_ours = |rule: &&crate::findings::Rule| {
        rule.severity > Severity::Info && rule.thresholds.iter().any(|threshold| threshold.source == Source::Ours)
    };
    let all: Vec<Findings> = HEALTHY.iter().map(|name| found(&lines(name))).collect();
    let mut groups: Vec<&str> = Vec::new();
    for rule in rules().filter(is_ours) {
        let loud: Vec<_> = all
            .iter()
            .zip(HEALTHY)
            .filter(|(findings, _)| {
                findings
                    .severities()
                    .any(|own| own.0 == rule.id && own.1 > Severity::Info)
            })
            .map(|(_, name)| name)
            .collect();
        assert!(loud.is_empty(), "{} in {loud:?}", rule.id);
        groups.extend(rule.id.split('.').next());
    }
    groups.dedup();
    // Not one group is without such a rule by mistake.
    for group in ["gum", "cap", "sig", "ice", "dtls", "net", "snd", "rcv"] {
        assert!(groups.contains(&group), "{group}: {groups:?}");
    }
}

/// A row for each dump: `NAME: RULE SEVERITY COUNT, …`.
fn rows(all: impl Iterator<Item = (String, Findings)>) -> String {
    let mut text = String::new();
    for (name, findings) in all {
        let mut counts: Vec<(&str, Severity, usize)> = Vec::new();
        for finding in &findings.findings {
            let own = (finding.rule.id, finding.severity);
            match counts.iter_mut().find(|(id, severity, _)| (*id, *severity) == own) {
                Some((_, _, count)) => *count += 1,
                None => counts.push((own.0, own.1, 1)),
            }
        }
        counts.sort_unstable();
        let words = counts
            .iter()
            .map(|(id, severity, count)| format!("{id} {} {count}", severity.name()));
        let words: Vec<String> = words.collect();
        writeln!(text, "{}", format!("{name}: {}", words.join(", ")).trim_end()).expect("a text takes everything");
    }
    text
}

fn is_as_expected(rows: &str, expected: &str) {
    for (row, expected) in rows.lines().zip(expected.lines()) {
        assert_eq!(row, expected, "in all:\n{rows}");
    }
    assert_eq!(rows.lines().count(), expected.lines().count(), "in all:\n{rows}");
}

#[test]
fn each_recorded_dump_has_what_was_looked_at() {
    let all = recording::names().into_iter().map(|name| {
        let findings = found(&lines(&name));
        (name, findings)
    });
    is_as_expected(&rows(all), CLIENTS);
}

#[test]
fn so_has_each_dump_of_a_browser() {
    let all = BROWSERS.lines().map(|row| {
        let name = row.split(':').next().unwrap_or_default();
        (name.to_owned(), examine(browsers(name), &Settings::default()))
    });
    is_as_expected(&rows(all), BROWSERS);
}

/// The microphone is a tone (`cap.level-constant`). On a machine with two processors, an encoder in software is told
/// for a picture of 720 rows. Sound and pictures of the long call were 45 to 61 ms apart for a while, which people can
/// notice but accept. Pages switched tracks off and on, the one of the simulcast call its top layer too, so that little
/// was sent. The machine was under pressure for a while in two calls. Candidates, an answer in the wrong state, and
/// requests for devices that no machine has were made to fail.
const CLIENTS: &str = "\
abrupt-browser-kill: dump.unfinished warning 1
addicecandidate-failures: sig.add-candidate-failed info 1, sig.add-candidate-failed warning 3
audio-only:
av-call-60s: cap.level-constant info 1, env.pressure info 1
certificates-config: dump.no-stats info 1
custom-events-malformed:
custom-events-unicode: dump.no-stats info 1
datachannel-mdns:
derived-address-zoo: dump.no-stats info 3, sig.add-candidate-failed warning 1, sig.failure critical 1, sig.munged info 1
derived-docaddr-nontrickle-candidates-in-sdp:
derived-docaddr-turn-relay: ice.path-changed info 2, ice.relay-used info 2
derived-line-zoo: dump.no-stats info 1
enumerate-devices: dump.no-stats info 1
firefox-av-call: ice.gathering-slow info 2, ice.path-changed info 2, ice.server-unreachable warning 2, sig.failure warning 1
firefox-nontrickle-host-addresses: sig.no-answer info 1
gum-failures: dump.no-stats info 1, gum.denied info 2, gum.overconstrained warning 6
ice-restart: ice.path-changed info 6
ipv6-host:
large-sdp-100-transceivers: sig.no-answer info 1
late-connect:
long-5min-4pc: cap.disabled info 2, cap.level-constant info 1, env.pressure info 4, rcv.sync info 4
mesh-8pc:
navigate-away:
no-message-session: dump.no-stats info 1
nontrickle-candidates-in-sdp:
reconnect-after-refused: dump.no-stats info 1
reload-count-0:
reload-count-1: env.reloaded info 1
reload-count-2: env.reloaded info 1
screenshare: snd.software info 1
short-session: dump.no-stats info 1
simulcast-3rids: net.bwe-drop info 1, net.no-feedback info 1, snd.layer-off info 1, snd.software info 1
track-ops: cap.disabled info 2
turn-relay: ice.path-changed info 2, ice.relay-used info 2
";

/// Of the layers of the simulcast call the other side reported the lowest only once, at 17 s, and others seldom.
const BROWSERS: &str = "\
audio-only.chrome-rtcstats:
audio-only.internals:
audio-only.jsonl:
gum-failures.chrome-rtcstats: dump.no-stats info 1
gum-failures.internals: dump.no-stats info 1
gum-failures.jsonl: dump.no-stats info 1, gum.denied info 2, gum.overconstrained warning 6
ice-restart-late.chrome-rtcstats: ice.path-changed info 2
ice-restart-late.internals: ice.path-changed info 2
ice-restart-late.jsonl: ice.path-changed info 6
ice-restart.chrome-rtcstats: ice.path-changed info 6
ice-restart.internals: ice.path-changed info 6
ice-restart.jsonl: ice.path-changed info 6
simulcast-3rids.chrome-rtcstats: net.bwe-drop info 1, net.no-feedback info 1, snd.layer-off info 1, snd.software info 1
simulcast-3rids.internals: net.bwe-drop info 1, net.no-feedback info 1, snd.layer-off info 1, snd.software info 1
simulcast-3rids.jsonl: net.bwe-drop info 1, net.no-feedback info 1, snd.layer-off info 1, snd.software info 1
";

/// Rules that must say that they cannot look, for no dump of Firefox has what they need.
#[test]
fn firefox_is_not_said_to_be_healthy_where_it_tells_nothing() {
    let findings = found(&lines("firefox-av-call"));
    let mut blind: Vec<_> = findings.not_evaluable.iter().map(|gap| gap.rule).collect();
    blind.sort_unstable();
    blind.dedup();
    assert_eq!(blind, FIREFOX);
}

const FIREFOX: [&str; 22] = [
    "cap.level-constant",
    "cap.silent",
    "env.pressure",
    "ice.consent-lost",
    "net.bwe-drop",
    "net.low-bandwidth",
    "net.pacer-delay",
    "net.send-discarded",
    "rcv.playout-delay",
    "rcv.playout-glitch",
    "rcv.rtx-useless",
    "rcv.software",
    "snd.bandwidth-limited",
    "snd.cpu-limited",
    "snd.layer-lost",
    "snd.layer-off",
    "snd.low-fps",
    "snd.no-frames",
    "snd.no-packets",
    "snd.resolution-flaps",
    "snd.small",
    "snd.software",
];

/// What templates have in place of values.
const NAMES: [&str; 7] = ["{0}", "{1}", "{value}", "{threshold}", "{length}", "{media}", "{share}"];

#[test]
fn every_sentence_is_whole() {
    for name in recording::names() {
        for finding in found(&lines(&name)).findings {
            let text = &finding.text;
            let is_filled = !NAMES.iter().any(|name| text.contains(name));
            assert!(text.ends_with(['.', '!', '?', '"', ')']) && is_filled, "{name}: {text}");
        }
    }
}

/// The table of what the recordings must show, and what they must be silent about.
#[test]
fn spans_and_texts_of_what_the_recordings_must_show() {
    let spans = |name: &str, rule: &str| -> Vec<(f64, Option<f64>)> {
        let call = super::rig::Call::recorded(name);
        call.fired(rule).into_iter().map(|own| (own.start, own.end)).collect()
    };
    assert_eq!(spans("track-ops", "cap.disabled"), [(0.337, Some(2.338)); 2]);
    assert_eq!(spans("simulcast-3rids", "snd.layer-off").len(), 1);
    let texts = |name: &str, rule: &str| super::trace::texts(rule, &super::rig::Call::recorded(name));
    let relays = texts("turn-relay", "ice.relay-used");
    assert!(relays.iter().all(|text| text.contains("relay/udp")), "{relays:?}");
    let restarts = texts("ice-restart", "ice.path-changed");
    assert!(restarts.iter().all(|text| text.contains("ICE restart")), "{restarts:?}");
    let munged = texts("derived-address-zoo", "sig.munged");
    assert!(munged[0].starts_with("The page changed the offer"), "{munged:?}");
}
