//! The packed file of a dump as a store reads it, compared with the check sum that packing wrote.
//!
//! After the put, nothing would notice that the disk has lost a bit. A store that only links the file reads nothing of
//! it.
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use flate2::Crc;

use super::error::StorageError;

/// Reads the file from its beginning to its end.
pub struct Source {
    file: File,
    read: Crc,
    /// The CRC-32 of the whole file (that of gzip, RFC 1952); `None` if it is not known.
    expected: Option<u32>,
}

impl Source {
    /// # Errors
    /// The file system's.
    pub fn open(file: &Path, expected: Option<u32>) -> io::Result<Source> {
        Ok(Source {
            file: File::open(file)?,
            read: Crc::new(),
            expected,
        })
    }

    /// # Errors
    /// The file system's.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Goes back to the beginning, for a try that reads it again.
    ///
    /// # Errors
    /// The file system's.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.read = Crc::new();
        self.file.rewind()
    }

    /// Compares the check sum. To be called after the whole file was read, and before what was read counts as stored.
    ///
    /// # Errors
    /// [`StorageError::Damaged`]
    pub fn verify(&self) -> Result<(), StorageError> {
        match self.expected {
            Some(expected) if expected != self.read.sum() => Err(StorageError::Damaged),
            _ => Ok(()),
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.update(&buffer[..count]);
        Ok(count)
    }
}
