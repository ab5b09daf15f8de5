//! How much memory the stories of a dump (states, rounds, candidates, calls of the page) may still take.
//!
//! It is shared by all connections: a dump may have ten of them, or ten thousand.
use crate::limits::VIEW_STORIES_BYTES_MAX;

/// See the head of the file.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    omitted: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            left: VIEW_STORIES_BYTES_MAX,
            omitted: 0,
        }
    }
}

/// What one thing takes besides its texts.
const THING_BYTES: usize = 200;

impl Budget {
    /// Whether there is room for one more thing with texts of so many bytes.
    pub fn takes(&mut self, text_bytes: usize) -> bool {
        let wanted = THING_BYTES + text_bytes;
        let fits = self.left >= wanted;
        match fits {
            true => self.left -= wanted,
            false => self.omitted += 1,
        }
        fits
    }

    /// Bytes that things have taken.
    pub fn used(&self) -> usize {
        VIEW_STORIES_BYTES_MAX - self.left
    }

    /// How many things found no room.
    pub fn omitted(&self) -> usize {
        self.omitted
    }
}
