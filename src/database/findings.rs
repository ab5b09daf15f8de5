//! What was found in calls, as rows have it: the member `findings` of the metadata, an object of rules with the highest
//! severity of each. A row without it is of a dump that was not examined.
//!
//! Which rules there are is not known here. Never here: SQL. Memory: that of a [`Tally`] is in proportion to its days
//! and the rules that rows of a day name; names that cannot be those of rules are passed over. Nothing fails: an object
//! that cannot be read is one without findings.
use std::collections::{BTreeMap, HashMap};

use crate::limits::FINDING_NAME_BYTES_MAX;
use crate::time::UnixMs;

/// The words for severities, the worst first.
pub const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];

/// Which findings a row must have: one that is of these rules and of these severities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Empty for all rules.
    pub rules: Vec<String>,
    /// Empty for all severities.
    pub severities: Vec<&'static str>,
}

impl FindingFilter {
    /// Whether every row passes, one without findings too.
    pub fn is_open(&self) -> bool {
        self.rules.is_empty() && self.severities.is_empty()
    }
}

/// What becomes known later of the findings of a dump whose row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateFindings<'a> {
    /// Nothing; what the row says of them stays.
    Unasked,
    /// The object of rules and severities.
    Found(&'a str),
    /// Why there are none.
    Missing(&'a str),
}

impl LateFindings<'_> {
    /// The members of metadata that say so, as a JSON object; those of [`LateFindings::REPLACED`] go.
    pub fn members(&self) -> Option<String> {
        match self {
            LateFindings::Unasked => None,
            LateFindings::Found(object) => Some(format!("{{\"findings\":{object}}}")),
            LateFindings::Missing(reason) => Some(serde_json::json!({ "findingsMissing": reason }).to_string()),
        }
    }

    /// The members that say something of findings.
    pub const REPLACED: [&'static str; 2] = ["findings", "findingsMissing"];
}

/// How many rows there are, and what was found in how many of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub total: Counts,
    /// By the day (UTC, its beginning) on which the session began. Rows without a beginning have none.
    pub days: BTreeMap<Option<UnixMs>, Counts>,
}

/// The counts of some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    /// Rows of dumps that were examined, whatever was found.
    pub examined: u64,
    /// Rows by their worst finding, in the order of [`SEVERITIES`].
    pub worst: [u64; SEVERITIES.len()],
    /// For each rule: rows by its severity, in the same order.
    pub rules: BTreeMap<String, [u64; SEVERITIES.len()]>,
}

impl Tally {
    /// Adds rows that are alike: the day of their beginning as a database gives it, their findings as JSON, and how
    /// many they are.
    pub(super) fn add(&mut self, day: Option<&str>, findings: Option<&str>, rows: u64) {
        let found = findings.map(found);
        let day = self.days.entry(day.and_then(beginning)).or_default();
        for counts in [&mut self.total, day] {
            counts.add(found.as_ref(), rows);
        }
    }
}

impl Counts {
    /// Rows in which something was found.
    pub fn with_findings(&self) -> u64 {
        self.worst.iter().sum()
    }

    fn add(&mut self, found: Option<&HashMap<String, usize>>, rows: u64) {
        self.rows += rows;
        let Some(found) = found else { return };
        self.examined += rows;
        if let Some(worst) = found.values().min() {
            self.worst[*worst] += rows;
        }
        for (rule, severity) in found {
            match self.rules.get_mut(rule) {
                Some(counts) => counts[*severity] += rows,
                None => self.rules.entry(rule.clone()).or_default()[*severity] += rows,
            }
        }
    }
}

/// Rules, with the place of their severities in [`SEVERITIES`].
fn found(json: &str) -> HashMap<String, usize> {
    let object: HashMap<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let known = |(rule, severity): (String, serde_json::Value)| {
        let place = SEVERITIES.iter().position(|known| severity == *known)?;
        (rule.len() <= FINDING_NAME_BYTES_MAX).then_some((rule, place))
    };
    object.into_iter().filter_map(known).collect()
}

/// The beginning of a day: the number of days since 1970, or a date.
fn beginning(day: &str) -> Option<UnixMs> {
    const DAY_MS: u64 = 86_400_000;
    match day.parse::<u64>() {
        Ok(days) => days.checked_mul(DAY_MS).map(UnixMs),
        Err(_) => UnixMs::parse(&format!("{day}T00:00:00Z")),
    }
}

/// The findings that the metadata of a row tells, the worst first; `None` if the dump was not examined.
pub fn told_by(metadata: &str) -> Option<Vec<(String, &'static str)>> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    let object = metadata.get("findings")?.to_string();
    let mut all: Vec<(usize, String)> = found(&object).into_iter().map(|(rule, at)| (at, rule)).collect();
    all.sort();
    Some(all.into_iter().map(|(at, rule)| (rule, SEVERITIES[at])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_once_by_their_worst_finding_and_once_for_each_rule() {
        let mut tally = Tally::default();
        tally.add(
            Some("2023-11-14"),
            Some(r#"{"net.rtt":"warning","ice.failed":"critical"}"#),
            2,
        );
        tally.add(Some("19675"), Some(r#"{"net.rtt":"info"}"#), 1);
        tally.add(Some("2023-11-14"), Some("{}"), 4);
        tally.add(None, None, 8);
        let total = &tally.total;
        assert_eq!(
            (total.rows, total.examined, total.worst, total.with_findings()),
            (15, 7, [2, 0, 1], 3)
        );
        assert_eq!(total.rules["net.rtt"], [0, 2, 1]);
        assert_eq!(total.rules["ice.failed"], [2, 0, 0]);
        let days: Vec<_> = tally
            .days
            .iter()
            .map(|(day, counts)| (day.map(|day| day.to_string()), counts.rows))
            .collect();
        assert_eq!(days, [(None, 8), (Some("2023-11-14T00:00:00.000Z".to_owned()), 7)]);
    }

    #[test]
    fn what_other_programs_have_written_is_no_finding() {
        let long = format!(r#"{{"{}":"critical"}}"#, "a".repeat(FINDING_NAME_BYTES_MAX + 1));
        for json in ["", "null", "[1]", r#"{"a":1}"#, r#"{"a":"fatal"}"#, &long] {
            assert!(found(json).is_empty(), "{json}");
        }
        assert_eq!(beginning("x"), None);
        assert_eq!(beginning("-3"), None);
    }

    #[test]
    fn what_becomes_known_later_is_a_member_of_metadata() {
        assert_eq!(LateFindings::Unasked.members(), None);
        let found = LateFindings::Found(r#"{"a":"info"}"#).members();
        assert_eq!(found.as_deref(), Some(r#"{"findings":{"a":"info"}}"#));
        let missing = LateFindings::Missing("a \"fault\"").members();
        assert_eq!(missing.as_deref(), Some(r#"{"findingsMissing":"a \"fault\""}"#));
    }
}
