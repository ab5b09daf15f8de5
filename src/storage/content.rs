//! What `get` gives: the bytes of a stored object, as they come.
//!
//! Nothing is held but what the source buffers. It may stop in the middle: a read then fails with words for the
//! operator, and is never a short object. Limit: a range that begins behind the object's end has no bytes.
use std::fmt;
use std::io::{self, Read};

/// Which bytes of an object are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// How many are left out at the beginning.
    pub from: u64,
    /// How many follow at most; `None` for all.
    pub length: Option<u64>,
}

impl ByteRange {
    /// The whole object.
    pub const ALL: ByteRange = ByteRange { from: 0, length: None };

    /// How many bytes of an object of `whole` bytes these are.
    pub(super) fn within(self, whole: u64) -> u64 {
        let behind = whole.saturating_sub(self.from);
        self.length.map_or(behind, |length| length.min(behind))
    }
}

/// The bytes of an object.
pub struct Content {
    length: Option<u64>,
    source: Box<dyn Read + Send>,
}

impl Content {
    pub(super) fn new(length: Option<u64>, source: impl Read + Send + 'static) -> Content {
        Content {
            length,
            source: Box::new(source),
        }
    }

    /// How many bytes will come, if the source says so.
    pub fn length(&self) -> Option<u64> {
        self.length
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({:?} bytes)", self.length)
    }
}
