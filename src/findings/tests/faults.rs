//! A rule with a fault costs that rule only.
#![cfg(feature = "fault-points")]
use super::recording::{self, examined_anyhow, found};
use crate::fault;
use crate::findings::{Findings, FindingsOptions};

/// Everything but what this rule says.
fn without(findings: &Findings, rule: &str) -> Vec<String> {
    let others = findings.findings.iter().filter(|finding| finding.rule.id != rule);
    let fired = others.map(|finding| format!("{} {} {}", finding.rule.id, finding.start, finding.text));
    let blind = findings.not_evaluable.iter().filter(|gap| gap.rule != rule);
    fired.chain(blind.map(|gap| format!("{gap:?}"))).collect()
}

#[test]
fn a_rule_that_panics_is_not_used_any_more_and_the_others_go_on() {
    let lines = recording::lines("turn-relay");
    let whole = found(&lines);
    assert!(!whole.findings.is_empty());
    for moment in [1, 2, 10, 100, 500] {
        fault::stumble_after("rules", moment);
        let findings = examined_anyhow(&lines, &FindingsOptions::default());
        fault::stumble_after("", 0);
        let mut failed = findings
            .not_evaluable
            .iter()
            .filter(|gap| gap.reason.contains("failed"));
        let broken = failed
            .next()
            .unwrap_or_else(|| unreachable!("nothing stumbled at {moment}"));
        assert!(failed.next().is_none(), "{findings:?}");
        assert_eq!(
            without(&findings, broken.rule),
            without(&whole, broken.rule),
            "{moment}"
        );
    }
}
