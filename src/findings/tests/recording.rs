//! Recorded dumps as events that a test can edit, and what findings make of them.
//!
//! An event is `[time, connection, method, value, extra…]` with complete reports under full names, as `dump cat` shows
//! it. `Call::lines` makes lines of a dump of them again, which are decoded as any other. Times are absolute (ms since
//! 1970).
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

use crate::dump::decode::Decoder;
use crate::dump::statistics::Selection;
use crate::findings::{ASKED, End, Examination, Finding, Findings, FindingsOptions, Settings};

static SELECTION: Selection = Selection::of(&[ASKED]);

/// A recorded dump, or what has been made of it.
#[derive(Clone, Debug)]
pub struct Recording {
    pub events: Vec<Value>,
}

/// The lines behind the head of a recorded dump (`av-call-60s`).
pub fn lines(name: &str) -> Vec<String> {
    let path = format!("{}/tests/data/dumps/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::File::open(&path).unwrap_or_else(|error| unreachable!("{path}: {error}"));
    let mut text = Vec::new();
    GzDecoder::new(file).read_to_end(&mut text).expect("it unpacks");
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().skip(2).map(str::to_owned).collect()
}

/// The names of all recorded dumps.
pub fn names() -> Vec<String> {
    let folder = format!("{}/tests/data/dumps", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).expect("the recorded dumps are there");
    let name = |file: std::io::Result<std::fs::DirEntry>| file.expect("readable").file_name();
    let mut names: Vec<_> = files
        .map(|file| name(file).to_string_lossy().replace(".jsonl.gz", ""))
        .collect();
    names.sort();
    names
}

/// What is found in these lines.
pub fn examined(lines: &[impl AsRef<str>], options: &FindingsOptions) -> Findings {
    let findings = examined_anyhow(lines, options);
    let failed = findings.not_evaluable.iter().find(|gap| gap.reason.contains("failed"));
    assert!(failed.is_none(), "a rule has panicked: {failed:?}");
    findings
}

/// The same, though rules may have panicked.
pub fn examined_anyhow(lines: &[impl AsRef<str>], options: &FindingsOptions) -> Findings {
    let mut decoder = Decoder::selective(&SELECTION);
    let mut examination = Examination::new(&Settings::of(options));
    for line in lines {
        if let Ok(Some(event)) = decoder.line(line.as_ref().as_bytes()) {
            examination.event(&event);
        }
    }
    examination.finish(End::Whole)
}

/// What is found in these lines with the usual settings.
pub fn found(lines: &[impl AsRef<str>]) -> Findings {
    examined(lines, &FindingsOptions::default())
}

impl Recording {
    pub fn of(name: &str) -> Recording {
        let mut decoder = Decoder::new();
        let mut events = Vec::new();
        for line in lines(name) {
            if let Ok(Some(event)) = decoder.line(line.as_bytes()) {
                let mut text = Vec::new();
                event.write_json(&mut text);
                events.push(serde_json::from_slice(&text).expect("JSON"));
            }
        }
        Recording { events }
    }

    /// Events that a test makes: `[connection, method, value, seconds]`, the seconds from the beginning.
    pub fn made(events: &[(Value, &str, Value, f64)]) -> Recording {
        let event = |(connection, method, value, s): &(Value, &str, Value, f64)| {
            json!([T0 + s * 1000.0, connection, method, value])
        };
        Recording {
            events: events.iter().map(event).collect(),
        }
    }

    /// The time of the first event.
    pub fn start(&self) -> f64 {
        self.events[0][0].as_f64().expect("a time")
    }

    /// Calls `edit` with each event.
    pub fn each(mut self, edit: impl FnMut(&mut Value)) -> Recording {
        self.events.iter_mut().for_each(edit);
        self
    }

    /// Calls `edit` with each report of a connection and a type: the time of the event, and the report.
    pub fn reports(
        self,
        connection: &str,
        kind: &str,
        mut edit: impl FnMut(f64, &mut Map<String, Value>),
    ) -> Recording {
        self.each(|event| {
            if event[1] != connection || event[2] != "getStats" {
                return;
            }
            let time = event[0].as_f64().expect("a time");
            let reports = event[3].as_object_mut().into_iter().flat_map(Map::values_mut);
            for report in reports.filter_map(Value::as_object_mut) {
                if report.get("type").is_some_and(|own| own == kind) {
                    edit(time, report);
                }
            }
        })
    }

    /// The times of the getStats of a connection.
    pub fn polls(&self, connection: &str) -> Vec<f64> {
        let own = self
            .events
            .iter()
            .filter(|event| event[1] == connection && event[2] == "getStats");
        own.filter_map(|event| event[0].as_f64()).collect()
    }

    /// Lines of a dump.
    pub fn lines(&self) -> Vec<String> {
        let mut there: Map<String, Value> = Map::new();
        let mut lines = Vec::new();
        for event in &self.events {
            let [time, connection, method, value, extra @ ..] = &event.as_array().expect("an event")[..] else {
                unreachable!("{event}");
            };
            let mut value = value.clone();
            if method == "getStats"
                && let Some(reports) = value.as_object_mut()
            {
                let before = there.insert(connection.to_string(), json!(reports.keys().collect::<Vec<_>>()));
                for id in before.iter().flat_map(|ids| ids.as_array()).flatten() {
                    let id = id.as_str().expect("an id");
                    reports.entry(id).or_insert(Value::Null);
                }
            }
            let mut line = vec![method.clone(), connection.clone(), value];
            line.extend(extra.iter().cloned());
            line.push(time.clone());
            lines.push(Value::Array(line).to_string());
        }
        lines
    }

    pub fn found(&self) -> Findings {
        found(&self.lines())
    }
}

/// When made events begin.
pub const T0: f64 = 1_700_000_000_000.0;

/// The rules that fired, each once.
pub fn fired(findings: &Findings) -> Vec<&'static str> {
    findings.severities().map(|(id, _)| id).collect()
}

/// The findings of a rule.
pub fn of<'a>(findings: &'a Findings, id: &str) -> Vec<&'a Finding> {
    findings
        .findings
        .iter()
        .filter(|finding| finding.rule.id == id)
        .collect()
}
