//! Opens a dump as it is found in the field: plain or compressed, whole or damaged.
//!
//! What it is is decided by content. Events are read one by one, and memory does not grow with the dump, apart from
//! what `decode` keeps. What cannot be read is skipped, and `notes` says so; only an input that fails ends with an
//! error. Files that are no dump, and the versions 1 and 2 of the format, are refused with what was found.
mod compression;
mod head;
mod imported;
mod plain;
mod recorded;

use std::io::{self, Cursor, Read};
use std::rc::Rc;

use serde_json::{Map, Value};
use thiserror::Error;

use compression::{Decompressed, Fault, Shared};
use head::{begins_like_a_dump, form_of, head_of, unknown};
use imported::Imported;
use recorded::Recorded;

use super::decode::{Decoded, Event, Restore};
use super::internals::{Export, Flags, Internals, InternalsError, is_export, is_origin};
use super::notes::{Loss, Notes};
use super::seen::Seen;
use crate::limits::DUMP_RATIO_MAX;

pub use compression::Compression;
pub use head::{Form, OpenError, check_version};
pub use plain::Plain;

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

/// The input has failed.
#[derive(Debug, Error)]
#[error("cannot be read any further: {0}")]
pub struct ReadError(#[from] io::Error);

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
        let imported = match form_of(&head, compression, shared.fault())? {
            Form::Object => match Internals::open(&head, text, origin) {
                Ok(internals) => Imported::Internals(Box::new(internals)),
                Err(InternalsError::Other) => return Err(unknown(&head, compression, shared.fault())),
                Err(InternalsError::Io(error)) => return Err(error.into()),
            },
            Form::Lines if is_export(&head) => Imported::Export(Box::new(Export::open(&head, text, origin)?)),
            Form::Lines => {
                let (recorded, head) = Recorded::open(head, text).map_err(OpenError::Head)?;
                check_version(&head.metadata)?;
                let body = Body::Recorded(Box::new(recorded));
                return Ok(Dump::of(body, head.metadata, compression, shared));
            }
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

    /// Gives all events that are left to `take`.
    ///
    /// # Errors
    /// Those of the input. What came before has been given.
    pub fn each(&mut self, mut take: impl FnMut(&Event<'_>)) -> Result<(), ReadError> {
        while let Some(event) = self.next()? {
            take(&event);
        }
        Ok(())
    }

    /// Whether all of it has been read, and its end is there.
    pub fn is_whole(&self) -> bool {
        self.is_at_end && !self.notes.is_cut()
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
    pub fn reports(&self, connection: usize) -> Option<Seen<'_>> {
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

#[cfg(test)]
mod tests;
