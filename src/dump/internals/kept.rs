//! The text of a dump, kept where any part of it can be read again.
//!
//! What comes from a pipe or out of a compressed file cannot be read twice, and these dumps have to be. Small ones stay
//! in memory, larger ones go to a temporary file without a name, which is gone when the process is. Failures are the
//! file system's. A failure of the input is no failure here: what came before it is kept, and the error is handed out.
use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use crate::dump::steps;
use crate::limits::{INTERNALS_BYTES_MAX, INTERNALS_CHUNK_BYTES, INTERNALS_MEMORY_BYTES_MAX};

pub struct Kept {
    place: Place,
    length: u64,
}

enum Place {
    Memory(Vec<u8>),
    File(File),
}

/// Why a text is not whole.
#[derive(Debug)]
pub enum Cut {
    Input(io::Error),
    /// It is longer than `INTERNALS_BYTES_MAX`.
    TooLong,
}

impl Kept {
    /// Keeps everything that comes, behind what `begin` says came before.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn take(begin: &[u8], mut input: impl Read) -> io::Result<(Kept, Option<Cut>)> {
        let mut memory = begin.to_vec();
        let mut chunk = vec![0; INTERNALS_CHUNK_BYTES];
        let mut file = None;
        let mut length = memory.len() as u64;
        let cut = loop {
            let count = match input.read(&mut chunk) {
                Ok(0) => break None,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Some(Cut::Input(error)),
            };
            if length + count as u64 > INTERNALS_BYTES_MAX {
                break Some(Cut::TooLong);
            }
            length += count as u64;
            match &mut file {
                None if length <= INTERNALS_MEMORY_BYTES_MAX as u64 => memory.extend_from_slice(&chunk[..count]),
                None => {
                    let mut new = tempfile::tempfile()?;
                    new.write_all(&memory)?;
                    new.write_all(&chunk[..count])?;
                    memory = Vec::new();
                    file = Some(new);
                }
                Some(file) => file.write_all(&chunk[..count])?,
            }
        };
        let place = file.map_or(Place::Memory(memory), Place::File);
        Ok((Kept { place, length }, cut))
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// Fills the buffer from this offset on, as far as the text goes, and returns how far.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.length.saturating_sub(offset).min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..count];
        steps::count(count);
        match &self.place {
            _ if count == 0 => {}
            Place::Memory(bytes) => buffer.copy_from_slice(&bytes[offset as usize..][..count]),
            Place::File(file) => file.read_exact_at(buffer, offset)?,
        }
        Ok(count)
    }

    /// A part of the text.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn part(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut part = vec![0; (range.end.min(self.length).saturating_sub(range.start)) as usize];
        self.read_at(range.start, &mut part)?;
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An input that fails behind its text.
    struct Broken<'a>(&'a [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::InvalidData.into()),
                count => Ok(count),
            }
        }
    }

    #[test]
    fn parts_are_read_from_memory_and_from_a_file() {
        let long: Vec<u8> = (0..INTERNALS_MEMORY_BYTES_MAX + 100_000)
            .map(|at| (at % 251) as u8)
            .collect();
        for text in [&long[..100], &long] {
            let (kept, cut) = Kept::take(&text[..7], &text[7..]).unwrap();
            assert!(cut.is_none());
            assert_eq!(
                matches!(kept.place, Place::File(_)),
                text.len() > INTERNALS_MEMORY_BYTES_MAX
            );
            let end = text.len() as u64;
            assert_eq!(kept.length(), end);
            for range in [
                0..10,
                5..9,
                end - 3..end,
                end - 1..end + 100,
                end..end + 1,
                end + 5..end + 9,
            ] {
                let expected = text
                    .get(range.start as usize..range.end.min(end) as usize)
                    .unwrap_or_default();
                assert_eq!(kept.part(range).unwrap(), expected);
            }
        }
    }

    #[test]
    fn what_came_before_a_failure_is_kept() {
        let (kept, cut) = Kept::take(b"{", Broken(b"abc")).unwrap();
        assert!(matches!(cut, Some(Cut::Input(error)) if error.kind() == io::ErrorKind::InvalidData));
        assert_eq!(kept.part(0..9).unwrap(), b"{abc");
    }
}
