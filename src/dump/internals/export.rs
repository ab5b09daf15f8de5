//! Reads the dumps of version 3 that Chrome exports itself, without a client library.
//!
//! They have no session in their metadata, names in full, whole statistics in each `getStats`, requests for media on a
//! connection of each renderer (`8-0`) instead of the client's, states in quotes, and earlier events behind later ones.
//! So the text is kept and read twice: once for the times and owners of its lines, then line by line in the order of
//! `Internals`. Memory: 40 bytes a line, of which `INTERNALS_LINES_MAX` are read, a line, and the statistics of one
//! connection. Failures are the temporary file's.
mod parts;
mod survey;

use std::collections::HashSet;
use std::io::{self, Read};

use memchr::memmem;

use parts::Parts;
use survey::{Line, Owner, Survey};

use super::connection::Turn;
use super::ended::Ended;
use super::flags::{Flag, Flags};
use super::kept::{Cut, Kept};
use super::kinds::{Form, Kind};
use super::made::Made;
use super::values::{self, Labels};
use super::{media, string};
use crate::dump::decode::{self, Event};
use crate::dump::header::FILE_FORMAT;
use crate::dump::json::Json;
use crate::dump::notes::Notes;
use crate::dump::reports::Reports;

/// See the head of the file.
pub struct Export {
    kept: Kept,
    lines: Vec<Line>,
    /// Names of the connections, as JSON. The first is the client's.
    names: Vec<Vec<u8>>,
    urls: Vec<Option<String>>,
    /// Of the connections.
    flags: Vec<Flags>,
    origins: Vec<(String, usize)>,
    labels: Labels,
    notes: Notes,
    at: usize,
    /// The present connection, and the ids of its reports.
    connection: u32,
    reports: Reports,
    ids: Vec<String>,
    made: Made,
    turn: Turn,
    ended: Ended,
}

/// Whether this is how such a dump begins: its metadata say nothing but the version, and a connection is named after
/// a renderer. Or there is nothing but the creation of the client: a server would have written its end.
/// Those of another version are no dumps of Chrome that are known.
pub fn is_export(begin: &[u8]) -> bool {
    let mut lines = begin.split(|byte| *byte == b'\n');
    let (Some(_), Some(metadata)) = (lines.next(), lines.next()) else {
        return false;
    };
    let metadata: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(metadata).ok();
    let is_ours =
        |version: &serde_json::Value| version.as_u64().is_none_or(|version| version == u64::from(FILE_FORMAT));
    let only_version =
        metadata.is_some_and(|metadata| metadata.len() == 1 && metadata.get("fileFormat").is_some_and(is_ours));
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
    only_version
        && match lines[..] {
            [only] if only.starts_with(b"[\"create\",null,{") && only.ends_with(b"]") => true,
            _ => lines.into_iter().any(is_line),
        }
}

/// `["method","8-1",`
fn is_line(line: &[u8]) -> bool {
    let Some(at) = memmem::find(line, b"\",\"") else {
        return false;
    };
    let name = line[at + 3..].split(|byte| *byte == b'"').next().unwrap_or_default();
    line.starts_with(b"[\"") && is_name(name)
}

fn is_name(name: &[u8]) -> bool {
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let mut parts = name.split(|byte| *byte == b'-');
    let pair = (parts.next(), parts.next(), parts.next());
    name == b"undefined-undefined" || matches!(pair, (Some(rid), Some(lid), None) if digits(rid) && digits(lid))
}

