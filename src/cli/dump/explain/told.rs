//! What an explanation is made of: the findings, and of the dump what gives them their place.
use crate::findings::{Finding, Findings, RuleName, Settings, Severity, Usage};

/// See the head of the file.
#[derive(Debug)]
pub struct Told {
    /// Of the dump, safe to look at.
    pub name: String,
    pub begin: Option<Begin>,
    /// From the first event to the last, in ms.
    pub length: f64,
    pub connections: usize,
    /// Rules that were asked.
    pub rules: usize,
    pub findings: Findings,
    pub asked: Asked,
}

/// The first event, from which all others count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Begin {
    /// Its time stamp.
    pub stamp: f64,
    /// The moment, in ms since 1970, if it is one.
    pub time: Option<f64>,
}

/// What is said first, and how bad it is.
pub type Answer = (Option<Severity>, String);

/// Which rules are told of.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    All,
    Only(Vec<RuleName>),
}

impl Told {
    pub fn new(name: &str, settings: &Settings) -> Told {
        Told {
            name: name.to_owned(),
            begin: None,
            length: 0.0,
            connections: 0,
            rules: settings.iter().filter(|setting| setting.usage == Usage::On).count(),
            findings: Findings::default(),
            asked: Asked::All,
        }
    }

    /// An event of this connection (its index as in `Event`) with this time stamp, and its time if that is known.
    pub fn event(&mut self, connection: usize, stamp: f64, time: Option<f64>) {
        let begin = *self.begin.get_or_insert(Begin { stamp, time });
        self.connections = self.connections.max(connection);
        self.length = self.length.max(stamp - begin.stamp);
    }

    /// Tells only of these rules; of all, if there are none.
    pub fn only(&mut self, rules: &[RuleName]) {
        if !rules.is_empty() {
            self.asked = Asked::Only(rules.to_vec());
        }
    }

    pub fn is_asked(&self, id: &str) -> bool {
        match &self.asked {
            Asked::All => true,
            Asked::Only(rules) => rules.iter().any(|rule| rule.0.id == id),
        }
    }

    /// The findings that are told of, each with its index.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &Finding)> {
        let all = self.findings.findings.iter().enumerate();
        all.filter(|(_, finding)| self.is_asked(finding.rule.id))
    }

    /// The verdict, or if rules were asked for, the worst that they have found.
    pub fn answer(&self) -> Answer {
        let Asked::Only(rules) = &self.asked else {
            let verdict = self.findings.verdict();
            return (verdict.severity, verdict.text);
        };
        let worst = self
            .shown()
            .max_by_key(|(index, one)| (one.severity, std::cmp::Reverse(*index)));
        match worst {
            Some((_, worst)) => (Some(worst.severity), worst.text.clone()),
            None => {
                let ids: Vec<_> = rules.iter().map(|rule| rule.0.id).collect();
                (None, format!("Nothing was found by {}.", ids.join(", ")))
            }
        }
    }

    /// The worst of what counts: what no other finding explains, or whatever was asked for.
    pub fn severity(&self) -> Option<Severity> {
        match &self.asked {
            Asked::All => self.findings.verdict().severity,
            Asked::Only(_) => self.shown().map(|(_, finding)| finding.severity).max(),
        }
    }
}
