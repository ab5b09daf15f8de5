//! What of a dump was not read, and why.
//!
//! A reader goes on where it can, and says here what it left out. The first `NOTES_COUNT_MAX` notes are kept, and the
//! others are counted. Nothing of the dump's content is in them.
use std::fmt;

use crate::limits::{
    DUMP_CONNECTIONS_MAX, NESTING_LEVELS_MAX, NOTES_COUNT_MAX, PROPERTIES_NAMED_MAX, REPORTS_PER_EVENT_MAX,
};

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Notes {
    kept: Vec<Note>,
    others: u64,
}

/// One thing that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, counted from 1, in the uncompressed dump. For what ends the dump, the last line before it.
    pub line: u64,
    pub loss: Loss,
}

/// What was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The line is not JSON.
    NoJson,
    /// The line is nested more deeply than is read.
    Deep,
    /// The line is JSON, but no array.
    NoArray,
    /// The line is longer than is read; its length in bytes.
    LongLine(u64),
    /// The event has too many reports.
    Reports,
    /// The event belongs to a connection beyond the last that is kept apart.
    Connections,
    /// Reports have too many properties that the protocol does not know; how many were left out.
    Properties(u64),
    /// A power cut has destroyed what had been written here. What follows may belong elsewhere, and ends the dump.
    Hole,
    /// The file ends within a line.
    Torn,
    /// The compressed data are damaged or cut off, and the dump ends there.
    Damaged { compression: &'static str, why: String },
    /// The compressed data grow so much that they cannot be a dump's; the factor that is allowed.
    Bomb(u64),
    /// Something that is special to another format.
    Other(String),
}

impl Notes {
    pub fn push(&mut self, line: u64, loss: Loss) {
        // That the end is missing is told however much else there is. It can be said only once or twice.
        if self.kept.len() < NOTES_COUNT_MAX || loss.is_end() {
            self.kept.push(Note { line, loss });
        } else {
            self.others += 1;
        }
    }

    /// Adds something that has no line, in words.
    pub fn other(&mut self, words: impl Into<String>) {
        self.push(0, Loss::Other(words.into()));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.kept.iter()
    }

    /// How many there are beyond those that `iter` yields.
    pub fn others(&self) -> u64 {
        self.others
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether the end of the dump is missing.
    pub fn is_cut(&self) -> bool {
        self.kept.iter().any(|note| note.loss.is_end())
    }
}

impl Loss {
    /// Whether the dump ends here before its end.
    pub fn is_end(&self) -> bool {
        matches!(self, Loss::Hole | Loss::Torn | Loss::Damaged { .. } | Loss::Bomb(_))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Note { line, loss } = self;
        match loss {
            Loss::NoJson => write!(f, "line {line} is not JSON and was skipped"),
            Loss::Deep => write!(
                f,
                "line {line} is nested deeper than {NESTING_LEVELS_MAX} levels and was skipped"
            ),
            Loss::NoArray => write!(f, "line {line} is JSON, but no array, and was skipped"),
            Loss::LongLine(bytes) => write!(f, "line {line} is too long ({bytes} bytes) and was skipped"),
            Loss::Reports => write!(
                f,
                "line {line} has more than {REPORTS_PER_EVENT_MAX} reports and was skipped"
            ),
            Loss::Connections => write!(
                f,
                "line {line} belongs to one of more than {DUMP_CONNECTIONS_MAX} connections and was skipped"
            ),
            Loss::Properties(count) => write!(
                f,
                "{count} properties were left out: a report keeps {PROPERTIES_NAMED_MAX} that the protocol does not know"
            ),
            Loss::Hole => write!(
                f,
                "line {line} was destroyed by a power cut, and what follows was not read"
            ),
            Loss::Torn => write!(f, "the file ends within line {line}, which was skipped"),
            Loss::Damaged { compression, why } => {
                write!(
                    f,
                    "the {compression} data are damaged behind line {line}, and the dump ends there: {why}"
                )
            }
            Loss::Bomb(factor) => write!(
                f,
                "behind line {line} the compressed data grow to more than {factor} times their size, and were not read"
            ),
            Loss::Other(words) => f.write_str(words),
        }
    }
}
