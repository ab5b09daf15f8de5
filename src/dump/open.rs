//! Opens a dump as it is found in the field: plain or compressed, whole or damaged.
//!
//! What it is is decided by content. Events are read one by one, and memory does not grow with the dump, apart from
//! what `decode` keeps. What cannot be read is skipped, and `notes` says so; only an input that fails ends with an
//! error. Files that are no dump, and the versions 1 and 2 of the format, are refused with what was found.
mod compression;
mod imported;
mod recorded;

use std::io::{self, Cursor, Read};
use std::rc::Rc;

use serde_json::{Map, Value};
use thiserror::Error;

use compression::{Decompressed, Fault, Shared};
use imported::Imported;
use recorded::Recorded;

use super::decode::{Decoded, Event, Restore};
use super::header::{FILE_FORMAT, SIGNATURE};
use super::internals::{Export, Flags, Internals, InternalsError, is_export, is_origin};
use super::notes::{Loss, Notes};
use super::reader::HeadError;
use super::reports::Reports;
use crate::limits::DUMP_RATIO_MAX;

pub use compression::Compression;

/// A dump that is being read.
pub struct Dump<'a> {
    body: Body<'a>,
    shared: Rc<Shared>,
    compression: Compression,
    metadata: Map<String, Value>,
    notes: Notes,
    is_at_end: bool,
}

enum Body<'a> {
    Recorded(Box<Recorded<'a>>),
    Imported(Imported),
}

/// What `next` has found.
enum Turn {
    Line(Decoded),
    Imported,
}

