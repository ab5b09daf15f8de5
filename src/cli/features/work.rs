//! The work on one page of rows: read each dump, extract, store, sync, and tell the rows.
//!
//! A failure is a text for an operator. Memory: the texts of a page that go to tables, and one extractor.
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Crc;

use crate::database::{Addition, Database, Lack, Lacking, LateFindings, Linked, RowRef};
use crate::disk;
use crate::dump::header::SIGNATURE;
use crate::dump::open::{OpenError, Plain};
use crate::erasure;
use crate::limits::{BACKFILL_LINE_BYTES_MAX, FEATURE_TABLES_BYTES_MAX, SCAN_BYTES_MAX};
use crate::spool::{Extracted, Missing, ToExtract, extracted};
use crate::storage::{ByteRange, Durability, Storage};

/// What the pages are worked on with.
pub struct Work<'a> {
    storage: &'a Storage,
    database: &'a Database,
    what: ToExtract,
    /// Where the text of one dump is until it is stored.
    folder: tempfile::TempDir,
}

/// What became of one dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It has what it lacked.
    Stored(Lack),
    /// It was erased, or its object removed, while its features were extracted.
    Gone,
}

/// Features that are stored, and not told yet.
struct Stored {
    blob_url: String,
    url: String,
    /// For tables; empty where it is too long for them.
    text: Arc<[u8]>,
    findings: Option<Result<String, Missing>>,
}

impl<'a> Work<'a> {
    /// # Errors
    /// No file can be made in the folder for such files.
    pub fn new(storage: &'a Storage, database: &'a Database, what: ToExtract) -> io::Result<Work<'a>> {
        Ok(Work {
            storage,
            database,
            what,
            folder: tempfile::tempdir()?,
        })
    }

    /// Does what is to be done for these rows. `tick` is called for each.
    pub fn page<'r>(&self, rows: &'r [Lacking], tick: &dyn Fn()) -> Vec<(&'r RowRef, Result<Done, String>)> {
        let stored: Vec<_> = rows
            .iter()
            .map(|lacking| {
                let stored = self.store(&lacking.row);
                tick();
                (lacking, stored)
            })
            .collect();
        let synced = self
            .sync()
            .map_err(|error| format!("the store cannot be synced: {error}"));
        let link = |lacking, stored: Result<Stored, String>| self.link(lacking, &synced.clone().and(stored)?);
        stored
            .into_iter()
            .map(|(lacking, stored)| (&lacking.row, link(lacking, stored)))
            .collect()
    }

    fn store(&self, row: &RowRef) -> Result<Stored, String> {
        let blob_url = row.blob_url.clone().ok_or("it has no object")?;
        let extracted = self.extract(&blob_url)?;
        let text = extracted.features.transpose().map_err(|missing| missing.to_string())?;
        let text = text.unwrap_or_default();
        let file = self.file();
        // A new file each time: a folder store may have linked the one before.
        let written = disk::create_anew(&file).and_then(|mut file| file.write_all(&text));
        written.map_err(|error| format!("{}: {error}", file.display()))?;
        let mut crc = Crc::new();
        crc.update(&text);
        let put = self.storage.put_features_of(&file, &blob_url, crc.sum());
        let url = put.map_err(|error| error.to_string())?;
        let is_short = text.len() as u64 <= FEATURE_TABLES_BYTES_MAX;
        Ok(Stored {
            blob_url,
            url: url.ok_or("the name of its object has no id, so that there is none for its features")?,
            text: if is_short { text.into() } else { Arc::default() },
            findings: extracted.findings,
        })
    }

    /// What packing would have made.
    fn extract(&self, blob_url: &str) -> Result<Extracted, String> {
        let content = self.storage.get(blob_url, ByteRange::ALL);
        let content = content.map_err(|error| error.to_string())?;
        let unread = |error: io::Error| format!("its object cannot be read: {error}");
        let plain = Plain::open(content).map_err(|error| match error {
            OpenError::Io(error) => unread(error),
            _ => NO_DUMP.to_owned(),
        })?;
        let plain = Bounded { plain, line: 0 };
        let mut plain = BufReader::with_capacity(SCAN_BYTES_MAX, plain);
        if !plain.fill_buf().map_err(unread)?.starts_with(SIGNATURE) {
            return Err(NO_DUMP.to_owned());
        }
        extracted(&mut plain, &self.what).map_err(unread)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("features.json")
    }

    /// Makes durable what the store has taken since the last time.
    fn sync(&self) -> io::Result<()> {
        let folder: Option<&Path> = self.storage.synced_directory();
        match folder.filter(|_| self.storage.durability() == Durability::WithSync) {
            Some(folder) => disk::sync_whole(&File::open(folder)?, folder),
            None => Ok(()),
        }
    }

    fn link(&self, lacking: &Lacking, stored: &Stored) -> Result<Done, String> {
        let blob_url = &stored.blob_url;
        let missing = |missing: &Missing| missing.to_string();
        let findings = stored.findings.as_ref().map(|found| found.as_ref().map_err(missing));
        let addition = Addition {
            features_url: &stored.url,
            features: &stored.text,
            findings: match &findings {
                None => LateFindings::Unasked,
                Some(Ok(object)) => LateFindings::Found(object),
                Some(Err(reason)) => LateFindings::Missing(reason),
            },
        };
        match self.database.complete(&lacking.row, &addition) {
            Ok(Linked::Done) => match &findings {
                Some(Err(reason)) => Err(format!("it has features and no findings: {reason}")),
                _ => Ok(Done::Stored(lacking.what)),
            },
            Ok(Linked::Gone) => match erasure::remove_features(self.storage, blob_url) {
                Ok(()) => Ok(Done::Gone),
                Err(error) => Err(format!("it was erased meanwhile, and its features cannot be: {error}")),
            },
            Err(error) => Err(error.to_string()),
        }
    }
}

const NO_DUMP: &str = "its object is no dump";

/// Refuses lines that are too long to be held.
struct Bounded<R> {
    plain: R,
    /// So many bytes of the present line were read.
    line: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.plain.read(buffer)?;
        self.line = match memchr::memrchr(b'\n', &buffer[..count]) {
            Some(end) => count - end - 1,
            None => self.line + count,
        };
        match self.line > BACKFILL_LINE_BYTES_MAX {
            true => Err(io::Error::other("a line of it is longer than 64 MiB")),
            false => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_not_held() {
        let read = |input: &mut dyn Read| io::copy(&mut Bounded { plain: input, line: 0 }, &mut io::sink());
        let length = 2 * BACKFILL_LINE_BYTES_MAX as u64;
        assert!(read(&mut io::repeat(b'a').take(length)).is_err());
        assert_eq!(read(&mut io::repeat(b'\n').take(length)).ok(), Some(length));
    }
}
