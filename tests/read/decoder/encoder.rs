//! The client's side of the protocol: what it sends of statistics, for a round trip.
//!
//! Written from the description of the protocol, not from the decoder. Reports are JSON values under the browser's ids.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The reports of one getStats, by the browser's ids.
pub type Reports = BTreeMap<String, Map<String, Value>>;

/// What the client keeps of one connection.
pub struct Encoder {
    before: Reports,
    numbers: BTreeMap<String, String>,
    properties: BTreeMap<String, String>,
    types: BTreeMap<String, String>,
}

/// What is never sent.
const UNSENT: [&str; 4] = ["isRemote", "ip", "mediaType", "writable"];

impl Encoder {
    /// `tables` are the wire keys of the protocol. Keys that are only read are not sent.
    pub fn new(tables: &Value) -> Self {
        let unsent: Vec<_> = tables["statsPropertiesDecompressOnly"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let by_name = |table: &str| -> BTreeMap<String, String> {
            let entries = tables[table].as_object().expect("a table").iter();
            let sent = entries.filter(|(key, _)| !unsent.contains(&&json!(key)));
            sent.map(|(key, name)| (name.as_str().expect("a name").to_string(), key.clone()))
                .collect()
        };
        Encoder {
            before: Reports::new(),
            numbers: BTreeMap::new(),
            properties: by_name("statsProperties"),
            types: by_name("statsTypes"),
        }
    }

    /// The value of the event that tells of these reports.
    pub fn encode(&mut self, now: &Reports) -> Value {
        let gone = self.before.keys().filter(|id| !now.contains_key(*id));
        let gone: Vec<_> = gone.filter_map(|id| self.numbers.get(id).cloned()).collect();
        let mut changed = Reports::new();
        for (id, report) in now {
            let report = changes(self.before.get(id), report);
            if !report.is_empty() {
                changed.insert(id.clone(), report);
            }
        }
        let time = common_time(&mut changed);
        changed.retain(|_, report| {
            let is_certificate = report.get("type") == Some(&json!("certificate"));
            if report.get("type") == Some(&json!("transport")) {
                report.shift_remove("localCertificateId");
                report.shift_remove("remoteCertificateId");
            }
            UNSENT.iter().for_each(|name| drop(report.shift_remove(*name)));
            !is_certificate && !report.is_empty()
        });
        for id in changed.keys() {
            let next = self.numbers.len().to_string();
            self.numbers.entry(id.clone()).or_insert(next);
        }
        let mut value = Map::new();
        for (id, report) in &changed {
            value.insert(self.numbers[id].clone(), Value::Object(self.shortened(report)));
        }
        value.extend(gone.into_iter().map(|number| (number, Value::Null)));
        value.sort_keys();
        value.extend(time.map(|time| ("t".to_string(), time)));
        self.before = now.clone();
        Value::Object(value)
    }

    /// What the decoder is to give back: ids and references are numbers, and what is never sent is missing.
    pub fn as_decoded(&self, now: &Reports) -> Value {
        let decoded = |(id, report): (&String, &Map<String, Value>)| {
            let number = self.numbers.get(id)?.clone();
            let mut report = report.clone();
            UNSENT
                .iter()
                .chain(&["id"])
                .for_each(|name| drop(report.shift_remove(*name)));
            for (name, value) in &mut report {
                *value = self.renumbered(name, value)?;
            }
            Some((number, Value::Object(report)))
        };
        Value::Object(now.iter().filter_map(decoded).collect())
    }

    fn renumbered(&self, name: &str, value: &Value) -> Option<Value> {
        match value.as_str() {
            Some(id) if name.ends_with("Id") => Some(json!(self.numbers.get(id)?)),
            _ => Some(value.clone()),
        }
    }

    fn shortened(&self, report: &Map<String, Value>) -> Map<String, Value> {
        let mut short = Map::new();
        for (name, value) in report {
            let Some(value) = self.renumbered(name, value) else {
                continue;
            };
            let value = match (name.as_str(), value.as_str().and_then(|value| self.types.get(value))) {
                ("type", Some(key)) => json!(key.parse::<u32>().expect("a number")),
                _ => value,
            };
            short.insert(self.properties.get(name).unwrap_or(name).clone(), value);
        }
        short
    }
}

/// What of a report is new.
fn changes(before: Option<&Map<String, Value>>, now: &Map<String, Value>) -> Map<String, Value> {
    let mut changes = Map::new();
    for (name, value) in now.iter().filter(|(name, _)| *name != "id") {
        let old = before.and_then(|before| before.get(name));
        let value = match (old, value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let new = new.iter().filter(|(name, value)| old.get(*name) != Some(value));
                let new: Map<_, _> = new.map(|(name, value)| (name.clone(), value.clone())).collect();
                Some(Value::Object(new)).filter(|new| new != &json!({}))
            }
            (old, value) => Some(value.clone()).filter(|value| old != Some(value)),
        };
        changes.extend(value.map(|value| (name.clone(), value)));
    }
    changes
}

/// Takes the greatest time stamp out of all reports that have it.
fn common_time(changed: &mut Reports) -> Option<Value> {
    let times = changed.values().filter_map(|report| report.get("timestamp")?.as_f64());
    let time = json!(times.max_by(f64::total_cmp)?);
    for report in changed.values_mut() {
        if report.get("timestamp") == Some(&time) {
            report.shift_remove("timestamp");
        }
    }
    changed.retain(|_, report| !report.is_empty());
    Some(time)
}
