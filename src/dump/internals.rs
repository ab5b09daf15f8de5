//! Reads dumps of chrome://webrtc-internals, of every generation, as the events of a dump of the client library.
//!
//! What a dump has is found out field by field, never from a version number. Values become what the client library
//! would have sent, and statistics, which the page keeps as series of each property, become one `getStats` for each
//! time at which they were taken. Events come connection by connection: first the client's own, then the connections
//! in the order in which they began, each in the order of time.
//!
//! The text is read twice, so it is kept in a temporary file if it is long. Memory is that of one connection's log and
//! series by place, and a window of its values: see `record` and `columns`. Unknown members are ignored. What is wrong
//! is absent, and `notes` says so. Failures are the temporary file's, and that the text is no such dump.
mod clock;
mod columns;
mod connection;
mod cursor;
mod ended;
mod export;
mod flags;
mod forms;
mod index;
mod kept;
mod key;
mod kinds;
mod loose;
mod made;
mod media;
mod opening;
mod origin;
mod polls;
mod property;
mod record;
mod series;
mod state;
pub(super) mod string;
mod times;
mod values;

use std::io::{self, Read};

use thiserror::Error;

use connection::{Connection, Turn};
use ended::Ended;
use index::{Index, Known};
use kept::{Cut, Kept};
use made::{Made, Named};
use values::Labels;

use super::decode;
use super::json::Json;
use super::notes::Notes;
use super::reports::Reports;

pub use export::{Export, is_export};
pub use flags::{Flag, Flags};
pub(super) use index::is_member;
pub(super) use kinds::{Form, Kind};
pub(super) use origin::is as is_origin;

/// See the head of the file.
pub struct Internals {
    kept: Kept,
    index: Index,
    origins: Vec<(String, usize)>,
    labels: Labels,
    notes: Notes,
    /// The client's entries by time, and how many of its events have been given out.
    media: Vec<(f64, usize)>,
    client: usize,
    /// How many connections have begun.
    begun: usize,
    current: Option<Box<Connection>>,
    /// The name of the connection, as JSON.
    name: Vec<u8>,
    made: Made,
    turn: Option<Turn>,
    ended: Ended,
}

/// The property that the series with this key is of. `None` if it is of something else.
pub(super) fn property_of(key: &[u8]) -> Option<&[u8]> {
    match key::split(key) {
        key::Key::Property { name, .. } => Some(name),
        _ => key.rsplit(|byte| *byte == b'-').next(),
    }
}

/// Why a text is not read.
#[derive(Debug, Error)]
pub enum InternalsError {
    #[error("it is JSON, but no dump of webrtc-internals")]
    Other,
    /// Of the input, or of the temporary file.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Internals {
    /// Takes a dump whose first bytes have been read already. If `origin` is given (`https://meet.example`), only what
    /// its pages did is there.
    ///
    /// # Errors
    /// See `InternalsError`. Damage of the text or of the input is none: see `notes`.
    pub fn open(begin: &[u8], input: impl Read, origin: Option<&str>) -> Result<Internals, InternalsError> {
        let mut notes = Notes::default();
        let (kept, cut) = Kept::take(begin, input)?;
        match cut {
            Some(Cut::Input(error)) => {
                notes.other(format!("the input broke off after {} bytes: {error}", kept.length()))
            }
            Some(Cut::TooLong) => notes.other(format!("the text is longer than {} bytes", kept.length())),
            None => {}
        }
        let mut index = Index::of(&kept, &mut notes)?;
        if !index.is_dump {
            return Err(InternalsError::Other);
        }
        let origins = index.origins();
        index.select(origin);
        let mut internals = Internals {
            kept,
            index,
            origins,
            labels: Labels::new(),
            notes,
            media: Vec::new(),
            client: 0,
            begun: 0,
            current: None,
            name: Vec::new(),
            made: Made::default(),
            turn: None,
            ended: Ended::default(),
        };
        internals.look_at_media()?;
        Ok(internals)
    }

    /// Puts the entries in order and remembers the labels of tracks.
    fn look_at_media(&mut self) -> io::Result<()> {
        let first = self.index.first().unwrap_or_default();
        for (at, entry) in self.index.media.iter().enumerate() {
            self.media.push((entry.time.unwrap_or(first), at));
            let raw = self.kept.part(entry.place.clone())?;
            if let Ok(json) = Json::parse(&raw) {
                media::learn(json, &mut self.labels);
            }
        }
        if self.index.media.iter().any(|entry| entry.time.is_none()) {
            self.notes
                .other("requests for media have no time; they stand at the beginning");
        }
        self.media.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(())
    }

