//! What a rule has found, and why another could not look.
use super::evidence::Evidence;
use super::rule::Rule;
use super::severity::{Scope, Severity};

/// One thing that was wrong with the call, for some time.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub scope: Scope,
    /// The name of the connection as a JSON string, and its index as in `Event`.
    pub connection: Option<(Box<str>, usize)>,
    /// The id of the track.
    pub track: Option<Box<str>>,
    /// The id of the report.
    pub report: Option<Box<str>>,
    /// Milliseconds since 1970.
    pub start: f64,
    /// `None` if it lasted to the end of the dump. Of what happened at one time it is that time.
    pub end: Option<f64>,
    pub value: Option<f64>,
    pub threshold: Option<f64>,
    /// Of both.
    pub unit: &'static str,
    /// Of the time in which it could have been, from 0 to 1.
    pub share: Option<f64>,
    pub evidence: Vec<Evidence>,
    /// The findings that this one explains, and those that explain it: indices into the list of all.
    pub cause_of: Vec<usize>,
    pub because_of: Vec<usize>,
    /// A sentence for people.
    pub text: String,
}

/// A rule that could not look.
#[derive(Clone, Debug, PartialEq)]
pub struct NotEvaluable {
    pub rule: &'static str,
    /// As in `Finding`. `None` if it concerns the whole dump.
    pub connection: Option<(Box<str>, usize)>,
    pub reason: String,
}
