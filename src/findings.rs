//! What was wrong with a call: rules that look at the decoded events of a dump, in one pass and in their order.
mod finding;
mod options;
mod output;
mod rule;
mod rules;
mod settings;
mod severity;

use crate::dump::decode::{Event, Method};
use crate::dump::open::Dump;
use crate::dump::statistics::Property;

pub use finding::{Evidence, Finding, NotEvaluable, Origin};
pub use options::{FindingsOptions, Override, RuleName};
pub use output::{Findings, Verdict};
pub use rule::{Rule, Source, Threshold};
pub use rules::{all as rules, of_id as rule_of_id};
pub use settings::{Setting, Settings, Usage};
pub use severity::{Scope, Severity};

/// What is asked of reports, for a selective decoder.
pub const ASKED: &[Property] = &[];

/// Examines the events of one dump.
#[derive(Debug)]
pub struct Examination {
    settings: Settings,
    statistics: u64,
    start: Option<f64>,
}

/// How a dump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All of it was read.
    Whole,
    /// The last line is cut off, or damage has ended it.
    Torn,
}

impl Examination {
    /// For the dump of a client library.
    pub fn new(settings: &Settings) -> Examination {
        Examination {
            settings: settings.clone(),
            statistics: 0,
            start: None,
        }
    }

    /// For a dump of any form, of which no event has been read yet.
    pub fn of(_dump: &Dump<'_>, settings: &Settings) -> Examination {
        Examination::new(settings)
    }

    /// Takes the next event of the dump.
    pub fn event(&mut self, event: &Event<'_>) {
        self.start.get_or_insert(event.timestamp);
        self.statistics += u64::from(matches!(event.method, Method::Known(method) if method.name == "getStats"));
    }

    /// There are no more events.
    pub fn finish(self, _end: End) -> Findings {
        let mut findings = Findings::default();
        let rule = self.settings.iter().find(|setting| setting.rule.id == "dump.no-stats");
        if let Some(setting) = rule
            && setting.usage == Usage::On
            && self.statistics == 0
        {
            findings.findings.push(Finding {
                rule: setting.rule,
                severity: Severity::Info,
                scope: Scope::Client,
                connection: None,
                track: None,
                report: None,
                start: self.start.unwrap_or_default(),
                end: None,
                value: None,
                threshold: None,
                unit: "",
                share: None,
                evidence: Vec::new(),
                cause_of: Vec::new(),
                because_of: Vec::new(),
                text: "There are no statistics in the dump.".to_owned(),
            });
        }
        findings
    }
}

#[cfg(test)]
mod tests;
