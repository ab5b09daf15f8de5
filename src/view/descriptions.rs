//! The session descriptions of a dump, each text once, and how they differ.
//!
//! Beyond `VIEW_SDP_BYTES_MAX` of texts and `VIEW_DESCRIPTIONS_MAX` descriptions, further ones are left out and
//! counted; differences are worked out for the first `VIEW_DIFFS_MAX` pairs.
use std::collections::BTreeMap;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::call::Call;
use super::explanations::EXPLANATIONS;
use super::head::{self, Diff, DiffSection, number};
use crate::limits::{VIEW_DESCRIPTIONS_MAX, VIEW_DIFF_BYTES_MAX, VIEW_DIFFS_MAX, VIEW_SDP_BYTES_MAX};
use crate::sdp::{Operation, compare};

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Descriptions {
    texts: Vec<String>,
    by_text: HashMap<String, usize>,
    bytes: usize,
    all: Vec<Description>,
    pairs: Vec<(&'static str, usize, usize)>,
    omitted: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Local,
    Remote,
}

impl Side {
    pub fn name(self) -> &'static str {
        match self {
            Side::Local => "local",
            Side::Remote => "remote",
        }
    }
}

/// Whether the browser has made a description, or was given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Created,
    Set,
}

#[derive(Clone, Copy, Debug)]
pub struct Description {
    pub connection: usize,
    pub time: f64,
    pub side: Side,
    pub role: Role,
    /// RTCSdpType.
    pub kind: &'static str,
    text: usize,
    row: Option<usize>,
}

impl Description {
    pub fn new(connection: usize, call: &Call<'_>, side: Side, role: Role, kind: &'static str) -> Description {
        Description {
            connection,
            time: call.time,
            side,
            role,
            kind,
            text: 0,
            row: call.row,
        }
    }
}

impl Descriptions {
    /// Adds a description. `None` if there are too many.
    pub fn add(&mut self, mut description: Description, text: String) -> Option<usize> {
        let known = self.by_text.get(&text).copied();
        let fits = known.is_some() || self.bytes + text.len() <= VIEW_SDP_BYTES_MAX;
        if self.all.len() >= VIEW_DESCRIPTIONS_MAX || !fits {
            self.omitted += 1;
            return None;
        }
        description.text = known.unwrap_or_else(|| {
            self.bytes += text.len();
            self.by_text.insert(text.clone(), self.texts.len());
            self.texts.push(text);
            self.texts.len() - 1
        });
        self.all.push(description);
        Some(self.all.len() - 1)
    }

    /// Asks how one differs from another.
    pub fn compare(&mut self, kind: &'static str, from: usize, to: usize) {
        if self.pairs.len() < VIEW_DIFFS_MAX {
            self.pairs.push((kind, from, to));
        }
    }

    /// Bytes of all texts.
    pub fn text_bytes(&self) -> usize {
        self.bytes
    }

    pub fn text(&self, index: usize) -> &str {
        self.all
            .get(index)
            .and_then(|one| self.texts.get(one.text))
            .map_or("", |text| text)
    }

    /// `rows` are the places of the rows of events.
    pub fn finish(self, rows: &[usize]) -> head::Sdp {
        let mut bytes = 0;
        let mut diffs = Vec::new();
        for (kind, from, to) in &self.pairs {
            if bytes < VIEW_DIFF_BYTES_MAX {
                let diff = diff(kind, *from, *to, self.text(*from), self.text(*to));
                bytes += self.text(*from).len() + self.text(*to).len();
                diffs.push(diff);
            }
        }
        let explanations = explanations(&self.texts);
        let descriptions = self.all.iter().map(|one| head::Description {
            connection: one.connection,
            time: number(one.time),
            side: one.side.name(),
            role: if one.role == Role::Created { "created" } else { "set" },
            kind: one.kind,
            text: one.text,
            event: one.row.and_then(|row| rows.get(row).copied()),
        });
        head::Sdp {
            descriptions: descriptions.collect(),
            texts: self.texts,
            omitted: self.omitted,
            diffs,
            explanations,
        }
    }
}

fn diff(kind: &'static str, from: usize, to: usize, before: &str, after: &str) -> Diff {
    let operation = |operation: &Operation<'_>| match operation {
        Operation::Equal(lines) => json!(["=", lines]),
        Operation::Removed(lines) => list("-", lines),
        Operation::Added(lines) => list("+", lines),
    };
    let sections = compare(before, after);
    let sections = sections.iter().map(|section| DiffSection {
        mid: section.mid.map(str::to_owned),
        to: section.to,
        title: section.title.to_owned(),
        operations: section.operations.iter().map(operation).collect(),
    });
    Diff {
        kind,
        from,
        to,
        sections: sections.collect(),
    }
}

fn list(sign: &str, lines: &[&str]) -> Value {
    std::iter::once(sign)
        .chain(lines.iter().copied())
        .collect::<Vec<&str>>()
        .into()
}

/// Of the attributes that these texts have.
fn explanations(texts: &[String]) -> BTreeMap<&'static str, &'static str> {
    let has = |name: &str| {
        let wanted = match name.len() {
            1 => format!("{name}="),
            _ => format!("a={name}"),
        };
        texts
            .iter()
            .any(|text| text.lines().any(|line| line.starts_with(&wanted)))
    };
    EXPLANATIONS.iter().copied().filter(|(name, _)| has(name)).collect()
}
