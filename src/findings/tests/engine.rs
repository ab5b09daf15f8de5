//! What holds for all rules.
use serde_json::{Value, json};

use super::recording::{self, Recording, fired, found};
use super::rig::examine;
use super::trace::browsers;
use crate::dump::{MaskRules, Masker};
use crate::findings::rule::{Limits, Watch};
use crate::findings::{Findings, FindingsOptions, Settings};

fn text(findings: &Findings) -> Value {
    let mut text = Vec::new();
    findings.write_json(&mut text);
    serde_json::from_slice(&text).expect("JSON")
}

/// The same without what is quoted from the dump, where addresses and names of devices are masked.
fn facts(findings: &Findings) -> Value {
    let mut json = text(findings);
    json["verdict"]["text"] = Value::Null;
    for finding in json["findings"].as_array_mut().expect("a list") {
        finding["text"] = Value::Null;
        for evidence in finding["evidence"].as_array_mut().expect("a list") {
            evidence["value"] = Value::Null;
        }
    }
    json
}

#[test]
fn a_dump_and_its_masked_twin_give_the_same() {
    let rules = MaskRules {
        addresses: true,
        device_labels: true,
    };
    for name in recording::names() {
        let lines = recording::lines(&name);
        let mut masker = Masker::new(rules, None);
        let mask = |line: &String| {
            let mut masked = Vec::new();
            masker.line(line.as_bytes(), &mut masked);
            String::from_utf8(masked).expect("masked lines are text")
        };
        let masked: Vec<_> = lines.iter().map(mask).collect();
        assert_eq!(facts(&found(&lines)), facts(&found(&masked)), "{name}");
    }
}

#[test]
fn what_is_sent_anew_with_each_poll_gives_the_same() {
    for name in ["av-call-60s", "simulcast-3rids", "firefox-av-call"] {
        assert_eq!(
            text(&found(&recording::lines(name))),
            text(&Recording::of(name).found()),
            "{name}"
        );
    }
}

#[test]
fn an_empty_dump_has_no_statistics() {
    let none: [&str; 0] = [];
    assert_eq!(fired(&found(&none)), ["dump.no-stats", "dump.unfinished"]);
    assert_eq!(
        fired(&found(&recording::lines("no-message-session"))),
        ["dump.no-stats"]
    );
    let made = Recording::made(&[
        (json!("PC_0"), "create", json!({}), 1.0),
        (json!("PC_0"), "close", json!(null), 3.0),
    ]);
    assert_eq!(made.start(), recording::T0 + 1000.0);
    let text = made.found().findings.remove(0).text;
    assert_eq!(
        text,
        "There are no statistics in the dump: no connection was ever connected."
    );
}

#[test]
fn each_rule_can_be_switched_off() {
    let options = FindingsOptions {
        off: ["dump.no-stats", "dump.unfinished"]
            .map(|id| id.parse().expect("a rule"))
            .into(),
        ..FindingsOptions::default()
    };
    let none: [&str; 0] = [];
    let findings = recording::examined(&none, &options);
    assert!(findings.findings.is_empty() && findings.not_evaluable.iter().all(|gap| gap.rule != "dump.no-stats"));
}

#[test]
fn every_watcher_asks_for_thresholds_that_its_rule_has() {
    for setting in Settings::default().iter() {
        let limits = Limits {
            rule: setting.rule,
            values: &setting.thresholds,
        };
        match &setting.rule.watch {
            Watch::Never => unreachable!("{} does not watch", setting.rule.id),
            Watch::Level(_) => {}
            Watch::Report(_, _, new) | Watch::Connection(_, new) | Watch::Dump(_, new) => drop(new(&limits)),
        }
    }
}

/// Calls in which nothing was wrong before media flowed.
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
    "screenshare",
    "simulcast-3rids",
    "turn-relay",
];

/// The first kind of findings about what came before media.
fn wrong(findings: &Findings) -> Option<&'static str> {
    const ABOUT: [&str; 7] = [
        "gum.",
        "dev.",
        "sig.",
        "turn.",
        "dtls.",
        "cap.track-ended",
        "snd.null-track",
    ];
    const ICE: [&str; 5] = [
        "ice.failed",
        "ice.slow",
        "ice.stuck",
        "ice.disconnected",
        "ice.restart-failed",
    ];
    let fired = fired(findings);
    let mut about = ABOUT.into_iter().chain(ICE);
    about.find(|begin| fired.iter().any(|rule| rule.starts_with(begin)))
}

#[test]
fn rules_about_events_are_silent_where_nothing_was_wrong() {
    for name in HEALTHY {
        assert_eq!(wrong(&found(&recording::lines(name))), None, "{name}");
    }
}

#[test]
fn they_are_silent_or_not_evaluable_in_what_a_browser_has_logged_of_it() {
    for call in ["audio-only", "ice-restart", "ice-restart-late", "simulcast-3rids"] {
        for form in ["internals", "chrome-rtcstats"] {
            let name = format!("{call}.{form}");
            let findings = examine(browsers(&name), &Settings::default());
            assert_eq!(wrong(&findings), None, "{name}");
            let is_blind = |rule: &str| findings.not_evaluable.iter().any(|own| own.rule == rule);
            // What only a page knows.
            let of_page = [
                "cap.track-ended",
                "cap.disabled",
                "dev.changed",
                "snd.null-track",
                "sig.direction",
            ];
            assert!(of_page.into_iter().all(is_blind), "{name}");
            // What was before the log.
            let of_begin = ["sig.no-answer", "ice.slow", "dtls.slow", "ice.no-remote-candidates"];
            let is_late = call == "ice-restart-late";
            assert!(of_begin.into_iter().all(|rule| is_blind(rule) == is_late), "{name}");
        }
    }
}

#[test]
fn connections_beyond_the_limit_are_counted_and_told() {
    let most = crate::limits::FINDING_CONNECTIONS_MAX;
    let lines = |count: usize| -> Vec<String> {
        let line = |at| format!(r#"["create","PC_{at}",{{}},1]"#);
        (0..count).map(line).collect()
    };
    for (count, is_told) in [(most, false), (most + 3, true)] {
        let findings = found(&lines(count));
        let own = recording::of(&findings, "dump.truncated");
        assert_eq!(own.len(), usize::from(is_told));
        let wanted = format!("Of {count} connections only the first {most} were examined.");
        assert!(own.iter().all(|finding| finding.text == wanted), "{own:?}");
    }
}
