//! Where bytes of many growing texts go that do not fit into memory.
//!
//! Each text is a chain of chunks, each of which says where the one before it is. So what is kept in memory for a text
//! is one number, however long it grows. Failures: those of the room that was lent.
use std::io::{self, Read, Seek, SeekFrom, Write};

/// What can be written to, and read at any place: a file without a name, or a `Cursor`.
pub trait Room: Read + Write + Seek {}

impl<T: Read + Write + Seek> Room for T {}

/// Makes a room when the first chunk has to go there.
pub type Lend = Box<dyn FnOnce() -> io::Result<Box<dyn Room>>>;

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

const HEADER_BYTES: usize = 12;

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

    /// Appends a chunk to a chain.
    ///
    /// # Errors
    /// Those of the room.
    pub fn append(&mut self, chain: &mut Chain, chunk: &[u8]) -> io::Result<()> {
        self.unwritten.extend_from_slice(&chain.0.to_le_bytes());
        self.unwritten
            .extend_from_slice(&u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_le_bytes());
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

    /// All bytes of a chain, in the order in which they came.
    ///
    /// # Errors
    /// Those of the room.
    pub fn read(&mut self, chain: Chain) -> io::Result<Vec<u8>> {
        if !self.unwritten.is_empty() {
            self.write()?;
        }
        let mut chunks = Vec::new();
        let mut at = chain.0;
        while let Some(room) = self.room.as_mut().filter(|_| at > 0) {
            room.seek(SeekFrom::Start(at - HEADER_BYTES as u64))?;
            let (mut before, mut length) = ([0; 8], [0; 4]);
            room.read_exact(&mut before)?;
            room.read_exact(&mut length)?;
            let mut chunk = vec![0; u32::from_le_bytes(length) as usize];
            room.read_exact(&mut chunk)?;
            chunks.push(chunk);
            at = u64::from_le_bytes(before);
        }
        chunks.reverse();
        Ok(chunks.concat())
    }
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Spill")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
