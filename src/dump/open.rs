//! Opens a dump as it is found in the field: plain or compressed, whole or damaged.
//!
//! What it is is decided by content. Events are read one by one, and memory does not grow with the dump, apart from
//! what `decode` keeps. What cannot be read is skipped, and `notes` says so; only an input that fails ends with an
//! error. Files that are no dump, and the versions 1 and 2 of the format, are refused with what was found.
mod compression;
mod lines;

use std::io::{self, BufReader, Chain, Cursor, Read};
use std::rc::Rc;

use serde_json::{Map, Value};
use thiserror::Error;

use compression::{Decompressed, Fault, Shared};
use lines::Shortened;

use super::decode::{Decoded, Decoder, Event, LineError};
use super::header::{FILE_FORMAT, SIGNATURE, write_close};
use super::notes::{Loss, Notes};
use super::reader::{Content, HeadError, Reader};
use super::reports::Reports;
use crate::limits::{DUMP_LINE_BYTES_MAX, DUMP_RATIO_MAX, SCAN_BYTES_MAX};

pub use compression::Compression;

type Text<'a> = Shortened<BufReader<Chain<Cursor<Vec<u8>>, Decompressed<'a>>>>;

/// A dump that is being read.
pub struct Dump<'a> {
    reader: Reader<Text<'a>>,
    decoder: Decoder,
    shared: Rc<Shared>,
    compression: Compression,
    metadata: Map<String, Value>,
    /// It lies in a spool: its server has noted there whose it is.
    is_spooled: bool,
    line: u64,
    /// The closing line in its stored form.
    close: Vec<u8>,
    notes: Notes,
    is_at_end: bool,
}

/// Why a file is not read at all.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("this is a dump of version {0}; version {FILE_FORMAT} can be read")]
    Version(u64),
    #[error("this is no dump: {0}")]
    NoDump(String),
    #[error("this is no dump: {0}")]
    Head(HeadError),
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The input has failed.
#[derive(Debug, Error)]
#[error("cannot be read any further: {0}")]
pub struct ReadError(#[from] io::Error);

/// How many bytes of a file, and of its text, decide what it is.
const HEAD_BYTES: usize = 4096;

impl<'a> Dump<'a> {
    /// Opens a dump and reads its metadata.
    ///
    /// # Errors
    /// See `OpenError`.
    pub fn open(input: impl Read + 'a) -> Result<Dump<'a>, OpenError> {
        let mut input: Box<dyn Read + 'a> = Box::new(input);
        let head = head_of(&mut input)?;
        let compression = Compression::of(&head, begins_like_a_dump);
        let (mut text, shared) = Decompressed::new(compression, Box::new(Cursor::new(head).chain(input)))?;
        let head = head_of(&mut text)?;
        check(&head, compression, shared.fault())?;
        let text = BufReader::with_capacity(SCAN_BYTES_MAX, Cursor::new(head).chain(text));
        let mut reader = Reader::new(Shortened::new(text, DUMP_LINE_BYTES_MAX));
        let head = reader.head().map_err(OpenError::Head)?;
        if let Some(version) = head.metadata.get("fileFormat").and_then(Value::as_u64)
            && version != u64::from(FILE_FORMAT)
        {
            return Err(OpenError::Version(version));
        }
        Ok(Dump {
            reader,
            decoder: Decoder::new(),
            shared,
            compression,
            metadata: head.metadata,
            is_spooled: head.ticket.is_some(),
            line: 2,
            close: Vec::new(),
            notes: Notes::default(),
            is_at_end: false,
        })
    }

    /// The next event. `None` at the end; then `notes` is complete.
    ///
    /// # Errors
    /// Those of the input. Nothing more can be read then.
    #[expect(
        clippy::should_implement_trait,
        reason = "an event borrows from the dump, which no iterator allows"
    )]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, ReadError> {
        let Some(decoded) = self.advance()? else {
            return Ok(None);
        };
        let line = if self.close.is_empty() {
            self.reader.text()
        } else {
            &self.close
        };
        Ok(Some(self.decoder.event(line, decoded)))
    }

    fn advance(&mut self) -> Result<Option<Decoded>, ReadError> {
        while !self.is_at_end {
            self.close.clear();
            let Some(line) = self.reader.line()? else { break };
            self.line += 1;
            let (text, is_torn) = match line.content {
                Content::Event(text) => (text, false),
                Content::Torn(text) => (text, true),
                Content::Close(close) => {
                    write_close(&close.stored(), &mut self.close);
                    (&self.close[..], false)
                }
                Content::Hole(_) if self.is_spooled => {
                    self.notes.push(self.line, Loss::Hole);
                    break;
                }
                Content::Hole(text) => (text, false),
            };
            let is_empty = text.is_empty();
            let decoded = self.decoder.decode(text);
            if let Some(length) = self.reader.input().take_long() {
                self.notes.push(self.line, Loss::LongLine(length));
                continue;
            }
            match decoded {
                Ok(Some(decoded)) => return Ok(Some(decoded)),
                Ok(None) if is_empty => {}
                Ok(None) => self.notes.push(self.line, Loss::NoArray),
                Err(LineError::NoJson) if is_torn => self.notes.push(self.line, Loss::Torn),
                Err(LineError::NoJson) => self.notes.push(self.line, Loss::NoJson),
                Err(LineError::Reports) => self.notes.push(self.line, Loss::Reports),
                Err(LineError::Connections) => self.notes.push(self.line, Loss::Connections),
            }
        }
        self.end();
        Ok(None)
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.is_at_end, true) {
            return;
        }
        let compression = self.compression.name();
        match self.shared.fault() {
            Some(Fault::Damaged(why)) => self.notes.push(self.line, Loss::Damaged { compression, why }),
            Some(Fault::Bomb) => self.notes.push(self.line, Loss::Bomb(DUMP_RATIO_MAX)),
            None => {}
        }
        if self.decoder.lost() > 0 {
            self.notes.push(self.line, Loss::Properties(self.decoder.lost()));
        }
    }

    /// The second line, as far as it is about the session.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The statistics of a connection as they are after the last event.
    pub fn reports(&self, connection: usize) -> Option<&Reports> {
        self.decoder.reports(connection)
    }

    /// The number of the line of the last event, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Bytes of the file that have been read, for a progress bar.
    pub fn read_bytes(&self) -> u64 {
        self.shared.read_bytes()
    }

    /// Bytes of text that have come out of the file.
    pub fn text_bytes(&self) -> u64 {
        self.shared.text_bytes()
    }

    /// What was not read so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }
}

