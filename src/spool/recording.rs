//! Appends the lines of one live session to its file, and seals it.
//!
//! Runs on the loop thread. It opens, writes, renames and, after a short write, truncates; it never syncs or parses.
//! The first append makes the file, with head and lines in one write, so that a session without a message leaves
//! nothing. What cannot be written (disk full, no descriptor) is kept here, the file is cut back to whole lines, and
//! the caller stops reading that session's socket until `retry` succeeds. So the memory is bounded by the input of one
//! turn.

use std::fs::File;
use std::io::{self, Write};

use super::files::Kind;
use super::place::Place;
use crate::disk;
use crate::dump::header::{Close, write_close};
use crate::fault::{self, Broken};
use crate::id::Id;
use crate::limits::INTERRUPTIONS_MAX;
use crate::time::UnixMs;

/// The dump of one live session.
#[derive(Debug)]
pub struct Recording {
    id: Id,
    file: Option<File>,
    /// Bytes that are not in the file yet: the head before the first message, lines after a failed write.
    pending: Vec<u8>,
    /// The length of the part of the file that is known to hold whole lines only.
    length: u64,
    messages: u64,
    started: UnixMs,
    /// The time of the last message, before that the time of the start.
    last_message: UnixMs,
    /// The file may be longer than `length` by a torn line, because it could not be cut back.
    torn: bool,
    /// The closing line is in the file; only the rename has still to be done.
    closed: bool,
}

/// The figures of a finished recording, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub id: Id,
    pub messages: u64,
    /// Length of the sealed file in bytes.
    pub bytes: u64,
    /// From the upgrade to the seal.
    pub duration_ms: u64,
}

/// A seal that has to wait: the disk has refused lines, which are still in memory.
#[derive(Debug)]
pub struct Unsealed {
    pub recording: Recording,
    pub error: io::Error,
}

impl Recording {
    /// Prepares a recording; nothing is on disk before the first append. `head` is the dump's first two lines.
    pub fn new(head: Vec<u8>, now: UnixMs) -> Recording {
        let id = Id::new();
        Recording {
            id,
            file: None,
            pending: head,
            length: 0,
            messages: 0,
            started: now,
            last_message: now,
            torn: false,
            closed: false,
        }
    }

    pub fn id(&self) -> Id {
        self.id
    }

    /// Messages appended so far. Zero means that there is no file and nothing to seal.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Bytes of the dump so far, written or pending.
    pub fn bytes(&self) -> u64 {
        self.length + self.pending.len() as u64
    }

    /// Bytes that are only in memory.
    pub fn pending_bytes(&self) -> usize {
        self.pending.len()
    }

    /// Appends whole lines with one write. On an error the lines are kept and the recording is blocked.
    ///
    /// # Errors
    /// For the operator to solve: disk full, quota, descriptors, an I/O error.
    pub fn append(&mut self, place: &Place, lines: &[u8], messages: u64, now: UnixMs) -> io::Result<()> {
        self.messages += messages;
        self.last_message = now;
        if self.pending.is_empty() {
            self.write(place, lines)
        } else {
            self.pending.extend_from_slice(lines);
            self.retry(place)
        }
    }

    /// Keeps lines in memory for a later `retry`, for operators who chose to buffer (`spool.flush_interval`).
    pub fn buffer(&mut self, lines: &[u8], messages: u64, now: UnixMs) {
        self.messages += messages;
        self.last_message = now;
        self.pending.extend_from_slice(lines);
    }

    /// Writes what is pending.
    ///
    /// # Errors
    /// As for `append`; the recording stays blocked.
    pub fn retry(&mut self, place: &Place) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.write(place, &pending)
    }

    /// Appends the closing line and moves the dump to `ready`.
    ///
    /// The closing line may be lost because the disk is full (packing then adds one), but lines of the session may not
    /// be lost. If some are still pending, the recording is returned for another attempt.
    pub fn seal(mut self, place: &Place, code: u16, now: UnixMs) -> Result<Sealed, Unsealed> {
        if let Err(error) = self.retry(place) {
            return Err(Unsealed { recording: self, error });
        }
        if !self.closed {
            let close = self.closing_line(code, now);
            self.closed = self.write(place, &close).is_ok();
            self.pending = Vec::new();
        }
        let moved = match &self.file {
            Some(file) => place.seal(self.id, file),
            // Nothing was ever written.
            None => Err(io::ErrorKind::NotFound.into()),
        };
        match moved {
            Ok(()) => Ok(Sealed {
                id: self.id,
                messages: self.messages,
                bytes: self.length,
                duration_ms: now.0.saturating_sub(self.started.0),
            }),
            Err(error) => Err(Unsealed { recording: self, error }),
        }
    }

    fn closing_line(&self, code: u16, now: UnixMs) -> Vec<u8> {
        let mut line = Vec::with_capacity(96);
        let idle_ms = now.0.saturating_sub(self.last_message.0);
        write_close(&Close::of_session(code, idle_ms, now), &mut line);
        line.push(b'\n');
        line
    }

    /// Makes one write. What it did not write is kept in `pending`, and the file ends with a whole line again.
    fn write(&mut self, place: &Place, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        match self.write_once(place, lines) {
            Ok(written) if written == lines.len() => {
                self.length += written as u64;
                Ok(())
            }
            Ok(written) => Err(self.cut_back(lines, written)),
            Err(error) => {
                self.pending = lines.to_vec();
                // The call may have been done in part or as a whole, whatever it says.
                self.torn = true;
                Err(error)
            }
        }
    }

    fn write_once(&mut self, place: &Place, lines: &[u8]) -> io::Result<usize> {
        if self.file.is_none() {
            let path = place.path(Kind::Recording, self.id);
            self.file = Some(disk::open_to_append(&path)?);
            fault::point("open");
        }
        let mut file = self.file.as_ref().expect("the file was opened above");
        // The loop waits for this. What is interrupted again and again is tried later, like any other failure.
        for _ in 0..INTERRUPTIONS_MAX {
            if self.torn {
                disk::cut(file, self.length)?;
                self.torn = false;
            }
            match file.write(lines) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.torn = true,
                done => {
                    fault::point("write");
                    return done;
                }
            }
        }
        Err(io::ErrorKind::Interrupted.into())
    }

    /// After a short write: keeps the whole lines that were written, cuts the rest off the file, and remembers what is
    /// left.
    fn cut_back(&mut self, lines: &[u8], written: usize) -> io::Error {
        // As long as no message is in the file, part of a head is useless: all of it is written again.
        let whole = if self.length == 0 {
            None
        } else {
            memchr::memrchr(b'\n', &lines[..written])
        };
        let kept = whole.map_or(0, |end| end + 1);
        self.length += kept as u64;
        self.pending = lines[kept..].to_vec();
        if fault::is_broken(Broken::AppendsTwice) {
            self.pending.extend_from_slice(lines);
        }
        let file = self.file.as_ref().expect("a short write had a file");
        self.torn = !fault::is_broken(Broken::KeepsTornLine) && disk::cut(file, self.length).is_err();
        fault::point("cut");
        io::Error::new(io::ErrorKind::StorageFull, "short write")
    }
}

#[cfg(test)]
mod tests;
