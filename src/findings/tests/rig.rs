//! A test rig: a recorded dump as events that can be edited, and what is found in them afterwards.
//!
//! Times are seconds since the first event of the recording. Every poll has the complete statistics, and is written so,
//! with wire compression undone; a report that the next poll lacks is announced as gone. What the form of a dump cannot
//! say cannot be said here either: a property that a report once had stays until the report goes.
mod edit;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;

use serde_json::{Value, json};

use crate::dump::decode::Restore;
use crate::dump::open::Dump;
use crate::dump::table::METHODS;
use crate::findings::{End, Examination, Finding, Findings, Settings, Severity};

/// The events of one dump.
#[derive(Clone)]
pub struct Call {
    pub events: Vec<Entry>,
    /// When it began, in ms since 1970.
    pub begin: f64,
    pub settings: Settings,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Milliseconds since 1970.
    pub time: f64,
    /// As it is sent; null is the client itself.
    pub connection: Value,
    pub method: String,
    /// Of a getStats, all reports by their ids.
    pub value: Value,
    pub extra: Vec<Value>,
}

/// What a finding says, without its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    pub rule: &'static str,
    pub connection: Option<String>,
    pub severity: Severity,
    pub start: f64,
    pub end: Option<f64>,
}

impl Call {
    /// One of the recorded dumps, by its name.
    pub fn recorded(name: &str) -> Call {
        Call::read(recorded(name))
    }

    pub fn read(dump: impl Read) -> Call {
        let mut dump = Dump::open(dump).expect("a dump");
        dump.restore(Restore::Fully);
        let mut events = Vec::new();
        while let Some(event) = dump.next().expect("a dump that can be read") {
            let mut text = Vec::new();
            event.write_json(&mut text);
            // What is no Unicode is in the recordings of odd events only, which nobody edits.
            events.extend(serde_json::from_slice(&text).ok().and_then(Entry::of));
        }
        let begin = events.first().map_or(0.0, |entry| entry.time);
        Call {
            events,
            begin,
            settings: Settings::default(),
        }
    }

    /// The dump.
    pub fn text(&self) -> String {
        let mut sent: Vec<(Value, BTreeSet<String>)> = Vec::new();
        let mut before = 0.0;
        let line = |entry: &Entry| {
            let mut value = entry.value.clone();
            if let (true, Value::Object(reports)) = (entry.is_poll(), &mut value) {
                let ids: BTreeSet<String> = reports.keys().cloned().collect();
                let at = sent.iter().position(|(connection, _)| *connection == entry.connection);
                let at = at.unwrap_or_else(|| {
                    sent.push((entry.connection.clone(), BTreeSet::new()));
                    sent.len() - 1
                });
                reports.extend(sent[at].1.difference(&ids).map(|id| (id.clone(), Value::Null)));
                sent[at].1 = ids;
            }
            let mut line = vec![method(&entry.method), entry.connection.clone(), value];
            line.extend(entry.extra.iter().cloned());
            line.push(json!(entry.time - before));
            before = entry.time;
            Value::Array(line).to_string()
        };
        let head = ["RTCStatsDump".to_owned(), json!({"fileFormat": 3}).to_string()];
        let lines: Vec<String> = head.into_iter().chain(self.events.iter().map(line)).collect();
        lines.join("\n")
    }

    /// What is found in it, as a dump that ended as it should.
    pub fn findings(&self) -> Findings {
        examine(self.text().as_bytes(), &self.settings)
    }

    /// The findings of one rule, in their order.
    pub fn fired(&self, rule: &str) -> Vec<Fired> {
        self.all_fired()
            .into_iter()
            .filter(|fired| fired.rule == rule)
            .collect()
    }

    /// All that is found.
    pub fn all_fired(&self) -> Vec<Fired> {
        self.findings()
            .findings
            .iter()
            .map(|finding| self.told(finding))
            .collect()
    }

    fn told(&self, finding: &Finding) -> Fired {
        let seconds = |time: f64| (time - self.begin).round() / 1000.0;
        Fired {
            rule: finding.rule.id,
            connection: finding
                .connection
                .as_ref()
                .map(|(name, _)| name.trim_matches('"').to_owned()),
            severity: finding.severity,
            start: seconds(finding.start),
            end: finding.end.map(seconds),
        }
    }
}

impl Entry {
    fn of(json: Value) -> Option<Entry> {
        let Value::Array(mut parts) = json else { return None };
        let extra = parts.split_off(4);
        let [time, connection, method, value] = <[Value; 4]>::try_from(parts).ok()?;
        Some(Entry {
            time: time.as_f64()?,
            connection,
            method: method.as_str()?.into(),
            value,
            extra,
        })
    }

    pub fn is_poll(&self) -> bool {
        self.method == "getStats"
    }
}

/// The method as it is sent.
fn method(name: &str) -> Value {
    match METHODS.iter().find(|method| method.name == name) {
        Some(method) => json!(method.key),
        None => json!(name),
    }
}

/// What is found in a dump that ended as it should.
pub fn examine(dump: impl Read, settings: &Settings) -> Findings {
    let mut dump = Dump::open(dump).expect("a dump");
    let mut examination = Examination::of(&mut dump, settings);
    while let Some(event) = dump.next().expect("a dump that can be read") {
        examination.event(&event);
    }
    examination.finish(End::Whole)
}

/// The file of a recorded dump.
pub fn recorded(name: &str) -> File {
    let path = format!("{}/tests/data/dumps/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    File::open(&path).expect(&path)
}
