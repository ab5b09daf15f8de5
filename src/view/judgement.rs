//! The findings as the page has them: those of `dump explain`, each with the place of its connection in the head.
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::findings::Findings;

/// The verdict, what it rests on, and what could not be looked at.
#[derive(Debug, Serialize)]
pub struct Judgement {
    pub verdict: Value,
    pub findings: Vec<Value>,
    pub not_evaluable: Vec<Value>,
    /// The rules of these findings, by id.
    pub rules: BTreeMap<&'static str, Value>,
}

impl Judgement {
    pub fn of(findings: &Findings) -> Judgement {
        let mut text = Vec::new();
        findings.write_json(&mut text);
        let mut value: Value = serde_json::from_slice(&text).unwrap_or_default();
        let mut list = |name: &str| match value[name].take() {
            Value::Array(list) => list,
            _ => Vec::new(),
        };
        let mut own = list("findings");
        for (own, finding) in own.iter_mut().zip(&findings.findings) {
            own["connection_index"] = place(finding.connection.as_ref().map(|(_, index)| *index));
        }
        let mut not_evaluable = list("not_evaluable");
        for (own, one) in not_evaluable.iter_mut().zip(&findings.not_evaluable) {
            own["connection_index"] = place(one.connection.as_ref().map(|(_, index)| *index));
        }
        let rules = findings.findings.iter().map(|finding| finding.rule);
        let about = |rule: &crate::findings::Rule| json!({"title": rule.fires, "about": rule.hint, "source": rule.source.name()});
        Judgement {
            verdict: value["verdict"].take(),
            findings: own,
            not_evaluable,
            rules: rules.map(|rule| (rule.id, about(rule))).collect(),
        }
    }
}

impl Judgement {
    /// When each finding began, and when it ended.
    pub fn spans(&self) -> impl Iterator<Item = (f64, f64)> {
        self.findings.iter().filter_map(|finding| {
            let start = finding["start"].as_f64()?;
            Some((start, finding["end"].as_f64().unwrap_or(start)))
        })
    }
}

/// The place of a connection in the head, which has no client.
fn place(index: Option<usize>) -> Value {
    json!(index.and_then(|index| index.checked_sub(1)))
}
