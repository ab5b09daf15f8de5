//! What is found in the recorded dumps. Each finding of them was looked at.
use super::recording::{self, fired, found, lines, of};
use crate::findings::{Findings, Severity, Source, rules};

/// Calls in which nothing was wrong but what a slow machine did to its own encoder.
const HEALTHY: [&str; 10] = [
    "audio-only",
    "av-call-60s",
    "datachannel-mdns",
    "ipv6-host",
    "late-connect",
    "long-5min-4pc",
    "mesh-8pc",
    "navigate-away",
    "nontrickle-candidates-in-sdp",
    "screenshare",
];

/// The groups whose rules rest on numbers that the machine on which the recordings were made could not keep up with.
const LOADED: [&str; 3] = ["snd.", "rcv.", "cap."];

fn above_info(findings: &Findings) -> Vec<&'static str> {
    let above = findings.severities().filter(|(_, severity)| *severity > Severity::Info);
    above.map(|(id, _)| id).collect()
}

#[test]
fn healthy_calls_have_nothing_above_info_but_what_their_machine_did() {
    for name in HEALTHY {
        let findings = found(&lines(name));
        let mut above = above_info(&findings);
        above.retain(|id| !LOADED.iter().any(|group| id.starts_with(group)));
        assert!(above.is_empty(), "{name}: {above:?}");
    }
}

/// A threshold that was chosen here is shown to be silent where nothing is wrong, before it counts.
#[test]
fn a_rule_that_counts_has_a_published_threshold_or_is_silent_on_healthy_calls() {
    let is_ours = |rule: &&crate::findings::Rule| {
        rule.severity > Severity::Info && rule.thresholds.iter().any(|threshold| threshold.source == Source::Ours)
    };
    let ours: Vec<_> = rules().filter(is_ours).map(|rule| rule.id).collect();
    for name in HEALTHY {
        let loud: Vec<_> = above_info(&found(&lines(name)))
            .into_iter()
            .filter(|id| ours.contains(id))
            .collect();
        assert!(loud.is_empty(), "{name}: {loud:?}");
    }
}

type Loud = &'static [(&'static str, usize)];

/// A dump, the rules that fire on it with the number of findings, and those that do not.
const EXPECTED: &[(&str, Loud, &[&str])] = &[
    (
        "gum-failures",
        &[("gum.denied", 2), ("gum.overconstrained", 6), ("dump.no-stats", 1)],
        &[],
    ),
    ("addicecandidate-failures", &[], &["ice.failed"]),
    (
        "turn-relay",
        &[("ice.relay-used", 2), ("ice.path-changed", 2)],
        &["turn.unauthorized", "ice.restart-failed"],
    ),
    ("derived-address-zoo", &[], &["turn.unauthorized"]),
    (
        "ice-restart",
        &[("ice.path-changed", 6)],
        &["ice.restart-failed", "ice.disconnected", "ice.failed"],
    ),
    ("track-ops", &[], &["cap.silent"]),
    ("simulcast-3rids", &[("net.bwe-drop", 1)], &["snd.layer-lost"]),
    ("abrupt-browser-kill", &[("dump.unfinished", 1)], &["rcv.stopped"]),
    ("no-message-session", &[("dump.no-stats", 1)], &["dump.unfinished"]),
    ("short-session", &[("dump.no-stats", 1)], &["dump.unfinished"]),
    ("reload-count-1", &[("env.reloaded", 1)], &[]),
    ("reload-count-2", &[("env.reloaded", 1)], &[]),
    ("reload-count-0", &[], &["env.reloaded"]),
];

#[test]
fn the_recorded_dumps_have_what_is_known_of_them() {
    for (name, loud, silent) in EXPECTED {
        let findings = found(&lines(name));
        for (rule, count) in *loud {
            assert_eq!(of(&findings, rule).len(), *count, "{name}: {rule}");
        }
        let fired = fired(&findings);
        let wrong: Vec<_> = silent.iter().filter(|id| fired.contains(id)).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
}

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

#[test]
fn firefox_is_not_said_to_be_healthy_where_it_tells_nothing() {
    let findings = found(&lines("firefox-av-call"));
    let blind: Vec<_> = findings.not_evaluable.iter().map(|gap| gap.rule).collect();
    for rule in ["net.low-bandwidth", "ice.consent-lost", "net.pacer-delay"] {
        assert!(blind.contains(&rule), "{rule}");
    }
}
