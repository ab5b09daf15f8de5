//! What `view --json` prints, asked for single values.

use serde_json::Value;

use crate::run::Place;

/// The data of one page.
pub struct Data {
    pub head: Value,
}

impl Data {
    pub fn of(place: &Place, arguments: &[&str]) -> Data {
        let told = place.run(&[&["view", "--json"], arguments].concat());
        Data::read(&told.out)
    }

    pub fn read(text: &str) -> Data {
        let head = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        Data { head }
    }

    pub fn list(&self, name: &str) -> &Vec<Value> {
        self.head[name]
            .as_array()
            .unwrap_or_else(|| panic!("{name} is no list"))
    }

    pub fn list_in(&self, part: &str, name: &str) -> &Vec<Value> {
        self.head[part][name]
            .as_array()
            .unwrap_or_else(|| panic!("{name} is no list"))
    }

    /// The polls that a thinned series has.
    pub fn sampled(&self, series: &Value) -> Vec<u64> {
        let connection = series["connection"].as_u64().expect("a place") as usize;
        let polls = &self.head["connections"][connection]["polls"]["sampled"]["values"];
        polls
            .as_array()
            .expect("polls")
            .iter()
            .map(|poll| poll.as_u64().expect("a poll"))
            .collect()
    }

    /// Asserts that a report of a poll is in the data, with each of its properties.
    pub fn has(&self, connection: usize, poll: usize, id: &str, report: &Value, name: &str) {
        let reports = self.head["connections"][connection]["reports"]
            .as_array()
            .expect("reports");
        let own = reports
            .iter()
            .find(|one| one["id"] == id)
            .unwrap_or_else(|| panic!("{name}: no report {id}"));
        assert_eq!(own["type"], report["type"].as_str().unwrap_or_default(), "{name}: {id}");
        for (property, sent) in report.as_object().expect("an object") {
            if matches!(property.as_str(), "type" | "timestamp" | "id") || sent.is_null() {
                continue;
            }
            for (property, sent) in flat(property, sent) {
                let kept = self
                    .value(own, &property, poll)
                    .unwrap_or_else(|| panic!("{name}: {id} has no {property}"));
                // Stands for the words of a value that has too many.
                let is_cut = kept == "(other)";
                assert!(
                    is_cut || is_near(&kept, &sent, 1e-6),
                    "{name}: {id} {property} at {poll}: {kept} is not {sent}"
                );
            }
        }
    }

    fn value(&self, report: &Value, property: &str, poll: usize) -> Option<Value> {
        if let Some(constant) = report["constants"].get(property) {
            return Some(constant.clone());
        }
        let series = report["series"]
            .as_array()?
            .iter()
            .map(|at| &self.head["series"][at.as_u64().expect("a place") as usize]);
        let series = series.into_iter().find(|series| series["property"] == property)?;
        let at = poll.checked_sub(series["first"].as_u64()? as usize)?;
        let value = series["values"].get(at)?;
        Some(match series.get("dictionary") {
            Some(words) => words[value.as_u64()? as usize].clone(),
            None => value.clone(),
        })
    }
}

/// A property, or the members of one that is an object.
fn flat(property: &str, sent: &Value) -> Vec<(String, Value)> {
    match sent.as_object() {
        Some(members) => members
            .iter()
            .map(|(name, sent)| (format!("{property}.{name}"), sent.clone()))
            .collect(),
        None => vec![(property.to_owned(), sent.clone())],
    }
}

/// Whether two values are the same; numbers may differ by this, or by the ninth digit. Words that are not strings are
/// kept as their JSON.
pub fn is_near(kept: &Value, sent: &Value, by: f64) -> bool {
    match (kept.as_f64(), sent.as_f64()) {
        (Some(kept), Some(sent)) => (kept - sent).abs() <= by.max(sent.abs() * 1e-7),
        _ => kept == sent || kept.as_str() == Some(sent.to_string().as_str()),
    }
}
