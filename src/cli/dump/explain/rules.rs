//! `dump explain --list`: all rules, with the thresholds that are in force.
use serde_json::{Value, json};

use crate::cli::dump::json as dump_json;
use crate::cli::failure::Failure;
use crate::cli::output::{print, print_json, table};
use crate::cli::paint::{Paint, Tone};
use crate::findings::{RuleName, Setting, Settings, Usage};

/// Prints the rules that were asked for, or all.
pub fn list(settings: &Settings, asked: &[RuleName], as_json: bool) -> Result<(), Failure> {
    let is_asked = |setting: &&Setting| asked.is_empty() || asked.iter().any(|rule| rule.0.id == setting.rule.id);
    let rules: Vec<&Setting> = settings.iter().filter(is_asked).collect();
    match as_json {
        true => {
            let rules: Vec<Value> = rules.into_iter().map(json).collect();
            print_json(&dump_json::text(&rules)?)
        }
        false => print(&text(&rules)),
    }
}

fn json(setting: &Setting) -> Value {
    let rule = setting.rule;
    let thresholds = rule
        .thresholds
        .iter()
        .zip(&setting.thresholds)
        .map(|(threshold, value)| {
            json!({"name": threshold.name, "value": value, "default": threshold.value, "unit": threshold.unit,
               "source": threshold.source.name()})
        });
    json!({
        "id": rule.id,
        "severity": rule.severity.name(),
        "scope": rule.scope.name(),
        "fires": rule.fires,
        "hint": rule.hint,
        "thresholds": thresholds.collect::<Vec<_>>(),
        "source": rule.source.name(),
        "enabled": setting.usage == Usage::On,
    })
}

fn text(rules: &[&Setting]) -> String {
    let heading = ["RULE", "SEVERITY", "THRESHOLDS", "SOURCE", "FIRES WHEN"];
    let mut lines = vec![heading.map(str::to_owned).to_vec()];
    for setting in rules {
        let rule = setting.rule;
        let thresholds = rule
            .thresholds
            .iter()
            .zip(&setting.thresholds)
            .map(|(threshold, value)| {
                let text = format!("{} {value} {}", threshold.name, threshold.unit);
                text.trim_end().to_owned()
            });
        let thresholds: Vec<String> = thresholds.collect();
        let severity = match setting.usage {
            Usage::On => rule.severity.name(),
            Usage::Off => "off",
        };
        lines.push(vec![
            rule.id.to_owned(),
            severity.to_owned(),
            match &thresholds[..] {
                [] => "-".to_owned(),
                thresholds => thresholds.join(", "),
            },
            rule.source.name().to_owned(),
            rule.fires.to_owned(),
        ]);
    }
    Paint::of_stdout().table(&table(&lines), Tone::Plain)
}
