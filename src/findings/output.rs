//! What came out of an examination, as values, as JSON, and in one sentence.
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::evidence::{Evidence, Origin};
use super::finding::{Finding, NotEvaluable};
use super::rule::Rule;
use super::severity::Severity;
use crate::limits::FINDING_LINKS_MAX;

/// Everything that was found in one dump, in the order of time.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub outcome: Outcome,
    /// How many rules were to look.
    pub used: usize,
    pub findings: Vec<Finding>,
    pub not_evaluable: Vec<NotEvaluable>,
    /// Rules with more findings than are kept, and how many more.
    pub omitted: Vec<(&'static Rule, u64)>,
}

/// How far the call came, by the states of its connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The page made no connection.
    #[default]
    NoConnection,
    /// It made some, and none was ever connected.
    NeverConnected,
    Connected,
}

/// The answer in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `None` if nothing was found.
    pub severity: Option<Severity>,
    pub text: String,
}

impl Findings {
    /// The sentence of the worst finding that no other one explains.
    pub fn verdict(&self) -> Verdict {
        let roots = || self.findings.iter().filter(|finding| !self.is_explained(finding));
        let severity = roots().map(|finding| finding.severity).max();
        let worst = roots().find(|finding| Some(finding.severity) == severity);
        let text = match (severity, worst) {
            (Some(severity @ (Severity::Critical | Severity::Warning)), Some(worst)) => self.sentence(severity, worst),
            _ => self.nothing(),
        };
        Verdict { severity, text }
    }

    /// Not each critical finding has ended the call, and where there was none, it did not work either.
    fn sentence(&self, severity: Severity, worst: &Finding) -> String {
        let finding = self.account(worst);
        let inner = within_a_sentence(&finding);
        match (self.outcome, severity) {
            (Outcome::NoConnection, _) => format!("No connection was made. {finding}"),
            // What is wrong with the dump is no failure of the call.
            (Outcome::NeverConnected, _) if worst.rule.id.starts_with("dump.") => {
                format!("No connection was ever connected, and {inner}")
            }
            (Outcome::NeverConnected, _) => format!("The call failed: {inner}"),
            (Outcome::Connected, Severity::Critical) => {
                format!("The call was connected, but something went badly wrong: {inner}")
            }
            (Outcome::Connected, _) => format!("The call worked, but {inner}"),
        }
    }

    /// What a finding says, behind what it comes from if that is milder: what was heard, and why.
    fn account(&self, finding: &Finding) -> String {
        let root = self.root_of(finding);
        match std::ptr::eq(root, finding) {
            true => finding.text.clone(),
            false => format!(
                "{}; so {}",
                root.text.trim_end_matches('.'),
                within_a_sentence(&finding.text)
            ),
        }
    }

    /// The first of its causes, by way of the worst ones, or those of the same track.
    fn root_of<'a>(&'a self, finding: &'a Finding) -> &'a Finding {
        let worst = |finding: &&'a Finding| {
            let causes = finding.because_of.iter().filter_map(|cause| self.findings.get(*cause));
            causes
                .rev()
                .max_by_key(|cause| (cause.severity, cause.track == finding.track))
        };
        let chain = std::iter::successors(Some(finding), worst);
        chain.take(FINDING_LINKS_MAX).last().unwrap_or(finding)
    }

    fn nothing(&self) -> String {
        let nothing = match self.outcome {
            Outcome::NoConnection => "No connection was made, and nothing wrong was found",
            Outcome::NeverConnected => "No connection was ever connected, and what was recorded does not say why",
            Outcome::Connected => "Nothing wrong was found",
        };
        let rules: BTreeSet<_> = self.not_evaluable.iter().map(|gap| gap.rule).collect();
        match rules.len() {
            0 => format!("{nothing}."),
            blind => format!("{nothing}; {blind} of {} rules could not be evaluated.", self.used),
        }
    }

    /// Whether another finding explains this one so well that it does not count by itself: one that is as bad, or one
    /// that says that the numbers mean nothing.
    pub fn is_explained(&self, finding: &Finding) -> bool {
        let mut causes = finding.because_of.iter().filter_map(|cause| self.findings.get(*cause));
        causes.any(|cause| cause.severity >= finding.severity || MEANINGLESS.contains(&cause.rule.id))
    }

    /// The rules that fired, in the order of their ids, each with the highest severity of its findings.
    pub fn severities(&self) -> impl Iterator<Item = (&'static str, Severity)> {
        let mut highest = BTreeMap::new();
        for finding in &self.findings {
            let own = highest.entry(finding.rule.id).or_insert(finding.severity);
            *own = finding.severity.max(*own);
        }
        highest.into_iter()
    }

    /// Appends one JSON object.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect("a vector takes everything, and keys are strings");
    }
}

