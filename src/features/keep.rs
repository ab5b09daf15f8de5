//! The parts of a dump that features keep: copied once, each of limited length, and all of them together too.
//!
//! A value that is too long, or comes after the memory for all of them has been used up, counts as missing. How many
//! those were is counted, as is everything else that a limit has left out, so that the result can say so.
use crate::dump::json::{Json, Kind, Text};
use crate::limits::{
    FEATURE_STREAMS_TOTAL_MAX, FEATURE_TEXT_BYTES_MAX, FEATURE_TEXT_OVERHEAD_BYTES, FEATURE_TRACKS_TOTAL_MAX,
    FEATURE_VALUE_BYTES_MAX,
};

/// The text of one JSON value of a dump. Strings are written canonically; what is not Unicode has become U+FFFD.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept(Box<str>);

impl Kept {
    pub fn json(&self) -> &str {
        &self.0
    }

    /// Whether it is this string, which has no character that JSON would escape.
    pub fn is(&self, text: &str) -> bool {
        self.inside() == Some(text.as_bytes())
    }

    /// Whether it is the same string.
    pub fn is_text(&self, text: Text<'_>) -> bool {
        self.inside() == Some(&text.canonical())
    }

    /// The inside of a string, in the way of writing that equal strings share.
    pub fn inside(&self) -> Option<&[u8]> {
        match self.0.as_bytes() {
            [b'"', inside @ .., b'"'] => Some(inside),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }
}

/// The inside of a string by which something is found again, in the way of writing that equal strings share.
pub type Id = Box<[u8]>;

/// Keeps values within the limits, for all connections of one dump.
#[derive(Debug)]
pub struct Keeper {
    left: usize,
    tracks_left: usize,
    streams_left: usize,
    omitted: u32,
}

impl Default for Keeper {
    fn default() -> Self {
        Keeper {
            left: FEATURE_TEXT_BYTES_MAX,
            tracks_left: FEATURE_TRACKS_TOTAL_MAX,
            streams_left: FEATURE_STREAMS_TOTAL_MAX,
            omitted: 0,
        }
    }
}

impl Keeper {
    /// A copy of the value, such that every reader of JSON can read it: halves of surrogate pairs become U+FFFD, and a
    /// value with a number beyond all doubles is none.
    pub fn value(&mut self, json: Json<'_>) -> Option<Kept> {
        match json.kind() {
            Kind::String => self.string(json),
            Kind::Null | Kind::Bool => self.text(&String::from_utf8_lossy(json.raw())),
            Kind::Number => {
                json.as_f64().filter(|number| number.is_finite())?;
                self.text(&String::from_utf8_lossy(json.raw()))
            }
            Kind::Array | Kind::Object => {
                let is_read = |text: &Kept| serde_json::from_str::<serde_json::Value>(text.json()).is_ok();
                self.text(&String::from_utf8_lossy(json.raw())).filter(is_read)
            }
        }
    }

    /// A copy of the value if it is a string.
    pub fn string(&mut self, json: Json<'_>) -> Option<Kept> {
        let characters = json.as_text()?.to_str();
        self.text(&format!("\"{}\"", String::from_utf8_lossy(&Text::escaped(&characters))))
    }

    /// A copy of a string to look it up by.
    pub fn id(&mut self, text: Text<'_>) -> Option<Id> {
        let id = text.canonical();
        self.room(id.len()).then(|| id.into())
    }

    /// This JSON text, if there is room for it.
    pub fn text(&mut self, text: &str) -> Option<Kept> {
        self.room(text.len()).then(|| Kept(text.into()))
    }

    /// Takes the room for a text of this length, if there is any.
    fn room(&mut self, bytes: usize) -> bool {
        let taken = bytes.saturating_add(FEATURE_TEXT_OVERHEAD_BYTES);
        let fits = bytes <= FEATURE_VALUE_BYTES_MAX && taken <= self.left;
        if fits {
            self.left -= taken;
        } else {
            self.omit();
        }
        fits
    }

    /// Something is left out because there is too much of it.
    pub fn omit(&mut self) {
        self.omitted = self.omitted.saturating_add(1);
    }

    /// How often something was left out.
    pub fn omitted(&self) -> u32 {
        self.omitted
    }

    /// Gives room back for what has been replaced.
    pub fn release(&mut self, kept: &Kept) {
        self.left += kept.0.len() + FEATURE_TEXT_OVERHEAD_BYTES;
    }

    /// Whether there may be another track in the dump.
    pub fn track(&mut self) -> bool {
        take(&mut self.tracks_left)
    }

    /// Whether there may be another stream in the dump.
    pub fn stream(&mut self) -> bool {
        take(&mut self.streams_left)
    }
}

fn take(left: &mut usize) -> bool {
    let has = *left > 0;
    *left -= usize::from(has);
    has
}

#[cfg(test)]
mod tests;
