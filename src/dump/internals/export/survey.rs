//! The first look at such a dump: whose each line is, and when it was written.
use std::collections::HashMap;
use std::io;

use super::parts::Parts;
use crate::dump::internals::cursor::Place;
use crate::dump::internals::kept::Kept;
use crate::dump::internals::kinds::Kind;
use crate::dump::internals::media;
use crate::dump::internals::opening::{Content, Opening};
use crate::dump::internals::origin::{self, Origins};
use crate::dump::internals::values::Labels;
use crate::dump::json::Json;
use crate::dump::notes::{Loss, Notes};
use crate::dump::scan::is_too_deep;
use crate::limits::{DUMP_CONNECTIONS_MAX, DUMP_LINE_BYTES_MAX, INTERNALS_CHUNK_BYTES, INTERNALS_LINES_MAX};

#[derive(Default)]
pub struct Survey {
    lines: Vec<Line>,
    /// In the order of the file; the client is not among them.
    connections: Vec<Owner>,
    by_name: HashMap<String, u32>,
    /// Which origin asked for media under a correlation id.
    askers: HashMap<String, u32>,
    origins: Origins,
    pub labels: Labels,
    clock: f64,
    number: u64,
}

#[derive(Clone, Debug)]
pub struct Line {
    /// Milliseconds since 1970.
    pub time: f64,
    /// 0 is the client.
    pub connection: u32,
    /// The origin that is responsible for a line of the client, plus one.
    origin: u32,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub struct Owner {
    pub name: String,
    pub url: Option<String>,
    first: f64,
    /// How the log begins, behind the creation.
    pub opening: Opening,
}

/// A delta that is a point in time: 1973 or later.
const ABSOLUTE_MS_MIN: f64 = 1e11;

impl Survey {
    /// Goes through all lines behind the metadata.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn run(&mut self, kept: &Kept, notes: &mut Notes) -> io::Result<()> {
        let (mut chunk, mut line) = (vec![0; INTERNALS_CHUNK_BYTES], Vec::new());
        let (mut offset, mut begin) = (0, 0);
        loop {
            let count = kept.read_at(offset, &mut chunk)?;
            let mut rest = &chunk[..count];
            while let Some(at) = memchr::memchr(b'\n', rest) {
                push(&mut line, &rest[..at]);
                let end = offset + (count - rest.len() + at) as u64;
                self.line(&line, begin..end, notes);
                line.clear();
                begin = end + 1;
                rest = &rest[at + 1..];
            }
            push(&mut line, rest);
            offset += count as u64;
            if count == 0 {
                break;
            }
        }
        if !line.is_empty() {
            self.line(&line, begin..offset, notes);
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8], place: Place, notes: &mut Notes) {
        self.number += 1;
        if self.number <= 2 || line.is_empty() {
            return;
        }
        let length = place.end - place.start;
        if length > DUMP_LINE_BYTES_MAX as u64 {
            return notes.push(self.number, Loss::LongLine(length));
        }
        let Some(parts) = Parts::of(line) else {
            let loss = if is_too_deep(line) { Loss::Deep } else { Loss::NoJson };
            return notes.push(self.number, loss);
        };
        self.clock = match parts.delta {
            Some(delta) if delta >= ABSOLUTE_MS_MIN => delta,
            Some(delta) => self.clock + delta,
            None => self.clock,
        };
        if self.lines.len() == INTERNALS_LINES_MAX {
            return notes.push(self.number, Loss::Other("there are too many lines".to_owned()));
        }
        let name = parts.connection.and_then(Json::as_text).map(|name| name.to_str());
        let (connection, origin) = match name.as_deref() {
            Some(name) if !name.ends_with("-0") => match self.connection(name, &parts) {
                Some(connection) => (connection, 0),
                None => return notes.push(self.number, Loss::Connections),
            },
            _ => (0, self.client(&parts)),
        };
        self.lines.push(Line {
            time: self.clock,
            connection,
            origin,
            place,
        });
    }

