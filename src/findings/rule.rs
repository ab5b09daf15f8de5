//! What is known of a rule before there is a dump: its name, how bad it can be, when it fires, and its source.
use super::severity::{Scope, Severity};

/// One thing that can be wrong with a call.
#[derive(Debug)]
pub struct Rule {
    /// `GROUP.NAME`.
    pub id: &'static str,
    /// The highest that its findings can have.
    pub severity: Severity,
    pub scope: Scope,
    /// When it fires, in a sentence for people.
    pub fires: &'static str,
    /// What to look at or to change.
    pub hint: &'static str,
    pub thresholds: &'static [Threshold],
    pub source: Source,
}

/// A number at which a rule fires. The configuration may give another one.
#[derive(Debug)]
pub struct Threshold {
    /// `RULE.NAME` is what the configuration calls it.
    pub name: &'static str,
    pub value: f64,
    /// As people write it: `s`, `ms`, `%`, `kbit/s`, `packets`; empty for a ratio or a count.
    pub unit: &'static str,
    pub source: Source,
}

/// Where a rule or a threshold comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A specification or another's publication, which it names.
    Published(&'static str),
    /// Nobody has published one: it was chosen here.
    Ours,
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Source::Published(name) => name,
            Source::Ours => "ours",
        }
    }
}