/// Who has written a dump, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A client library, by way of a server.
    RtcStats,
    /// The page chrome://webrtc-internals.
    Internals,
    /// The browser, in the form of a client library.
    BrowserExport,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::RtcStats => "rtcstats",
            Format::Internals => "webrtc-internals",
            Format::BrowserExport => "chrome-rtcstats",
        }
    }
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
        Dump::open_of(input, None)
    }

    /// The same. If `origin` is given (`https://meet.example`), only what its pages did is read from a browser's dump,
    /// which has everything that the browser did. Dumps of client libraries are of one page.
    ///
    /// # Errors
    /// See `OpenError`.
    pub fn open_of(input: impl Read + 'a, origin: Option<&str>) -> Result<Dump<'a>, OpenError> {
        let mut input: Box<dyn Read + 'a> = Box::new(input);
        let head = head_of(&mut input)?;
        let compression = Compression::of(&head, begins_like_a_dump);
        let (mut text, shared) = Decompressed::new(compression, Box::new(Cursor::new(head).chain(input)))?;
        let head = head_of(&mut text)?;
        let imported = if without_blanks(&head).starts_with(b"{") && version_of(&head).is_none() {
            match Internals::open(&head, text, origin) {
                Ok(internals) => Imported::Internals(Box::new(internals)),
                Err(InternalsError::Other) => return Err(unknown(&head, compression, shared.fault())),
                Err(InternalsError::Io(error)) => return Err(error.into()),
            }
        } else if is_export(&head) {
            Imported::Export(Box::new(Export::open(&head, text, origin)?))
        } else {
            check(&head, compression, shared.fault())?;
            let (recorded, head) = Recorded::open(head, text).map_err(OpenError::Head)?;
            if let Some(version) = head.metadata.get("fileFormat").and_then(Value::as_u64)
                && version != u64::from(FILE_FORMAT)
            {
                return Err(OpenError::Version(version));
            }
            return Ok(Dump::of(
                Body::Recorded(Box::new(recorded)),
                head.metadata,
                compression,
                shared,
            ));
        };
        let metadata = imported.metadata(origin);
        Ok(Dump::of(Body::Imported(imported), metadata, compression, shared))
    }

    fn of(body: Body<'a>, metadata: Map<String, Value>, compression: Compression, shared: Rc<Shared>) -> Self {
        Dump {
            body,
            shared,
            compression,
            metadata,
            notes: Notes::default(),
            is_at_end: false,
        }
    }

    /// Chooses what is done with session descriptions that a client library has compressed. Called before the first
    /// event.
    pub fn restore(&mut self, how: Restore) {
        if let Body::Recorded(recorded) = &mut self.body {
            recorded.restore(how);
        }
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
        if self.is_at_end {
            return Ok(None);
        }
        let decoded = match &mut self.body {
            Body::Recorded(recorded) => recorded.advance(&mut self.notes)?.map(Turn::Line),
            Body::Imported(imported) => imported.advance()?.then_some(Turn::Imported),
        };
        let Some(turn) = decoded else {
            self.end();
            return Ok(None);
        };
        Ok(match (turn, &mut self.body) {
            (Turn::Line(decoded), Body::Recorded(recorded)) => Some(recorded.event(decoded)),
            (_, Body::Imported(imported)) => Some(imported.event()),
            (Turn::Imported, Body::Recorded(_)) => None,
        })
    }

    fn end(&mut self) {
        self.is_at_end = true;
        let line = self.line();
        let compression = self.compression.name();
        match self.shared.fault() {
            Some(Fault::Damaged(why)) => self.notes.push(line, Loss::Damaged { compression, why }),
            Some(Fault::Bomb) => self.notes.push(line, Loss::Bomb(DUMP_RATIO_MAX)),
            None => {}
        }
        match &self.body {
            Body::Recorded(recorded) if recorded.lost() > 0 => self.notes.push(line, Loss::Properties(recorded.lost())),
            Body::Recorded(_) => {}
            Body::Imported(imported) => imported.tell(&mut self.notes),
        }
    }

    pub fn format(&self) -> Format {
        match &self.body {
            Body::Recorded(_) => Format::RtcStats,
            Body::Imported(Imported::Internals(_)) => Format::Internals,
            Body::Imported(Imported::Export(_)) => Format::BrowserExport,
        }
    }

    fn imported(&self) -> Option<&Imported> {
        match &self.body {
            Body::Imported(imported) => Some(imported),
            Body::Recorded(_) => None,
        }
    }

    /// What is not as in a dump of the client library, in any connection. Known from the beginning.
    pub fn flags(&self) -> Flags {
        self.imported().map_or(Flags::default(), Imported::flags)
    }

    /// The same of each connection of a browser's dump, from index 1 on. Nothing for other dumps.
    pub fn connection_flags(&self) -> Vec<Flags> {
        self.imported().map_or(Vec::new(), Imported::connection_flags)
    }

    /// The origins of the pages in a browser's dump, each with the number of its connections, even of those that were
    /// not asked for.
    pub fn origins(&self) -> &[(String, usize)] {
        self.imported().map_or(&[], Imported::origins)
    }

    /// Whether it is the dump of a page of this origin, or of several pages and one of them is.
    pub fn has_origin(&self, wanted: &str) -> bool {
        let own = self
            .metadata
            .get("origin")
            .and_then(Value::as_str)
            .filter(|_| self.imported().is_none());
        let all = self.origins().iter().map(|(origin, _)| &**origin).chain(own);
        all.into_iter().any(|origin| is_origin(Some(origin), Some(wanted)))
    }

    /// The page that made a connection, in a browser's dump.
    pub fn url_of(&self, connection: usize) -> Option<&str> {
        self.imported()?.url_of(connection)
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
        match &self.body {
            Body::Recorded(recorded) => recorded.reports(connection),
            Body::Imported(imported) => imported.reports(connection),
        }
    }

    /// The number of the line of the last event, counted from 1. 0 if events are no lines.
    pub fn line(&self) -> u64 {
        match &self.body {
            Body::Recorded(recorded) => recorded.line(),
            Body::Imported(_) => 0,
        }
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

/// Refuses what is a dump of an old version, by its first bytes. They begin like a dump of webrtc-internals.
///
/// # Errors
/// `OpenError::Version`.
pub fn refuse_old(begin: &[u8]) -> Result<(), OpenError> {
    version_of(begin).map_or(Ok(()), |version| Err(OpenError::Version(version)))
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
    if let Some(version) = version_of(head) {
        return Err(OpenError::Version(version));
    }
    if SIGNATURE.starts_with(&head[..head.len().min(SIGNATURE.len())]) && !head.is_empty() {
        return Ok(());
    }
    Err(unknown(head, compression, fault))
}

/// The version, if it is 1 or 2: they have no signature; their metadata are the first line, or the first member of one
/// object.
fn version_of(head: &[u8]) -> Option<u64> {
    let first = without_blanks(head)
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let old: Option<Map<String, Value>> = serde_json::from_slice(first).ok();
    old?.get("fileFormat")?.as_u64()
}

fn unknown(head: &[u8], compression: Compression, fault: Option<Fault>) -> OpenError {
    let inside = match compression {
        Compression::None => String::new(),
        other => format!("{} data, in which ", other.name()),
    };
    let what = match (head, fault) {
        ([], None) => "it is empty".to_string(),
        ([], Some(Fault::Damaged(why))) => format!("nothing can be read: {why}"),
        _ => format!("it begins with \"{}\"", head[..head.len().min(40)].escape_ascii()),
    };
    OpenError::NoDump(inside + &what)
}

#[cfg(test)]
mod tests;
