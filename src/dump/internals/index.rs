//! The first look at a dump: what it has, where it is, and when it began.
//!
//! One pass over the text. Of each connection a few facts are kept, and where its record is; so memory depends on the
//! number of connections, of which `DUMP_CONNECTIONS_MAX` are kept. A text that ends too early, or stops being JSON,
//! gives what came before, and a note. The only failure is that of the temporary file.
use std::io;

use super::connection::Facts;
use super::cursor::{Cursor, Place, Stop};
use super::flags::Flags;
use super::kept::Kept;
use super::media;
use super::origin::{self, Origins};
use super::record::Record;
use super::string;
use crate::dump::notes::Notes;
use crate::limits::{DUMP_CONNECTIONS_MAX, INTERNALS_NAME_BYTES_MAX};

#[derive(Default)]
pub struct Index {
    /// Members that describe the client: name, and where the value is.
    pub client: Vec<(&'static str, Place)>,
    pub media: Vec<media::Entry>,
    pub connections: Vec<Known>,
    /// Whether any member is one of such a dump.
    pub is_dump: bool,
}

/// What is known of a connection.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id in the dump.
    pub name: String,
    pub url: Option<String>,
    /// Where its record begins.
    pub offset: u64,
    /// When it begins, in ms since 1970.
    pub first: Option<f64>,
    pub flags: Flags,
}

/// Members of the dump that go into the client's `create`, and their names there.
const CLIENT: [(&str, &str); 5] = [
    ("cpuPerformance", "cpuPerformance"),
    ("deviceMemory", "deviceMemory"),
    ("hardwareConcurrency", "hardwareConcurrency"),
    ("UserAgent", "userAgent"),
    ("UserAgentData", "userAgentData"),
];

/// Whether a member of this name is one of such a dump.
pub fn is_member(name: &[u8]) -> bool {
    let is_client = CLIENT.iter().any(|(member, _)| member.as_bytes() == name);
    is_client || matches!(name, b"getUserMedia" | b"PeerConnections")
}

impl Index {
    /// # Errors
    /// The temporary file's.
    pub fn of(kept: &Kept, notes: &mut Notes) -> io::Result<Index> {
        let mut index = Index::default();
        let mut left_out = 0;
        let mut cursor = Cursor::new(kept, 0);
        let read = mark(&mut cursor).and_then(|()| {
            cursor.members(|cursor, name| {
                let name = cursor.text(&name, INTERNALS_NAME_BYTES_MAX)?.unwrap_or_default();
                let client = CLIENT.iter().find(|(member, _)| member.as_bytes() == name);
                index.is_dump |= is_member(&name);
                match (&name[..], client) {
                    (b"getUserMedia", _) => media::read(cursor, &mut index.media, &mut left_out),
                    (b"PeerConnections", _) => cursor.members(|cursor, name| {
                        let name = cursor.text(&name, INTERNALS_NAME_BYTES_MAX)?.unwrap_or_default();
                        index.connection(&string::shown(&name), cursor, notes, &mut left_out)
                    }),
                    (_, Some((_, name))) => {
                        let place = cursor.value()?;
                        if place.end - place.start <= INTERNALS_NAME_BYTES_MAX as u64 {
                            index.client.push((name, place));
                        }
                        Ok(())
                    }
                    _ => cursor.skip(),
                }
            })
        });
        match read {
            Ok(()) => {}
            Err(Stop::Ends) => notes.other(format!("the file ends after {} bytes, within a value", kept.length())),
            Err(Stop::Invalid(offset)) => notes.other(format!("byte {offset} is no JSON; the rest was not read")),
            Err(Stop::Io(error)) => return Err(error),
        }
        if left_out > 0 {
            notes.other(format!(
                "{left_out} connections and requests for media are too many or too long"
            ));
        }
        Ok(index)
    }

    fn connection(
        &mut self,
        name: &str,
        cursor: &mut Cursor,
        notes: &mut Notes,
        left_out: &mut u64,
    ) -> Result<(), Stop> {
        if self.connections.len() == DUMP_CONNECTIONS_MAX {
            *left_out += 1;
            return cursor.skip();
        }
        cursor.peek()?;
        let (offset, mut record) = (cursor.offset(), Record::default());
        let read = record.read(cursor, notes);
        let facts = Facts::of(&record);
        self.connections.push(Known {
            name: name.to_owned(),
            url: record.url,
            offset,
            first: facts.first,
            flags: facts.flags,
        });
        read
    }

    /// The origins of all pages, each once, with the number of their connections.
    pub fn origins(&self) -> Vec<(String, usize)> {
        let mut origins = Origins::default();
        let connections = self.connections.iter().filter_map(|known| Some((known.origin()?, 1)));
        let media = self.media.iter().filter_map(|entry| Some((entry.origin.clone()?, 0)));
        for (origin, count) in connections.chain(media) {
            origins.add(origin, count);
        }
        origins.into_all()
    }

    /// Leaves only what is of this origin, and sorts the connections by their beginning.
    pub fn select(&mut self, wanted: Option<&str>) {
        self.connections
            .retain(|known| origin::is(known.origin().as_deref(), wanted));
        self.media.retain(|entry| origin::is(entry.origin.as_deref(), wanted));
        let key = |known: &Known| known.first.unwrap_or(f64::INFINITY);
        self.connections
            .sort_by(|a, b| key(a).total_cmp(&key(b)).then_with(|| a.name.cmp(&b.name)));
    }

    /// When the first thing of all happened, in ms since 1970.
    pub fn first(&self) -> Option<f64> {
        let media = self.media.iter().filter_map(|entry| entry.time);
        media
            .chain(self.connections.iter().filter_map(|known| known.first))
            .reduce(f64::min)
    }
}

impl Known {
    pub fn origin(&self) -> Option<String> {
        origin::of_url(self.url.as_deref()?)
    }
}

/// Passes a byte order mark.
fn mark(cursor: &mut Cursor) -> Result<(), Stop> {
    let mark = cursor.raw(&(0..3))?;
    if mark == b"\xef\xbb\xbf" {
        *cursor = Cursor::new(cursor.kept(), 3);
    }
    Ok(())
}