    /// Makes the next event. False at the end.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn advance(&mut self) -> io::Result<bool> {
        self.turn = self.next_turn()?;
        Ok(self.turn.is_some())
    }

    /// The event that has been made.
    pub fn event(&self) -> decode::Event<'_> {
        let value = match (self.turn, &self.current) {
            (Some(Turn::Reports), Some(connection)) => decode::Value::Reports(&connection.reports),
            _ => decode::Value::Json(self.made.json()),
        };
        decode::Event {
            timestamp: self.made.timestamp,
            connection: decode::Connection {
                index: self.begun,
                sent: Json::checked(&self.name),
            },
            method: self.made.method(),
            value,
            extra: decode::Extra::checked(&self.made.extra),
        }
    }

    fn tell_lost(&mut self) {
        let lost = std::mem::take(&mut self.ended.lost);
        if lost > 0 {
            self.notes
                .other(format!("the last statistics of {lost} connections found no room"));
        }
    }

    /// The statistics of a connection as they are after the last event.
    pub fn reports(&self, connection: usize) -> Option<&Reports> {
        let current = self.current.as_ref().filter(|_| connection == self.begun);
        current.map_or_else(|| self.ended.get(connection), |current| Some(&current.reports))
    }

    /// What the browser calls itself.
    pub fn user_agent(&self) -> Option<String> {
        let (_, place) = self.index.client.iter().find(|(name, _)| *name == "userAgent")?;
        let raw = self.kept.part(place.clone()).ok()?;
        Some(Json::parse(&raw).ok()?.as_text()?.to_str().into_owned())
    }

    fn next_turn(&mut self) -> io::Result<Option<Turn>> {
        if self.begun == 0 && self.client <= self.media.len() {
            self.name = b"null".to_vec();
            self.make_client()?;
            self.client += 1;
            return Ok(Some(Turn::Made));
        }
        loop {
            if let Some(current) = &mut self.current {
                if let Some(turn) = current.next(&self.kept, &self.labels, &mut self.made)? {
                    return Ok(Some(turn));
                }
                current.tell(&mut self.notes);
                self.ended.keep(self.begun, std::mem::take(&mut current.reports));
                self.current = None;
            }
            let Some(known) = self.index.connections.get(self.begun) else {
                self.tell_lost();
                return Ok(None);
            };
            self.name.clear();
            string::write(known.name.as_bytes(), &mut self.name);
            self.current = Some(Box::new(Connection::open(&self.kept, known.offset, &mut self.notes)?));
            self.begun += 1;
        }
    }

    /// The next event of the client: what it is, then what it asked for.
    fn make_client(&mut self) -> io::Result<()> {
        let Some(at) = self.client.checked_sub(1) else {
            self.made
                .begin(self.index.first().unwrap_or_default(), Named::of(b"create"));
            let create = self.client_create()?;
            self.made.set(&create);
            return Ok(());
        };
        let (time, at) = self.media[at];
        let raw = self.kept.part(self.index.media[at].place.clone())?;
        media::make(Json::parse(&raw).unwrap_or(Json::NULL), time, &mut self.made);
        Ok(())
    }

    fn client_create(&self) -> io::Result<Vec<u8>> {
        let mut object = forms::Object::default();
        for (name, place) in &self.index.client {
            let raw = self.kept.part(place.clone())?;
            let Some(json) = string::json(&raw) else { continue };
            match *name {
                // A list of brands was all there was at first.
                "userAgentData" if json.starts_with(b"[") => {
                    object.json(name, &[b"{\"brands\":", &json[..], b"}"].concat());
                }
                name => object.json(name, &json),
            }
        }
        Ok(object.end())
    }

    /// What was not read so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// What is not as in a dump of the client library, in any connection.
    pub fn flags(&self) -> Flags {
        self.connection_flags().into_iter().fold(Flags::default(), Flags::and)
    }

    /// The same of each connection, from index 1 on.
    pub fn connection_flags(&self) -> Vec<Flags> {
        self.index.connections.iter().map(|known| known.flags).collect()
    }

    /// The origins of all pages in the dump, even of those that were not asked for, with the number of connections.
    pub fn origins(&self) -> &[(String, usize)] {
        &self.origins
    }

    /// The page that made a connection.
    pub fn url_of(&self, index: usize) -> Option<&str> {
        let known: &Known = self.index.connections.get(index.checked_sub(1)?)?;
        known.url.as_deref()
    }
}

#[cfg(test)]
mod tests;
