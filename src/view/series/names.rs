//! The names of properties and of reports, and the words of states.
use std::borrow::Cow;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::units::{self, Unit};
use crate::dump::json::Json;
use crate::limits::{VIEW_ID_BYTES_MAX, VIEW_WORD_BYTES_MAX, VIEW_WORDS_MAX};

/// The names of properties, each kept once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub names: Vec<(Box<str>, Unit)>,
    by_name: HashMap<Box<[u8]>, u32>,
}

/// The words of a state; its numbers are places in this list.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub words: Vec<String>,
    bytes: usize,
}

impl Words {
    /// The place of a word. Beyond the limits, all words are one. `room` is what the words of all series may still
    /// take.
    pub fn number(&mut self, value: Json<'_>, room: &mut usize) -> f64 {
        let text = super::super::words::short(value);
        let place = |text: &str| self.words.iter().position(|word| word == text);
        if let Some(at) = place(&text) {
            return at as f64;
        }
        let fits = self.words.len() < VIEW_WORDS_MAX && self.bytes + text.len() <= VIEW_WORD_BYTES_MAX;
        let text = if fits && *room >= text.len() {
            text
        } else {
            MANY.to_owned()
        };
        if let Some(at) = place(&text) {
            return at as f64;
        }
        self.bytes += text.len();
        *room = room.saturating_sub(text.len());
        self.words.push(text);
        (self.words.len() - 1) as f64
    }
}

/// Stands for the words of a value that has too many.
const MANY: &str = "(other)";

impl Names {
    pub fn find(&self, name: &[u8]) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    pub fn index(&mut self, name: &[u8], is_number: bool) -> Option<u32> {
        if let Some(index) = self.by_name.get(name) {
            return Some(*index);
        }
        if self.names.len() >= NAMES_MAX || name.len() > NAME_BYTES_MAX {
            return None;
        }
        let text = String::from_utf8_lossy(name);
        let unit = if is_number {
            units::of_number(&text)
        } else {
            units::WORDS
        };
        self.by_name.insert(name.into(), self.names.len() as u32);
        self.names.push((text.into(), unit));
        Some(self.names.len() as u32 - 1)
    }
}

/// Names of properties in one dump; the specification and Chromium have some 250.
const NAMES_MAX: usize = 4096;
const NAME_BYTES_MAX: usize = 200;

/// The id of a report as it is kept. One that is too long is cut, and has a hash of the whole, so that two stay two.
pub fn kept_id(id: &str) -> Cow<'_, str> {
    if id.len() <= VIEW_ID_BYTES_MAX {
        return Cow::Borrowed(id);
    }
    let hash = u64::from_be_bytes(Sha256::digest(id.as_bytes())[..8].try_into().unwrap_or_default());
    let begin = &id[..id.floor_char_boundary(VIEW_ID_BYTES_MAX / 2)];
    Cow::Owned(format!("{begin}…{hash:016x}"))
}