/// Where these are found, numbers mean nothing.
const MEANINGLESS: [&str; 2] = ["env.poll-gap", "env.clock"];

/// What begins with a word of plain English goes on in small letters; names (ICE, getUserMedia) stay as they are.
fn within_a_sentence(text: &str) -> Cow<'_, str> {
    let word = text.split(' ').next().unwrap_or_default();
    let is_plain = word.chars().skip(1).all(|c| c.is_ascii_lowercase());
    match text.chars().next() {
        Some(first) if is_plain && first.is_ascii_uppercase() => {
            format!("{}{}", first.to_ascii_lowercase(), &text[1..]).into()
        }
        _ => text.into(),
    }
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("verdict", &self.verdict())?;
        map.serialize_entry("findings", &self.findings)?;
        map.serialize_entry("not_evaluable", &self.not_evaluable)?;
        if !self.omitted.is_empty() {
            let omitted: BTreeMap<_, _> = self.omitted.iter().map(|(rule, count)| (rule.id, count)).collect();
            map.serialize_entry("omitted", &omitted)?;
        }
        map.end()
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("severity", &self.severity.map(Severity::name))?;
        map.serialize_entry("text", &self.text)?;
        map.end()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.rule.id)?;
        map.serialize_entry("severity", self.severity.name())?;
        map.serialize_entry("scope", self.scope.name())?;
        map.serialize_entry("connection", &self.connection.as_ref().map(|(name, _)| Raw(name)))?;
        if let Some(track) = &self.track {
            map.serialize_entry("track", track)?;
        }
        if let Some(report) = &self.report {
            map.serialize_entry("report", report)?;
        }
        map.serialize_entry("start", &Number(self.start))?;
        map.serialize_entry("end", &self.end.map(Number))?;
        if let Some(value) = self.value {
            map.serialize_entry("value", &Number(figure(value)))?;
            map.serialize_entry("unit", self.unit)?;
        }
        if let Some(threshold) = self.threshold {
            map.serialize_entry("threshold", &Number(threshold))?;
        }
        if let Some(share) = self.share {
            map.serialize_entry("share", &Number(figure(share)))?;
        }
        map.serialize_entry("evidence", &self.evidence)?;
        map.serialize_entry("cause_of", &self.cause_of)?;
        map.serialize_entry("because_of", &self.because_of)?;
        map.serialize_entry("text", &self.text)?;
        map.serialize_entry("hint", self.rule.hint)?;
        map.serialize_entry("source", self.rule.source.name())?;
        map.end()
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.of {
            Origin::Event(method) => map.serialize_entry("event", method)?,
            Origin::Report(id, property) => {
                map.serialize_entry("report", id)?;
                map.serialize_entry("property", property)?;
            }
        }
        map.serialize_entry("time", &Number(self.time))?;
        map.serialize_entry("value", &Raw(&self.value))?;
        map.end()
    }
}

impl Serialize for NotEvaluable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("id", self.rule)?;
        map.serialize_entry("connection", &self.connection.as_ref().map(|(name, _)| Raw(name)))?;
        map.serialize_entry("reason", &self.reason)?;
        map.end()
    }
}

/// JSON that is copied. What is none after all becomes a string.
struct Raw<'a>(&'a str);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(self.0) {
            Ok(value) => value.serialize(serializer),
            Err(_) => serializer.serialize_str(self.0),
        }
    }
}

/// A measured number, to nine digits: what is behind them comes from the order of sums, not from the call.
fn figure(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

/// A number as JavaScript writes it: without a fraction if it has none.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.fract() == 0.0 && self.0.abs() < 9_007_199_254_740_992.0 {
            true => serializer.serialize_i64(self.0 as i64),
            false => serializer.serialize_f64(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_letters_within_a_sentence() {
        for (text, expected) in [
            ("The offer waited.", "the offer waited."),
            ("A candidate was refused.", "a candidate was refused."),
            ("ICE failed.", "ICE failed."),
            ("DTLS", "DTLS"),
            ("getUserMedia failed.", "getUserMedia failed."),
            ("3 candidates were refused.", "3 candidates were refused."),
            ("", ""),
        ] {
            assert_eq!(within_a_sentence(text), expected);
        }
    }
}
