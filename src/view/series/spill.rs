//! Where bytes of many growing texts go that do not fit into memory.
//!
//! Each text is a chain of chunks, each of which says where the one before it is, and from where its changes go on. So
//! what is kept in memory for a text is one number, however long it grows, and a part of it can be read alone.
//! Failures: those of the room that was lent.
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::change::Place;

/// What can be written to, and read at any place: a file without a name, or a `Cursor`.
pub trait Room: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Room for T {}

/// Makes a room when the first chunk has to go there.
pub type Lend = Box<dyn FnOnce() -> io::Result<Box<dyn Room>> + Send>;

/// Lends a file without a name.
pub fn lend_file() -> Lend {
    Box::new(|| Ok(Box::new(tempfile::tempfile()?)))
}

/// See the head of the file.
#[derive(Default)]
pub struct Spill {
    lend: Option<Lend>,
    room: Option<Box<dyn Room>>,
    /// Of the room, with what is not written yet.
    length: u64,
    unwritten: Vec<u8>,
}

/// The end of a chain. The default is a chain without chunks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chain(u64);

/// Where the chunk before is, how long this one is, and the place: poll and value.
const HEADER_BYTES: usize = 8 + 4 + 4 + 8;

/// One write for many chunks.
const WRITE_BYTES: usize = 1 << 20;

impl Chain {
    /// Whether it has a chunk.
    pub fn is_some(self) -> bool {
        self.0 > 0
    }
}

impl Spill {
    pub fn new(lend: Lend) -> Spill {
        Spill {
            lend: Some(lend),
            ..Spill::default()
        }
    }

    /// Appends a chunk to a chain. Its changes go on from this place.
    ///
    /// # Errors
    /// Those of the room.
    pub fn append(&mut self, chain: &mut Chain, place: Place, chunk: &[u8]) -> io::Result<()> {
        self.unwritten.extend_from_slice(&chain.0.to_le_bytes());
        self.unwritten
            .extend_from_slice(&u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.unwritten.extend_from_slice(&place.poll().to_le_bytes());
        self.unwritten.extend_from_slice(&place.value().to_le_bytes());
        self.unwritten.extend_from_slice(chunk);
        self.length += (HEADER_BYTES + chunk.len()) as u64;
        // A chain is where the text of its last chunk begins; no text begins at 0.
        *chain = Chain(self.length - chunk.len() as u64);
        if self.unwritten.len() >= WRITE_BYTES {
            self.write()
        } else {
            Ok(())
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if let Some(lend) = self.lend.take() {
            self.room = Some(lend()?);
        }
        let Some(room) = &mut self.room else {
            return Err(io::ErrorKind::StorageFull.into());
        };
        room.seek(SeekFrom::Start(self.length - self.unwritten.len() as u64))?;
        room.write_all(&self.unwritten)?;
        self.unwritten.clear();
        Ok(())
    }

    /// The chunks of a chain that reach into these polls, in the order in which they came, and where the first begins.
    ///
    /// # Errors
    /// Those of the room.
    pub fn read(&mut self, chain: Chain, polls: &Range<u32>) -> io::Result<(Option<Place>, Vec<u8>)> {
        if !self.unwritten.is_empty() {
            self.write()?;
        }
        let (mut chunks, mut first) = (Vec::new(), None);
        let mut at = chain.0;
        while let Some(room) = self.room.as_mut().filter(|_| at > 0) {
            room.seek(SeekFrom::Start(at - HEADER_BYTES as u64))?;
            let (mut before, mut length, mut poll, mut value) = ([0; 8], [0; 4], [0; 4], [0; 8]);
            room.read_exact(&mut before)?;
            room.read_exact(&mut length)?;
            room.read_exact(&mut poll)?;
            room.read_exact(&mut value)?;
            let place = Place::new(u32::from_le_bytes(poll), f64::from_le_bytes(value));
            if place.poll() < polls.end {
                let mut chunk = vec![0; u32::from_le_bytes(length) as usize];
                room.read_exact(&mut chunk)?;
                chunks.push(chunk);
                first = Some(place);
            }
            if place.poll() <= polls.start {
                break;
            }
            at = u64::from_le_bytes(before);
        }
        chunks.reverse();
        Ok((first, chunks.concat()))
    }
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Spill")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
