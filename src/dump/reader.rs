//! Reads dumps: the head, then line by line events, the closing line, and what a crash or a power cut has left of them.
//!
//! What a dump consists of is drawn at the head of `dump`. Whoever has the bytes hands them in, plain; they are read
//! once, in order, and memory is the longest line, whatever the dump's size. `Reader::head` reads no more than the
//! first two lines (and what its input buffers), `Tail` looks at a dump from its end, so that neither needs all of it.
//! Behind the head nothing is refused: every byte belongs to exactly one line. Failures are the input's.

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
    /// Where the line begins in the input, and where the next does.
    begin: u64,
    end: u64,
}

/// The first two lines.
#[derive(Debug)]
pub struct Head {
    /// Without the ticket.
    pub metadata: Map<String, Value>,
    pub ticket: Option<Ticket>,
    /// How the second line ends. Only other programs write it without a line feed; in the spool it is torn.
    pub end: LineEnd,
    /// Of both lines, in bytes.
    pub length: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    Feed,
    /// The file ends here.
    Missing,
}

/// Why a file does not begin as a dump does. Says nothing of its content.
#[derive(Debug, Error)]
pub enum HeadError {
    #[error("the first line is not RTCStatsDump")]
    Signature,
    /// It is as far as it goes.
    #[error("the file ends within the first line")]
    TornSignature,
    #[error(transparent)]
    Metadata(#[from] HeaderError),
    #[error("the file ends before the metadata does")]
    TornMetadata,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A line behind the head.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it begins, in bytes from the dump's begin.
    pub offset: u64,
    pub content: Content<'a>,
}

/// What a line is. Its text comes without the line feed.
#[derive(Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Whatever it looks like: a message that reads as a closing line is a message.
    Event(&'a [u8]),
    /// A whole line in which a power cut took what had been written. What follows is older or was written later.
    Hole(&'a [u8]),
    /// The closing line with its seal, which only the last line of a file can be.
    Close(Close),
    /// The end of a file that has no line feed: the write was cut short, or another program wrote none.
    Torn(&'a [u8]),
}

impl<R: BufRead> Reader<R> {
    /// `input` stands at the begin of a dump. Its buffer decides how much is read at a time.
    pub fn new(input: R) -> Self {
        Reader {
            input,
            line: Vec::new(),
            begin: 0,
            end: 0,
        }
    }

    /// Reads the first two lines; called once, before all else. Of what is no dump no more is read than a signature is
    /// long.
    ///
    /// # Errors
    /// See `HeadError`. The reader is of no use then.
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

    /// The next line behind the head, until there is none.
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

    /// Reads on to the end, as one does behind a hole; the closing line, if the last whole line is one.
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

    /// Whose dump it is, in place of all else, for who asks that of damaged dumps as well: the first line may be any.
    pub fn ticket(mut self) -> Option<Ticket> {
        self.read().ok()?;
        self.read().ok()?;
        read_head(&self.line).ok()?.1
    }

    /// Reads the next line without its end.
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

/// No line has zeros of its own (`event`). A block that was lost has many, or one at its edge; a single one elsewhere
/// is a bit that was lost, and no reason to give up the rest of the dump.
fn has_hole(line: &[u8], begin: u64) -> bool {
    memchr_iter(0, line).any(|at| {
        let offset = (begin + at as u64) % BLOCK_BYTES;
        line.get(at + 1) == Some(&0) || offset == 0 || offset == BLOCK_BYTES - 1
    })
}

/// What file systems write at once, or a divisor of it.
const BLOCK_BYTES: u64 = 4096;

/// A dump seen from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Length in bytes of its whole lines. What is behind them is torn.
    pub whole: u64,
    /// The last whole line, if it is a closing line.
    pub close: Option<Close>,
}

impl Tail {
    /// Looks for the last line feed of a file of `length` bytes, from the back; leaves the file's position anywhere.
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
