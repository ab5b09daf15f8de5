//! Reads dumps: the head, then the events line by line, the closing line, and what a crash or a power cut has left of
//! them.
//!
//! The head comment of `dump` shows what a dump consists of. The caller hands in the bytes, uncompressed. They are read
//! once, in order, and memory is the longest line, whatever the dump's size. Two functions need only part of a dump:
//! `Reader::head` reads no more than the first two lines (and what its input buffers), and `Tail` looks at a dump from
//! its end. After the head nothing is refused: every byte belongs to exactly one line. Failures are the input's.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use memchr::{memchr_iter, memrchr};
use serde_json::{Map, Value};
use thiserror::Error;

use super::header::{CLOSE_BYTES_MAX, Close, HeaderError, SIGNATURE, Ticket, read_close, read_head};
use crate::limits::SCAN_BYTES_MAX;

/// One pass through a dump.
pub struct Reader<R> {
    input: R,
    line: Vec<u8>,
    /// Where the line begins in the input, and where the next one does.
    begin: u64,
    end: u64,
}

/// The first two lines.
#[derive(Debug)]
pub struct Head {
    /// Without the ticket.
    pub metadata: Map<String, Value>,
    pub ticket: Option<Ticket>,
    /// How the second line ends. Only other programs write it without a line feed; in the spool, such a line is torn.
    pub end: LineEnd,
    /// The length of both lines, in bytes.
    pub length: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    Feed,
    /// The file ends here.
    Missing,
}

