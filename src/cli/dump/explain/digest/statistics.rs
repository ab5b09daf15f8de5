//! Where statistics have changed so much that a person would notice.
use std::collections::HashMap;

use crate::cli::figures::quantity;
use crate::cli::visible::short;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;
use crate::limits::DIGEST_REPORTS_MAX;

/// When a change of a property is told.
#[derive(Debug, Clone, Copy)]
enum Notable {
    /// It has grown.
    Growth,
    /// It is so far from what was told last.
    Step(f64),
    /// It has come above this, or below again.
    Above(f64),
}

const NUMBERS: [(Property, &str, Notable); 9] = [
    (Property::of("packetsLost"), "", Notable::Growth),
    (Property::of("freezeCount"), "", Notable::Growth),
    (Property::of("framesDropped"), "", Notable::Growth),
    (Property::of("pliCount"), "", Notable::Growth),
    (Property::of("qualityLimitationResolutionChanges"), "", Notable::Growth),
    (Property::of("framesPerSecond"), "/s", Notable::Step(5.0)),
    (Property::of("jitter"), "s", Notable::Above(0.020)),
    (Property::of("currentRoundTripTime"), "s", Notable::Above(0.050)),
    (Property::of("roundTripTime"), "s", Notable::Above(0.050)),
];

const LIMIT: Property = Property::of("qualityLimitationReason");
const KIND: Property = Property::of("kind");

/// What was told last of each report.
#[derive(Debug, Default)]
pub struct Statistics {
    last: HashMap<(usize, Box<[u8]>), Last>,
}

#[derive(Debug, Default)]
struct Last {
    numbers: [Option<f64>; NUMBERS.len()],
    limit: Option<String>,
}

impl Statistics {
    /// What is to be told of the reports that the last event has changed.
    pub fn changes(&mut self, connection: usize, reports: &Reports) -> Vec<String> {
        reports
            .changed()
            .filter_map(|report| self.report(connection, report))
            .collect()
    }

    fn report(&mut self, connection: usize, report: Report<'_>) -> Option<String> {
        let key = (connection, report.id().raw().into());
        if self.last.len() >= DIGEST_REPORTS_MAX && !self.last.contains_key(&key) {
            return None;
        }
        let mut told = Vec::new();
        let last = self.last.entry(key).or_default();
        for ((property, unit, notable), before) in NUMBERS.iter().zip(&mut last.numbers) {
            let number = report.get(*property).and_then(Json::as_f64);
            if let Some(number) = number.filter(|number| number.is_finite()) {
                let text = |number: f64| quantity(number, unit);
                let from = before.map_or("0".to_owned(), text);
                if is_notable(*notable, *before, number) {
                    told.push(format!("{} {from} → {}", property.name(), text(number)));
                    *before = Some(number);
                } else if before.is_none() || matches!(notable, Notable::Growth) {
                    *before = Some(number);
                }
            }
        }
        let limit = report
            .get(LIMIT)
            .and_then(Json::as_text)
            .map(|limit| short(&limit.to_str()));
        if limit.is_some() && limit != last.limit {
            let is_first = last.limit.is_none() && limit.as_deref() == Some("none");
            told.extend(
                limit
                    .iter()
                    .filter(|_| !is_first)
                    .map(|limit| format!("limited by {limit}")),
            );
            last.limit = limit;
        }
        if told.is_empty() {
            return None;
        }
        let word = |value: Option<Json<'_>>| value.and_then(Json::as_text).map(|text| short(&text.to_str()));
        let kind = report.kind().map(|kind| short(&kind.to_str())).unwrap_or_default();
        let media = word(report.get(KIND)).map_or(String::new(), |media| format!(" {media}"));
        Some(format!(
            "{kind}{media} {}: {}",
            short(&report.id().to_str()),
            told.join(", ")
        ))
    }
}

/// Whether a number is told, when this one was told before.
fn is_notable(notable: Notable, before: Option<f64>, number: f64) -> bool {
    match (notable, before) {
        (Notable::Growth, before) => number > before.unwrap_or(0.0),
        (Notable::Step(step), Some(before)) => (number - before).abs() >= step,
        (Notable::Step(_), None) => false,
        (Notable::Above(limit), before) => (number > limit) != (before.unwrap_or(0.0) > limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a property that has these values one after the other.
    fn told(property: &str, values: &[&str]) -> Vec<String> {
        let (mut statistics, mut reports) = (Statistics::default(), Reports::new());
        let mut told = Vec::new();
        for value in values {
            reports.begin();
            reports.set("A", "type", Json::parse(b"\"inbound-rtp\"").unwrap());
            reports.set("A", property, Json::parse(value.as_bytes()).unwrap());
            told.extend(statistics.changes(1, &reports));
        }
        told
    }

    #[test]
    fn only_what_is_notable_is_told() {
        for (property, values, expected) in [
            (
                "packetsLost",
                &["0", "0", "3", "2", "4"][..],
                &["packetsLost 0 → 3", "packetsLost 2 → 4"][..],
            ),
            (
                "framesPerSecond",
                &["30", "27", "24", "25"],
                &["framesPerSecond 30 /s → 24 /s"],
            ),
            (
                "jitter",
                &["0.001", "0.03", "0.04", "0.01"],
                &["jitter 1 ms → 30 ms", "jitter 30 ms → 10 ms"],
            ),
            (
                "qualityLimitationReason",
                &["\"none\"", "\"cpu\"", "\"cpu\""],
                &["limited by cpu"],
            ),
            ("jitter", &["\"x\"", "null", "1e999"], &[]),
            ("bytesSent", &["1", "2"], &[]),
        ] {
            let expected: Vec<String> = expected.iter().map(|text| format!("inbound-rtp A: {text}")).collect();
            assert_eq!(told(property, values), expected, "{property}");
        }
    }
}
