//! A description as a whole: where its sections begin.
use super::section::Section;
use crate::limits::SDP_SECTIONS_MAX;

/// A description: its session, and one section for each `m=`.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    text: &'a str,
}

impl<'a> Description<'a> {
    pub fn new(text: &'a str) -> Description<'a> {
        Description { text }
    }

    /// What stands before the first `m=`, and holds for all sections that say nothing else.
    pub fn session(self) -> Section<'a> {
        Section::new(self.text.get(..self.begins(0)).unwrap_or_default())
    }

    /// Those that begin with `m=`, in their order.
    pub fn media(self) -> impl Iterator<Item = Section<'a>> {
        let mut at = self.begins(0);
        std::iter::from_fn(move || {
            let rest = self.text.get(at..).filter(|rest| !rest.is_empty())?;
            let end = self.begins(at + 1);
            let section = rest.get(..end - at)?;
            at = end;
            Some(Section::new(section))
        })
        .take(SDP_SECTIONS_MAX)
    }

    /// Of a section: what it says itself, else what the session says (RFC 8866, section 5.13).
    pub fn value(self, section: Section<'a>, attribute: &str) -> Option<&'a str> {
        section.value(attribute).or_else(|| self.session().value(attribute))
    }

    /// Where the first section at this place or behind it begins: the end of the text, if there is none.
    fn begins(self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        if from == 0 && bytes.starts_with(b"m=") {
            return 0;
        }
        let before = from.saturating_sub(1);
        let found = memchr::memmem::find(bytes.get(before..).unwrap_or_default(), b"\nm=");
        found.map_or(bytes.len(), |at| before + at + 1)
    }
}
