//! The connections of a dump and what is kept of each.
//!
//! 0 is the client itself; the others are numbered in the order of their first events. null, a missing name and
//! `"null"` mean the client, a string is a name, and anything else is named by its compact JSON text.
use std::borrow::Cow;
use std::collections::HashMap;

use super::description::Descriptions;
use crate::dump::json::{Json, Kind, Text};
use crate::dump::reports::Reports;
use crate::dump::steps;
use crate::limits::DUMP_CONNECTIONS_MAX;

pub struct Connections {
    by_name: HashMap<Box<[u8]>, usize>,
    kept: Vec<Kept>,
    /// The connections of some of the last events, and their names as they were sent: the next event is mostly about
    /// one of them.
    last: Vec<(Box<[u8]>, usize)>,
}

/// So many connections are found without a search.
const LAST: usize = 8;

/// What is kept of one connection.
#[derive(Default)]
pub struct Kept {
    pub reports: Reports,
    /// Only connections that negotiate have them.
    descriptions: Option<Box<Descriptions>>,
    /// What they took when they were counted last.
    described: usize,
    /// The name means several connections (Chrome before version 145).
    is_ambiguous: bool,
}

impl Kept {
    pub fn descriptions(&mut self) -> &mut Descriptions {
        let new = || Box::new(Descriptions::new(self.is_ambiguous));
        self.descriptions.get_or_insert_with(new)
    }

    /// Little follows, if anything, and nothing that could be completed. `described` counts descriptions that are kept.
    pub fn close(&mut self, described: Option<&mut usize>) {
        self.reports.rest();
        if let Some(all) = described {
            self.bound_descriptions(all, 0);
        }
    }

    /// Counts them anew. They are forgotten if all of a dump take more than `most`.
    pub fn bound_descriptions(&mut self, all: &mut usize, most: usize) {
        *all -= self.described;
        self.described = self
            .descriptions
            .as_ref()
            .map_or(0, |descriptions| descriptions.bytes());
        if *all + self.described > most {
            (self.descriptions, self.described) = (None, 0);
        }
        *all += self.described;
    }
}

/// There are too many.
#[derive(Debug)]
pub struct Full;

impl Default for Connections {
    fn default() -> Self {
        Connections {
            by_name: HashMap::new(),
            kept: vec![Kept::default()],
            last: Vec::new(),
        }
    }
}

impl Connections {
    /// The number of the connection that this element names.
    pub fn find(&mut self, sent: Json) -> Result<usize, Full> {
        steps::count(sent.raw().len());
        if let Some((_, index)) = self.last.iter().find(|(name, _)| **name == *sent.raw()) {
            return Ok(*index);
        }
        let name = name(sent);
        if *name == *b"null" {
            return Ok(0);
        }
        if let Some(index) = self.by_name.get(&*name) {
            let last = (sent.raw().into(), *index);
            match self.last.get_mut(index % LAST) {
                Some(old) => *old = last,
                None => self.last.push(last),
            }
            return Ok(*index);
        }
        if self.kept.len() == DUMP_CONNECTIONS_MAX {
            return Err(Full);
        }
        let index = self.kept.len();
        let is_ambiguous = *name == *b"undefined-undefined";
        self.kept.push(Kept {
            is_ambiguous,
            ..Kept::default()
        });
        self.by_name.insert(name.into(), index);
        Ok(index)
    }

    pub fn get(&self, index: usize) -> &Kept {
        &self.kept[index]
    }

    pub fn reports(&self, index: usize) -> Option<&Reports> {
        self.kept.get(index).map(|kept| &kept.reports)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }

    pub fn get_mut(&mut self, index: usize) -> &mut Kept {
        &mut self.kept[index]
    }
}

fn name(sent: Json<'_>) -> Cow<'_, [u8]> {
    match sent.kind() {
        Kind::String => sent.as_text().map_or(Cow::Borrowed(b""), Text::canonical),
        Kind::Number => number(sent),
        _ => compact(sent.raw()),
    }
}

/// As JavaScript prints it, for integers.
fn number(sent: Json<'_>) -> Cow<'_, [u8]> {
    match sent.as_f64() {
        Some(value) if value.trunc() == value && value.abs() < 1e15 => {
            Cow::Owned(format!("{}", value as i64).into_bytes())
        }
        _ => Cow::Borrowed(sent.raw()),
    }
}

/// Without the blanks between the tokens.
fn compact(raw: &[u8]) -> Cow<'_, [u8]> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    if !raw.iter().any(is_blank) {
        return Cow::Borrowed(raw);
    }
    let (mut literal, mut escaped) = (false, false);
    let keep = |byte: &&u8| {
        let keep = literal || !is_blank(byte);
        literal ^= **byte == b'"' && !escaped;
        escaped = literal && **byte == b'\\' && !escaped;
        keep
    };
    Cow::Owned(raw.iter().filter(keep).copied().collect())
}