    fn connection(&mut self, name: &str, parts: &Parts) -> Option<u32> {
        let number = match self.by_name.get(name) {
            Some(number) => *number,
            None if self.connections.len() == DUMP_CONNECTIONS_MAX => return None,
            None => {
                self.connections.push(Owner {
                    name: name.to_owned(),
                    url: None,
                    first: self.clock,
                    opening: Opening::default(),
                });
                let number = self.connections.len() as u32;
                self.by_name.insert(name.to_owned(), number);
                number
            }
        };
        let owner = &mut self.connections[number as usize - 1];
        owner.first = owner.first.min(self.clock);
        let method = parts.name();
        if method != b"create" && method != b"getStats" {
            let content = match parts.value.is_null() {
                true => Content::Nothing,
                false => Content::Something,
            };
            owner.opening.add(self.clock, Kind::of(&method), content);
        }
        if owner.url.is_none() && method == b"create" {
            let url = parts.extra.first().copied().and_then(Json::as_text);
            owner.url = url.map(|url| url.to_str().into_owned());
        }
        Some(number)
    }

    /// A line of the client: which origin it is of, plus one, if it says so.
    fn client(&mut self, parts: &Parts) -> u32 {
        let name = parts.name();
        if name.ends_with(b"getUserMediaOnSuccess") || name.ends_with(b"getDisplayMediaOnSuccess") {
            media::learn_tracks(parts.value, &mut self.labels);
        }
        let mut texts = parts
            .extra
            .iter()
            .filter_map(|extra| extra.as_text())
            .map(|text| text.to_str());
        let Some(pair) = texts.next() else { return 0 };
        if let Some(origin) = texts.next().and_then(|url| origin::of_url(&url)) {
            let number = self.origins.add(origin, 0).map_or(0, |place| place as u32 + 1);
            if self.askers.len() < INTERNALS_LINES_MAX {
                self.askers.insert(pair.into_owned(), number);
            }
            return number;
        }
        self.askers.get(&*pair).copied().unwrap_or_default()
    }

    /// All origins, with the number of their connections.
    pub fn origins(&self) -> Vec<(String, usize)> {
        let mut origins = Origins::default();
        for (origin, _) in self.origins.all() {
            origins.add(origin.clone(), 0);
        }
        for origin in self.connections.iter().filter_map(Owner::origin) {
            origins.add(origin, 1);
        }
        origins.into_all()
    }

    /// The lines and connections of an origin, in order: the client, then the others by their first event.
    pub fn sorted(&mut self, wanted: Option<&str>) -> (Vec<Line>, Vec<Owner>) {
        let mut order: Vec<u32> = (0..self.connections.len() as u32).collect();
        order.retain(|at| origin::is(self.connections[*at as usize].origin().as_deref(), wanted));
        order.sort_by(|a, b| {
            let first = |at: &u32| self.connections[*at as usize].first;
            first(a).total_cmp(&first(b))
        });
        let mut numbers = vec![None; self.connections.len() + 1];
        numbers[0] = Some(0);
        for (new, old) in order.iter().enumerate() {
            numbers[*old as usize + 1] = Some(new as u32 + 1);
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.retain_mut(|line| {
            let of = line.origin.checked_sub(1).map(|at| &*self.origins.all()[at as usize].0);
            let stays = line.connection > 0 || of.is_none() || origin::is(of, wanted);
            line.connection = numbers[line.connection as usize].unwrap_or(u32::MAX);
            stays && line.connection != u32::MAX
        });
        lines.sort_by(|a, b| a.connection.cmp(&b.connection).then(a.time.total_cmp(&b.time)));
        let owners = order.iter().map(|at| self.connections[*at as usize].clone());
        (lines, owners.collect())
    }
}

impl Owner {
    fn origin(&self) -> Option<String> {
        origin::of_url(self.url.as_deref()?)
    }
}

/// Appends to a line, as far as one is read.
fn push(line: &mut Vec<u8>, bytes: &[u8]) {
    let room = (DUMP_LINE_BYTES_MAX + 1).saturating_sub(line.len());
    line.extend_from_slice(&bytes[..bytes.len().min(room)]);
}