/// The text of a file, whatever it is compressed with, for who masks it.
pub struct Plain<'a> {
    text: Decompressed<'a>,
    shared: Rc<Shared>,
    compression: Compression,
}

impl<'a> Plain<'a> {
    /// Looks at the first bytes.
    ///
    /// # Errors
    /// The input's.
    pub fn open(input: impl Read + 'a) -> io::Result<Plain<'a>> {
        let mut input: Box<dyn Read + 'a> = Box::new(input);
        let head = head_of(&mut input)?;
        let compression = Compression::of(&head, begins_like_a_dump);
        let (text, shared) = Decompressed::new(compression, Box::new(Cursor::new(head).chain(input)))?;
        Ok(Plain {
            text,
            shared,
            compression,
        })
    }
}

/// Damaged data are an error at their place, and so are those that grow beyond all measure.
impl Read for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        let name = self.compression.name();
        match self.shared.fault() {
            Some(Fault::Damaged(why)) if count == 0 => {
                Err(io::Error::other(format!("the {name} data are damaged: {why}")))
            }
            Some(Fault::Bomb) if count == 0 => Err(io::Error::other(format!(
                "the {name} data grow to more than {DUMP_RATIO_MAX} times their size"
            ))),
            _ => Ok(count),
        }
    }
}

/// The first bytes, as many as there are up to `HEAD_BYTES`.
fn head_of(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn begins_like_a_dump(text: &[u8]) -> bool {
    text.starts_with(SIGNATURE) || without_blanks(text).starts_with(b"{")
}

/// Without a byte order mark and blanks in front.
fn without_blanks(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start()
}

/// Refuses what is no dump.
fn check(head: &[u8], compression: Compression, fault: Option<Fault>) -> Result<(), OpenError> {
    let first = without_blanks(head)
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    // Versions 1 and 2 have no signature; their metadata are the first line, or the first member of one object.
    let old: Option<Map<String, Value>> = serde_json::from_slice(first).ok();
    if let Some(version) = old
        .as_ref()
        .and_then(|old| old.get("fileFormat"))
        .and_then(Value::as_u64)
    {
        return Err(OpenError::Version(version));
    }
    if SIGNATURE.starts_with(&head[..head.len().min(SIGNATURE.len())]) && !head.is_empty() {
        return Ok(());
    }
    let inside = match compression {
        Compression::None => String::new(),
        other => format!("{} data, in which ", other.name()),
    };
    let what = match (head, fault) {
        ([], None) => "it is empty".to_string(),
        ([], Some(Fault::Damaged(why))) => format!("nothing can be read: {why}"),
        _ => format!("it begins with \"{}\"", head[..head.len().min(40)].escape_ascii()),
    };
    Err(OpenError::NoDump(inside + &what))
}

#[cfg(test)]
mod tests;
