//! Whether a log has the beginning of its call, or the page was opened in the middle of it.
//!
//! Then the browser writes the descriptions and states that it finds in one burst: a local description that nobody has
//! made, or a state as the first of several entries. Nothing fails here.
use super::kinds::Kind;

/// Events that are closer together are one burst.
const BURST_MS: f64 = 5.0;

/// Takes the entries of a log in the order of time, and says how it began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening {
    first: Option<First>,
    entries: u32,
    made: bool,
    late: bool,
}

#[derive(Clone, Copy, Debug)]
struct First {
    time: f64,
    begins: bool,
}

/// What an entry has for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A setLocalDescription like this makes its description itself.
    Nothing,
    Something,
}

impl Opening {
    /// `time` is in ms since 1970.
    pub fn add(&mut self, time: f64, kind: Option<&Kind>, content: Content) {
        let method = kind.map_or("", |kind| kind.method);
        let sets = method == "setLocalDescription";
        let is_implicit = sets && content == Content::Nothing;
        let begins = kind.is_none_or(Kind::begins_a_connection) || is_implicit;
        self.entries = self.entries.saturating_add(1);
        let first = *self.first.get_or_insert(First { time, begins });
        self.late |= self.entries == 2 && !first.begins && time - first.time <= BURST_MS;
        self.made |= method.starts_with("createOffer") || method.starts_with("createAnswer");
        self.late |= sets && !is_implicit && !self.made;
    }

    /// Whether the call had begun before the log did.
    pub fn is_late(&self) -> bool {
        self.late
    }
}