impl Export {
    /// Takes a dump whose first bytes have been read already. If `origin` is given, only what its pages did is there.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn open(begin: &[u8], input: impl Read, wanted: Option<&str>) -> io::Result<Export> {
        let mut notes = Notes::default();
        let (kept, cut) = Kept::take(begin, input)?;
        match cut {
            Some(Cut::Input(error)) => return Err(error),
            Some(Cut::TooLong) => notes.other(format!("the text is longer than {} bytes", kept.length())),
            None => {}
        }
        let mut survey = Survey::default();
        survey.run(&kept, &mut notes)?;
        let origins = survey.origins();
        let (lines, connections) = survey.sorted(wanted);
        let quoted = |name: &String| {
            let mut out = Vec::with_capacity(name.len() + 2);
            string::write(name.as_bytes(), &mut out);
            out
        };
        let mut names = vec![b"null".to_vec()];
        names.extend(connections.iter().map(|connection| quoted(&connection.name)));
        let flags = connections.iter().map(flags_of).collect();
        let mut urls = vec![None];
        urls.extend(connections.into_iter().map(|connection| connection.url));
        Ok(Export {
            kept,
            lines,
            names,
            urls,
            flags,
            origins,
            labels: survey.labels,
            notes,
            at: 0,
            connection: 0,
            reports: Reports::new(),
            ids: Vec::new(),
            made: Made::default(),
            turn: Turn::Made,
            ended: Ended::default(),
        })
    }

    /// Makes the next event. False at the end.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn advance(&mut self) -> io::Result<bool> {
        let Some(line) = self.lines.get(self.at).cloned() else {
            return Ok(false);
        };
        self.at += 1;
        if line.connection != self.connection {
            self.ended
                .keep(self.connection as usize, std::mem::take(&mut self.reports));
            self.ids.clear();
            self.connection = line.connection;
        }
        let text = self.kept.part(line.place.clone())?;
        self.turn = match Parts::of(&text) {
            Some(parts) => self.make(&parts, line.time),
            None => Turn::Made,
        };
        Ok(true)
    }

    /// The event that has been made.
    pub fn event(&self) -> Event<'_> {
        let value = match self.turn {
            Turn::Reports => decode::Value::Reports(&self.reports),
            Turn::Made => decode::Value::Json(self.made.json()),
        };
        Event {
            timestamp: self.made.timestamp,
            connection: decode::Connection {
                index: self.connection as usize,
                sent: Json::checked(&self.names[self.connection as usize]),
            },
            method: self.made.method(),
            value,
            extra: decode::Extra::checked(&self.made.extra),
        }
    }

    /// The statistics of a connection as they are after the last event.
    pub fn reports(&self, connection: usize) -> Option<&Reports> {
        match connection == self.connection as usize {
            true => Some(&self.reports),
            false => self.ended.get(connection),
        }
    }

    fn make(&mut self, parts: &Parts, time: f64) -> Turn {
        self.made.begin(time, parts.method());
        for extra in &parts.extra {
            self.made.add(*extra);
        }
        let name = parts.name();
        if name == b"getStats" && parts.value.raw().starts_with(b"{") {
            self.take_reports(parts.value);
            return Turn::Reports;
        }
        let value = adapted(&name, parts.value, &self.labels);
        self.made.set(&value);
        Turn::Made
    }

    fn take_reports(&mut self, value: Json) {
        self.reports.begin();
        let mut now = HashSet::new();
        let reports = value.members().filter(|(_, report)| report.raw().starts_with(b"{"));
        let mut reports: Vec<_> = reports.map(|(id, report)| (id.to_str().into_owned(), report)).collect();
        // As `getStats` gives them to a page; features look at the first of several.
        reports.sort_by(|a, b| a.0.cmp(&b.0));
        for (id, report) in reports {
            self.reports.reset(&id);
            for (name, value) in report.members() {
                let name = name.to_str();
                if !name.starts_with('[') && name != "id" {
                    self.reports.set(&id, &name, value);
                }
            }
            now.insert(id);
        }
        for gone in self.ids.drain(..).filter(|id| !now.contains(id)) {
            self.reports.remove(&gone);
        }
        self.ids.extend(now);
    }

    /// What is not as in a dump of the client library, in any connection.
    pub fn flags(&self) -> Flags {
        self.flags.iter().copied().fold(Flags::default(), Flags::and)
    }

    /// The same of each connection, from index 1 on.
    pub fn connection_flags(&self) -> Vec<Flags> {
        self.flags.clone()
    }

    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The origins of all pages in the dump, even of those that were not asked for, with the number of connections.
    pub fn origins(&self) -> &[(String, usize)] {
        &self.origins
    }

    /// The page that made a connection.
    pub fn url_of(&self, index: usize) -> Option<&str> {
        self.urls.get(index)?.as_deref()
    }
}

fn flags_of(owner: &Owner) -> Flags {
    let mut flags = Flags::default();
    if owner.opening.is_late() {
        flags.add(Flag::StartedMidCall);
    }
    flags
}

const MEDIA: &[u8] = b"navigator.mediaDevices.get";

/// The value as the client library would have sent it.
fn adapted(name: &[u8], value: Json, labels: &Labels) -> Vec<u8> {
    if name.starts_with(MEDIA) {
        return media::adapted(value);
    }
    let Some(kind) = Kind::of(name) else {
        return value.raw().to_vec();
    };
    match (kind.form, value.as_text()) {
        (Form::State(_), Some(text)) => values::convert(kind.form, &string::decode(text.raw()), labels),
        (Form::CandidateError | Form::Channel | Form::RemoteChannel | Form::Track | Form::AddTransceiver, None) => {
            values::convert(kind.form, value.raw(), labels)
        }
        _ => value.raw().to_vec(),
    }
}

#[cfg(test)]
mod tests;
