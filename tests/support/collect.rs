//! Collects what a dump holds that must not leave: addresses and device labels. It shares neither code nor ideas with
//! the masking. It reads lines with serde_json, takes every word out of every string, and asks the standard library
//! whether the word is an address. It takes labels from the places where the protocol has them.
use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

/// Addresses by value and labels by text.
#[derive(Default)]
pub struct Personal {
    pub addresses: BTreeSet<IpAddr>,
    pub labels: BTreeSet<String>,
    pub users: BTreeSet<String>,
}

/// Every address in a text, word by word. A word ends at a character that no address contains. Of each word, first the
/// longest part between colons and dots is tried, then the parts after it, so that a port or a prefix does not hide an
/// address.
pub fn addresses(text: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for word in text.split(|c: char| !(c.is_ascii_hexdigit() || c == ':' || c == '.')) {
        if word.len() > 2_000 {
            continue;
        }
        let cuts: Vec<usize> = (0..=word.len()).filter(|i| is_cut(word, *i)).collect();
        let mut behind = 0;
        for (nth, start) in cuts.iter().enumerate() {
            if *start < behind {
                continue;
            }
            let longest = cuts[nth + 1..]
                .iter()
                .take(40)
                .rev()
                .find_map(|end| Some((end, word[*start..*end].parse().ok()?)));
            if let Some((end, address)) = longest {
                found.push(address);
                behind = *end;
            }
        }
    }
    found
}

fn is_cut(word: &str, at: usize) -> bool {
    let separator = |byte: Option<&u8>| byte.is_none_or(|b| matches!(b, b':' | b'.'));
    separator(word.as_bytes().get(at)) || (at == 0 || separator(word.as_bytes().get(at - 1)))
}

/// Addresses that are allowed by rule: loopback and unspecified ones.
pub fn names_nobody(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback() || address.is_unspecified()
}

impl Personal {
    pub fn of(line: &str) -> Personal {
        let mut personal = Personal::default();
        match serde_json::from_str(&replace_lone_surrogates(line)) {
            Ok(event) => {
                personal.names(&event);
                personal.walk(&event);
            }
            Err(_) => personal.text(line),
        }
        personal
    }

    fn text(&mut self, text: &str) {
        let fingerprint = |word: &str| word.len() >= 59 && word.split(':').all(|pair| pair.len() == 2);
        for word in text.split_whitespace().filter(|word| !fingerprint(word)) {
            self.addresses
                .extend(addresses(word).into_iter().filter(|address| !names_nobody(*address)));
        }
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(values) => values.iter().for_each(|value| self.walk(value)),
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                self.text(key);
                self.walk(value);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Labels and user names, from the places where the protocol has them.
    fn names(&mut self, event: &Value) {
        let method = event[0].as_str().map_or_else(|| event[0].to_string(), str::to_owned);
        match method.as_str() {
            "66" => {
                let devices = event[2].as_array().into_iter().flatten();
                self.labels
                    .extend(devices.filter_map(|device| device["label"].as_str().map(str::to_owned)));
            }
            "61" | "64" | "30" | "22" | "32" | "51" => self.tracks(&event[2]),
            "39" | "38" => {
                let servers = event[2]["iceServers"].as_array().into_iter().flatten();
                let names = servers.flat_map(|server| [&server["username"], &server["credential"]]);
                self.users
                    .extend(names.filter_map(|name| name.as_str().map(str::to_owned)));
            }
            _ => {}
        }
        self.labels.remove("");
    }

    fn tracks(&mut self, value: &Value) {
        let Some(values) = value.as_array() else { return };
        if let [Value::String(kind), Value::String(_), Value::String(label), ..] = &values[..]
            && (kind == "audio" || kind == "video")
        {
            self.labels.insert(label.clone());
        }
        values.iter().for_each(|value| self.tracks(value));
    }
}

/// serde_json refuses lone surrogates. It does not matter here where they are.
fn replace_lone_surrogates(line: &str) -> String {
    let mut out = line.to_owned();
    for (at, _) in line.match_indices("\\ud").chain(line.match_indices("\\uD")) {
        out.replace_range(at..at + 6, "\\ufffd");
    }
    out
}
