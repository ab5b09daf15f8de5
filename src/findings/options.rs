//! `[findings]`: whether dumps are examined, and by which rules and thresholds.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::near::near;
use super::rule::Rule;
use super::rules;
use crate::lenient;

/// What was wrong with a call (docs/findings.md), found in each dump while it is packed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct FindingsOptions {
    /// Whether each dump is examined. What was found is stored with its features, and its row has the ids of the rules
    /// that fired.
    #[serde(deserialize_with = "lenient::flag")]
    pub enabled: bool,

    /// Rules that are left out, by their ids: `["gum.slow", "net.rtt"]`.
    #[serde(deserialize_with = "lenient::list")]
    pub off: Vec<RuleName>,

    /// Thresholds that differ from those of docs/findings.md, in the unit that stands there:
    /// `["net.rtt.warning = 0.4"]`.
    #[serde(deserialize_with = "lenient::list")]
    pub thresholds: Vec<Override>,
}

impl Default for FindingsOptions {
    fn default() -> Self {
        FindingsOptions {
            enabled: true,
            off: Vec::new(),
            thresholds: Vec::new(),
        }
    }
}

/// A rule by its id.
#[derive(Clone, Copy, Debug)]
pub struct RuleName(pub &'static Rule);

/// Another value for a threshold.
#[derive(Clone, Copy, Debug)]
pub struct Override {
    pub rule: &'static Rule,
    /// Its place among those of the rule.
    pub threshold: usize,
    pub value: f64,
}

/// What an operator has written is none of them.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Unknown {
    #[error(
        "{given:?} is no rule{}; rtcstats-server dump explain --list tells all",
        meant(given)
    )]
    Rule { given: String },
    #[error("{given:?} is no threshold of {rule}, which has {known}")]
    Threshold {
        rule: &'static str,
        given: String,
        known: String,
    },
    #[error("{0:?} is not of the form RULE.THRESHOLD = NUMBER; write it like \"net.rtt.warning = 0.4\"")]
    Form(String),
    #[error("{0:?} is no number from 0 on; write it in the unit of docs/findings.md, without the unit")]
    Number(String),
}

impl FromStr for RuleName {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<RuleName, Unknown> {
        let rule = rules::of_id(text.trim()).ok_or_else(|| Unknown::Rule {
            given: text.trim().to_owned(),
        })?;
        Ok(RuleName(rule))
    }
}

impl FromStr for Override {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Override, Unknown> {
        let form = || Unknown::Form(text.trim().to_owned());
        let (path, number) = text.split_once('=').ok_or_else(form)?;
        let (id, name) = path.trim().rsplit_once('.').ok_or_else(form)?;
        let RuleName(rule) = id.parse()?;
        let threshold = rule.thresholds.iter().position(|threshold| threshold.name == name);
        let threshold = threshold.ok_or_else(|| Unknown::Threshold {
            rule: rule.id,
            given: name.to_owned(),
            known: names(rule),
        })?;
        let value = number.trim().parse().ok();
        let value = value.filter(|value: &f64| value.is_finite() && *value >= 0.0);
        let value = value.ok_or_else(|| Unknown::Number(number.trim().to_owned()))?;
        Ok(Override { rule, threshold, value })
    }
}

/// What may have been meant, to go on with.
fn meant(given: &str) -> String {
    match &near(given)[..] {
        [] => String::new(),
        [only] => format!(", but {only} is one"),
        names => format!(", but there are {}", names.join(", ")),
    }
}

fn names(rule: &Rule) -> String {
    let names: Vec<_> = rule.thresholds.iter().map(|threshold| threshold.name).collect();
    match &names[..] {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}

impl PartialEq for RuleName {
    fn eq(&self, other: &RuleName) -> bool {
        self.0.id == other.0.id
    }
}

impl PartialEq for Override {
    fn eq(&self, other: &Override) -> bool {
        (self.rule.id, self.threshold, self.value) == (other.rule.id, other.threshold, other.value)
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threshold = self.rule.thresholds.get(self.threshold).map_or("", |own| own.name);
        write!(f, "{}.{threshold} = {}", self.rule.id, self.value)
    }
}

impl Serialize for RuleName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

impl Serialize for Override {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
