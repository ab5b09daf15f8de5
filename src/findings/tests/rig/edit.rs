//! The edits of a call: small changes of its statistics and its events, which are chained.
//!
//! Reports are chosen by a text such as `PC_0/outbound-rtp/video/hi`: connection, type, kind and rid. Each part may be
//! `*` or missing. Nothing checks that there is such a report but the tests, which expect a finding.
use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Map, Value, json};

use super::{Call, Entry};

type Report = Map<String, Value>;

impl Call {
    /// Changes the reports of the polls in this time by `edit`.
    pub fn edit(mut self, which: &str, during: Range<f64>, mut edit: impl FnMut(&mut Report)) -> Call {
        let begin = self.begin;
        each(&mut self.events, which, |time, _, report| {
            if during.contains(&((time - begin) / 1000.0)) {
                edit(report);
            }
        });
        self
    }

    /// Gives a property this value.
    pub fn set(self, which: &str, during: Range<f64>, property: &str, value: impl Into<Value>) -> Call {
        let value = value.into();
        self.edit(which, during, |report| *place(report, property) = value.clone())
    }

    /// Multiplies a number.
    pub fn scale(self, which: &str, during: Range<f64>, property: &str, factor: f64) -> Call {
        self.edit(which, during, |report| {
            let place = place(report, property);
            if let Some(number) = place.as_f64() {
                *place = json!(number * factor);
            }
        })
    }

    /// Lets a counter grow by so much a second during this time, from what it was before. Behind it, it grows as it
    /// did. One that is not there begins at 0.
    pub fn grow(mut self, which: &str, during: Range<f64>, property: &str, rate: f64) -> Call {
        #[derive(Clone, Copy)]
        struct Last {
            stamp: f64,
            old: f64,
            new: f64,
        }
        let begin = self.begin;
        let mut last: HashMap<(String, String), Last> = HashMap::new();
        each(&mut self.events, which, |time, key, report| {
            let is_during = during.contains(&((time - begin) / 1000.0));
            let stamp = report.get("timestamp").and_then(Value::as_f64).unwrap_or(time);
            let recorded = value(report, property);
            if recorded.is_none() && !is_during && !last.contains_key(&key) {
                return;
            }
            let before = last.get(&key).copied();
            let old = recorded.or(before.map(|last| last.old)).unwrap_or(0.0);
            let new = match before {
                Some(last) if is_during => last.new + rate * (stamp - last.stamp) / 1000.0,
                Some(last) if old >= last.old => last.new + old - last.old,
                _ => old,
            };
            if before.is_some() || is_during {
                *place(report, property) = number(new);
            }
            last.insert(key, Last { stamp, old, new });
        });
        self
    }

    /// Takes a property away, from the beginning to the end.
    pub fn remove(self, which: &str, property: &str) -> Call {
        self.edit(which, 0.0..f64::INFINITY, |report| {
            report.remove(property);
        })
    }

    /// Takes reports away.
    pub fn remove_reports(mut self, which: &str, during: Range<f64>) -> Call {
        let begin = self.begin;
        for entry in self.events.iter_mut().filter(|entry| entry.is_poll()) {
            let is_during = during.contains(&((entry.time - begin) / 1000.0));
            if let (true, Value::Object(reports)) = (is_during, &mut entry.value) {
                let connection = &entry.connection;
                reports.retain(|_, report| !is_which(which, connection, report));
            }
        }
        self
    }

    /// Takes polls of a connection away.
    pub fn drop_polls(self, connection: &str, during: Range<f64>) -> Call {
        self.retain(|seconds, entry| !(entry.is_poll() && entry.connection == *connection && during.contains(&seconds)))
    }

    /// Keeps events by their seconds and what they are.
    pub fn retain(mut self, mut keep: impl FnMut(f64, &Entry) -> bool) -> Call {
        let begin = self.begin;
        self.events.retain(|entry| keep((entry.time - begin) / 1000.0, entry));
        self
    }

    /// Everything from this second on happens so many seconds later, as when a machine sleeps: the clock of the
    /// statistics goes on too.
    pub fn shift(self, from: f64, seconds: f64) -> Call {
        let until = f64::INFINITY;
        self.edit("*", from..until, |report| {
            for property in ["timestamp", "lastPacketReceivedTimestamp", "lastPacketSentTimestamp"] {
                if let Some(stamp) = value(report, property) {
                    *place(report, property) = json!(stamp + seconds * 1000.0);
                }
            }
        })
        .turn_clock(from, seconds)
    }

    /// From this second on the clock of the events goes wrong by so much; that of the statistics does not.
    pub fn turn_clock(mut self, from: f64, seconds: f64) -> Call {
        let begin = self.begin;
        for entry in &mut self.events {
            if (entry.time - begin) / 1000.0 >= from {
                entry.time += seconds * 1000.0;
            }
        }
        self
    }

    /// An event more. `connection` is the name of one, or `client`.
    pub fn insert(mut self, seconds: f64, connection: &str, method: &str, value: Value, extra: &[Value]) -> Call {
        let time = self.begin + seconds * 1000.0;
        let at = self.events.partition_point(|entry| entry.time <= time);
        let entry = Entry {
            time,
            connection: match connection {
                "client" => Value::Null,
                name => json!(name),
            },
            method: method.into(),
            value,
            extra: extra.to_vec(),
        };
        self.events.insert(at, entry);
        self
    }
}

/// Calls `change` for the reports of this kind in all polls, with the time, what identifies the report, and itself.
fn each(events: &mut [Entry], which: &str, mut change: impl FnMut(f64, (String, String), &mut Report)) {
    for entry in events.iter_mut().filter(|entry| entry.is_poll()) {
        let connection = &entry.connection;
        for (id, report) in entry.value.as_object_mut().into_iter().flatten() {
            if is_which(which, connection, report)
                && let Value::Object(report) = report
            {
                change(entry.time, (connection.to_string(), id.clone()), report);
            }
        }
    }
}

fn is_which(which: &str, connection: &Value, report: &Value) -> bool {
    let found = [connection, &report["type"], &report["kind"], &report["rid"]];
    let is = |(wanted, found): (&str, &Value)| wanted == "*" || found.as_str() == Some(wanted);
    which.split('/').zip(found).all(is)
}

/// The place of a property; a dot leads into an object.
fn place<'a>(report: &'a mut Report, property: &str) -> &'a mut Value {
    match property.split_once('.') {
        Some((outer, inner)) => {
            let outer = report.entry(outer).or_insert_with(|| json!({}));
            &mut outer[inner]
        }
        None => report.entry(property).or_insert(Value::Null),
    }
}

fn value(report: &Report, property: &str) -> Option<f64> {
    match property.split_once('.') {
        Some((outer, inner)) => report.get(outer)?.get(inner)?.as_f64(),
        None => report.get(property)?.as_f64(),
    }
}

/// Counters are whole if they can be.
fn number(value: f64) -> Value {
    match value.fract() == 0.0 {
        true => json!(value as i64),
        false => json!(value),
    }
}
