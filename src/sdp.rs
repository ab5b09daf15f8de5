//! Session descriptions (RFC 8866), as browsers make them (RFC 8829), and how two of them differ.
//!
//! Everything is read where it stands, from the text that a dump has: nothing is copied, nothing fails. A line that is
//! not what it should be is a line that says nothing. A section is read once for each question, so every answer costs a
//! pass over its bytes. Lines end at a line feed; carriage returns and blanks around them do not count.
//!
//! Limits: the first `SDP_SECTIONS_MAX` sections are seen.
mod attributes;
mod candidate;
mod compare;
mod description;
mod difference;
mod munged;
mod section;

pub use attributes::{Codec, Direction, Extension, Rid, Setup, Source};
pub use candidate::Candidate;
pub use compare::{Compared, Operation, compare};
pub use description::Description;
pub use munged::{Change, Weight, What, munged};
pub use section::{Media, Section, lines};

#[cfg(test)]
mod tests;