/// Why a file does not begin as a dump does. It says nothing about its content.
#[derive(Debug, Error)]
pub enum HeadError {
    #[error("the first line is not RTCStatsDump")]
    Signature,
    /// As far as the file goes, it is right.
    #[error("the file ends within the first line")]
    TornSignature,
    #[error(transparent)]
    Metadata(#[from] HeaderError),
    #[error("the file ends before the metadata does")]
    TornMetadata,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A line after the head.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it begins, in bytes from the beginning of the dump.
    pub offset: u64,
    pub content: Content<'a>,
}

/// What a line is. The text is without the line feed.
#[derive(Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A message, whatever it looks like, even if it reads like a closing line.
    Event(&'a [u8]),
    /// A whole line in which a power cut destroyed what had been written. What follows may be older or have been
    /// written later.
    Hole(&'a [u8]),
    /// The closing line with its seal. Only the last line of a file can be this.
    Close(Close),
    /// The end of a file without a line feed: the write was cut short, or another program wrote none.
    Torn(&'a [u8]),
}

impl<R: BufRead> Reader<R> {
    /// `input` is at the beginning of a dump. Its buffer decides how much is read at a time.
    pub fn new(input: R) -> Self {
        Reader {
            input,
            line: Vec::new(),
            begin: 0,
            end: 0,
        }
    }

    /// Reads the first two lines. Called once, before everything else. Of a file that is not a dump, no more is read
    /// than the length of a signature.
    ///
    /// # Errors
    /// See `HeadError`. The reader cannot be used then.
    pub fn head(&mut self) -> Result<Head, HeadError> {
        let mut signature = self.input.by_ref().take(SIGNATURE.len() as u64);
        self.end = signature.read_to_end(&mut self.line)? as u64;
        if self.line != SIGNATURE {
            return Err(if SIGNATURE.starts_with(&self.line) {
                HeadError::TornSignature
            } else {
                HeadError::Signature
            });
        }
        let end = self.read()?.unwrap_or(LineEnd::Missing);
        match (read_head(&self.line), end) {
            (Ok((metadata, ticket)), end) => Ok(Head {
                metadata,
                ticket,
                end,
                length: self.end,
            }),
            (Err(_), LineEnd::Missing) => Err(HeadError::TornMetadata),
            (Err(error), LineEnd::Feed) => Err(error.into()),
        }
    }

    /// The next line after the head, or `None` at the end.
    ///
    /// # Errors
    /// The input's.
    pub fn line(&mut self) -> io::Result<Option<Line<'_>>> {
        let Some(end) = self.read()? else {
            return Ok(None);
        };
        let close = read_close(&self.line).filter(|_| end == LineEnd::Feed);
        let close = match close {
            Some(close) if self.input.fill_buf()?.is_empty() => Some(close),
            _ => None,
        };
        let text = &self.line[..];
        let content = match (end, close) {
            (LineEnd::Missing, _) => Content::Torn(text),
            (LineEnd::Feed, Some(close)) => Content::Close(close),
            (LineEnd::Feed, None) if has_hole(text, self.begin) => Content::Hole(text),
            (LineEnd::Feed, None) => Content::Event(text),
        };
        let offset = self.begin;
        Ok(Some(Line { offset, content }))
    }

    /// Reads on to the end, as is done after a hole. Returns the closing line, if the last whole line is one.
    ///
    /// # Errors
    /// The input's.
    pub fn close(&mut self) -> io::Result<Option<Close>> {
        let mut close = None;
        while let Some(LineEnd::Feed) = self.read()? {
            close = read_close(&self.line);
        }
        Ok(close)
    }

    /// Whose dump it is. Called instead of everything else, also for damaged dumps: the first line may be anything.
    pub fn ticket(mut self) -> Option<Ticket> {
        self.read().ok()?;
        self.read().ok()?;
        read_head(&self.line).ok()?.1
    }

    /// The text of the last line, without its line feed.
    pub fn text(&self) -> &[u8] {
        &self.line
    }

    pub fn input(&mut self) -> &mut R {
        &mut self.input
    }

    /// Reads the next line, without its line feed.
    fn read(&mut self) -> io::Result<Option<LineEnd>> {
        self.line.clear();
        let length = self.input.read_until(b'\n', &mut self.line)?;
        (self.begin, self.end) = (self.end, self.end + length as u64);
        Ok(match self.line.pop_if(|last| *last == b'\n') {
            Some(_) => Some(LineEnd::Feed),
            None if length > 0 => Some(LineEnd::Missing),
            None => None,
        })
    }
}

/// A line never contains zeros of its own (`event`). A lost block has many of them, or one at its edge. A single zero
/// elsewhere is a damaged bit, and no reason to give up the rest of the dump.
fn has_hole(line: &[u8], begin: u64) -> bool {
    memchr_iter(0, line).any(|at| {
        let offset = (begin + at as u64) % BLOCK_BYTES;
        line.get(at + 1) == Some(&0) || offset == 0 || offset == BLOCK_BYTES - 1
    })
}

/// What file systems write at once, or a divisor of it.
const BLOCK_BYTES: u64 = 4096;

/// A dump, looked at from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The length of its whole lines in bytes. What follows them is torn.
    pub whole: u64,
    /// The last whole line, if it is a closing line.
    pub close: Option<Close>,
}

impl Tail {
    /// Looks for the last line feed of a file of `length` bytes, from the back. The file's position afterwards is
    /// undefined.
    ///
    /// # Errors
    /// The file's, and `UnexpectedEof` if it is shorter.
    pub fn of(file: &mut (impl Read + Seek), length: u64) -> io::Result<Tail> {
        let whole = whole_length(file, length)?;
        // The line, its own line feed, and the one before.
        let start = whole.saturating_sub(CLOSE_BYTES_MAX as u64 + 2);
        let mut last = vec![0; (whole - start) as usize];
        read_at(file, start, &mut last)?;
        last.pop();
        let begin = memrchr(b'\n', &last).map_or(0, |at| at + 1);
        let close = read_close(&last[begin..]);
        Ok(Tail { whole, close })
    }
}

fn whole_length(file: &mut (impl Read + Seek), length: u64) -> io::Result<u64> {
    let mut buffer = vec![0; length.min(SCAN_BYTES_MAX as u64) as usize];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(SCAN_BYTES_MAX as u64);
        let chunk = &mut buffer[..(end - start) as usize];
        read_at(file, start, chunk)?;
        if let Some(at) = memrchr(b'\n', chunk) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn read_at(file: &mut (impl Read + Seek), start: u64, buffer: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(buffer)
}

#[cfg(test)]
mod tests;
