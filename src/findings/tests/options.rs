//! `[findings]`: other thresholds, rules that are left out, and what is refused.
use serde_json::json;

use super::cases::{CRITICAL, PAIR, SOURCE, WARNING, healthy};
use super::rig::{Call, Fired};
use crate::findings::{FindingsOptions, Override, RuleName, Settings, Severity, rules};

fn with(mut call: Call, off: &[&str], thresholds: &[&str]) -> Call {
    let options = FindingsOptions {
        off: off.iter().map(|text| text.parse().expect("a rule")).collect(),
        thresholds: thresholds
            .iter()
            .map(|text| text.parse().expect("a threshold"))
            .collect(),
        ..FindingsOptions::default()
    };
    call.settings = Settings::of(&options);
    call
}

fn severities(rule: &str, call: Call, thresholds: &[&str]) -> Vec<Severity> {
    let fired = with(call, &[], thresholds).fired(rule);
    fired.into_iter().map(|fired| fired.severity).collect()
}

#[test]
fn another_threshold_makes_a_finding_appear_or_go_away() {
    let distance = |seconds: f64| healthy().set(PAIR, 20.0..32.0, "currentRoundTripTime", seconds);
    let rtt = |seconds, thresholds: &[&str]| severities("net.rtt", distance(seconds), thresholds);
    assert_eq!(rtt(0.35, &[]), [WARNING]);
    assert_eq!(rtt(0.35, &["net.rtt.warning = 0.4"]), []);
    assert_eq!(rtt(0.35, &["net.rtt.hold=20"]), []);
    assert_eq!(rtt(0.35, &[" net.rtt.critical = 0.34 "]), [CRITICAL]);
    assert_eq!(rtt(0.25, &[]), []);
    assert_eq!(rtt(0.25, &["net.rtt.warning = 0.2"]), [WARNING]);
    // The same of a rule with a watcher, and of one that waits.
    let stalled = || healthy().grow(SOURCE, 20.0..24.0, "frames", 0.0);
    assert_eq!(severities("cap.video-stalled", stalled(), &[]), []);
    assert_eq!(
        severities("cap.video-stalled", stalled(), &["cap.video-stalled.hold = 3"]),
        [CRITICAL]
    );
    let needed = || healthy().insert(56.0, "PC_0", "onnegotiationneeded", json!(null), &[]);
    assert_eq!(severities("sig.needed-ignored", needed(), &[]), []);
    let hold = rules().find(|rule| rule.id == "sig.needed-ignored").expect("the rule");
    let shorter = format!("sig.needed-ignored.{} = 3", hold.thresholds[0].name);
    assert_eq!(severities("sig.needed-ignored", needed(), &[&shorter]), [WARNING]);
}

/// A call of which many rules have something to say, and many that they cannot look.
fn loud() -> Call {
    let call = healthy().retain(|_, entry| !entry.is_poll());
    let call = call.insert(20.0, "PC_0", "oniceconnectionstatechange", json!("disconnected"), &[]);
    let call = call.insert(30.0, "PC_0", "oniceconnectionstatechange", json!("failed"), &[]);
    call.insert(
        40.0,
        "PC_0",
        "createOfferOnFailure",
        json!("OperationError: x"),
        &[json!("2-9")],
    )
}

#[test]
fn each_rule_can_be_switched_off_and_the_others_say_the_same() {
    let whole = loud().findings();
    let (fired, gaps): (Vec<Fired>, _) = (loud().all_fired(), &whole.not_evaluable);
    assert!(fired.len() >= 4 && gaps.len() > 50, "{fired:?}");
    for rule in rules() {
        let call = with(loud(), &[rule.id], &[]);
        let others: Vec<_> = fired.iter().filter(|own| own.rule != rule.id).cloned().collect();
        assert_eq!(call.all_fired(), others, "without {}", rule.id);
        let found = call.findings();
        let others: Vec<_> = gaps.iter().map(|gap| gap.rule).filter(|own| *own != rule.id).collect();
        let left: Vec<_> = found.not_evaluable.iter().map(|gap| gap.rule).collect();
        assert_eq!(left, others, "without {}", rule.id);
        assert_eq!(found.used, whole.used - 1);
    }
}

#[test]
fn with_all_rules_off_nothing_is_said() {
    let all: Vec<_> = rules().map(|rule| rule.id).collect();
    let found = with(loud(), &all, &[]).findings();
    assert!(found.findings.is_empty() && found.not_evaluable.is_empty(), "{found:?}");
}

/// What is wrong, and what to do. The configuration adds where.
#[test]
fn what_is_unknown_is_refused_with_what_there_is() {
    let rule = |text: &str| text.parse::<RuleName>().expect_err("it is refused").to_string();
    assert_eq!(
        rule("net.rrt"),
        "\"net.rrt\" is no rule, but net.rtt is one; rtcstats-server dump explain --list tells all"
    );
    assert_eq!(
        rule("zzzzzzzzzz"),
        "\"zzzzzzzzzz\" is no rule; rtcstats-server dump explain --list tells all"
    );
    let threshold = |text: &str| text.parse::<Override>().expect_err("it is refused").to_string();
    assert!(threshold("net.rrt.warning = 1").starts_with("\"net.rrt\" is no rule, but net.rtt is one"));
    assert_eq!(
        threshold("net.rtt.wraning = 1"),
        "\"wraning\" is no threshold of net.rtt, which has warning, critical, hold"
    );
    assert_eq!(
        threshold("gum.overconstrained.warning = 1"),
        "\"warning\" is no threshold of gum.overconstrained, which has none"
    );
    for value in ["soon", "-1", "NaN", "inf", "0.4 s", ""] {
        assert_eq!(
            threshold(&format!("net.rtt.warning = {value}")),
            format!("{value:?} is no number from 0 on; write it in the unit of docs/findings.md, without the unit")
        );
    }
    for text in ["net.rtt.warning", "net = 1", "= 1", ""] {
        assert_eq!(
            threshold(text),
            format!("{text:?} is not of the form RULE.THRESHOLD = NUMBER; write it like \"net.rtt.warning = 0.4\"")
        );
    }
}
