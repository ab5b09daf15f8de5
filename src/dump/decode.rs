//! Turns the lines of a dump (format version 3, protocol rtcstats#5.0) into events with absolute times, full names,
//! complete statistics and readable session descriptions.
//!
//! A `Decoder` is given the lines after the metadata in their order. It keeps, for each connection, the last reports
//! and the last descriptions, because later ones come as differences to them; it keeps nothing else, and takes no
//! longer for an event than its line is long. Values stay JSON text: nothing is converted unless someone asks.
//!
//! Input never makes it panic. A line that is no event changes nothing. Limits: `NESTING_LEVELS_MAX` levels,
//! `REPORTS_PER_EVENT_MAX` reports in an event, `DUMP_CONNECTIONS_MAX` connections.
mod connections;
mod delta;
mod description;
mod frame;
mod sections;
mod states;
mod valid;

use std::ops::Range;

use thiserror::Error;

use connections::Connections;
use frame::{Frame, NoFrame};

use super::json::{Elements, Json};
use super::reports::Reports;
use super::seen::Seen;
use super::statistics::Selection;
use super::steps;
use super::table;
use crate::limits::{DESCRIPTIONS_FREE_BYTES, DESCRIPTIONS_KEPT_BYTES_MAX, DESCRIPTIONS_RATIO_MAX};

pub use description::Restore;

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Milliseconds since 1970.
    pub timestamp: f64,
    pub connection: Connection<'a>,
    pub method: Method<'a>,
    pub value: Value<'a>,
    pub extra: Extra<'a>,
}

/// Which connection an event is about.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    /// 0 is the client itself; the others are numbered in the order of their first events.
    pub index: usize,
    /// Its name, as it was sent.
    pub sent: Json<'a>,
}

#[derive(Clone, Copy, Debug)]
pub enum Method<'a> {
    /// One of the protocol.
    Known(&'static table::Method),
    /// A custom event. The name may be any JSON value.
    Other(Json<'a>),
}

#[derive(Clone, Copy)]
pub enum Value<'a> {
    Json(Json<'a>),
    /// All statistics of the connection (`getStats`).
    Reports(&'a Reports),
}

/// What follows the value: correlation ids, the reason of a getStats, a location.
#[derive(Clone, Copy, Debug)]
pub struct Extra<'a> {
    text: &'a [u8],
}

/// Why a line that is not blank is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    #[error("it is not JSON")]
    NoJson,
    #[error("it has more than {} reports", crate::limits::REPORTS_PER_EVENT_MAX)]
    Reports,
    #[error("there are more than {} connections", crate::limits::DUMP_CONNECTIONS_MAX)]
    Connections,
}

/// See the head of the file.
#[derive(Default)]
pub struct Decoder {
    /// Milliseconds since 1970.
    clock: f64,
    connections: Connections,
    frame: frame::Scratch,
    delta: delta::Scratch,
    /// The line, if it had to be made UTF-8.
    repaired: Vec<u8>,
    restore: Restore,
    /// The description with its sections put back.
    restored: Vec<u8>,
    /// Bytes of all descriptions that are kept, if they are restored fully.
    described: usize,
    /// Bytes of lines, and of descriptions that were made from them.
    read: u64,
    written: u64,
}

/// A delta that is at least this large, in ms, sets the clock: it is a time since 1970 (1973 or later), which the
/// client sends when it begins or connects again.
const ABSOLUTE_MS_MIN: f64 = 1e11;

impl Decoder {
    pub fn new() -> Self {
        Decoder::default()
    }

    /// For callers that ask for a few properties of reports, and not for complete descriptions: others are not kept.
    pub fn selective(asked: &'static Selection) -> Self {
        Decoder {
            frame: frame::Scratch::selective(asked),
            restore: Restore::Nothing,
            ..Decoder::default()
        }
    }

    /// The statistics of a connection as they are after the last line.
    pub fn reports(&self, connection: usize) -> Option<Seen<'_>> {
        self.connections.reports(connection).map(Seen::of)
    }

    /// Chooses what is done with session descriptions. Called before the first line.
    pub fn restore(&mut self, how: Restore) {
        self.restore = how;
    }

    /// Decodes the next line, without its line feed. `None` if it is empty, or JSON but no array.
    ///
    /// # Errors
    /// It is no event. The lines that follow can be decoded nevertheless.
    pub fn line<'a>(&'a mut self, line: &'a [u8]) -> Result<Option<Event<'a>>, LineError> {
        let decoded = self.decode(line)?;
        Ok(decoded.map(|decoded| self.event(line, decoded)))
    }

    /// The same for a line that is known to be JSON, such as one that has been masked. It is not checked again.
    ///
    /// # Errors
    /// Those of `line` but for `NoJson`.
    pub fn valid_line<'a>(&'a mut self, line: &'a [u8]) -> Result<Option<Event<'a>>, LineError> {
        let decoded = self.decode_by(line, valid::read)?;
        Ok(decoded.map(|decoded| self.event(line, decoded)))
    }

    /// The first half of `line`, for callers that go on to the next line if this one is no event.
    ///
    /// # Errors
    /// Those of `line`.
    pub(super) fn decode(&mut self, line: &[u8]) -> Result<Option<Decoded>, LineError> {
        self.decode_by(line, frame::read)
    }

    fn decode_by(
        &mut self,
        line: &[u8],
        read: impl Fn(&[u8], &mut frame::Scratch) -> Result<Frame, NoFrame>,
    ) -> Result<Option<Decoded>, LineError> {
        self.repaired.clear();
        steps::count(line.len());
        // Most lines are ASCII, which is seen sooner.
        let line = if line.is_ascii() || std::str::from_utf8(line).is_ok() {
            line
        } else {
            self.repaired
                .extend_from_slice(String::from_utf8_lossy(line).as_bytes());
            &self.repaired
        };
        if line.is_empty() {
            return Ok(None);
        }
        let frame = match read(line, &mut self.frame) {
            Ok(frame) => frame,
            Err(NoFrame::Other) => return Ok(None),
            Err(NoFrame::Invalid) => return Err(LineError::NoJson),
            Err(NoFrame::TooManyReports) => return Err(LineError::Reports),
        };
        let connection = self.connections.find(part(line, &frame.connection));
        let connection = connection.map_err(|_| LineError::Connections)?;
        self.clock = advanced(self.clock, line, &frame);
        self.read += line.len() as u64;
        let kept = self.connections.get_mut(connection);
        let sent = part(line, &frame.value);
        let value = match frame.known {
            Some(_) if self.frame.is_report => {
                let frame::Scratch {
                    members, properties, ..
                } = &self.frame;
                kept.reports.selection = self.frame.selection;
                delta::apply(line, members, properties, &mut self.delta, &mut kept.reports);
                Decode::Reports
            }
            Some(method) if self.restore != Restore::Nothing && description::concerns(method.key) => {
                self.restored.clear();
                let allowed = DESCRIPTIONS_FREE_BYTES.max(self.read.saturating_mul(DESCRIPTIONS_RATIO_MAX));
                let id = Elements::of(&line[frame.extra.clone()]).find_map(Json::as_text);
                let restored = self.written < allowed
                    && kept
                        .descriptions()
                        .event(self.restore, method.key, sent, id, &mut self.restored);
                self.written += self.restored.len() as u64;
                if self.restore == Restore::Fully {
                    kept.bound_descriptions(&mut self.described, DESCRIPTIONS_KEPT_BYTES_MAX);
                }
                if restored { Decode::Restored } else { Decode::AsSent }
            }
            Some(method) if method.name == "close" => {
                let described = &mut self.described;
                kept.close((self.restore == Restore::Fully).then_some(described));
                Decode::AsSent
            }
            Some(method) => states::unwrapped(method.key, sent.raw()).map_or(Decode::AsSent, Decode::State),
            None => Decode::AsSent,
        };
        Ok(Some(Decoded {
            frame,
            connection,
            value,
        }))
    }

    /// The second half: the event of the line that was decoded last.
    pub(super) fn event<'a>(&'a self, line: &'a [u8], decoded: Decoded) -> Event<'a> {
        let line = if self.repaired.is_empty() { line } else { &self.repaired };
        let Decoded {
            frame,
            connection,
            value,
        } = decoded;
        let value = match value {
            Decode::AsSent => Value::Json(part(line, &frame.value)),
            Decode::Restored => Value::Json(Json::checked(&self.restored)),
            Decode::State(state) => Value::Json(Json::checked(state)),
            Decode::Reports => Value::Reports(&self.connections.get(connection).reports),
        };
        Event {
            timestamp: self.clock,
            connection: Connection {
                index: connection,
                sent: part(line, &frame.connection),
            },
            method: match frame.known {
                Some(method) => Method::Known(method),
                None => Method::Other(part(line, &frame.method)),
            },
            value,
            extra: Extra {
                text: &line[frame.extra],
            },
        }
    }

    /// Properties that did not fit into their reports.
    pub fn lost(&self) -> u64 {
        self.connections.iter().map(|kept| kept.reports.lost()).sum()
    }
}

/// What a line means.
pub(super) struct Decoded {
    frame: Frame,
    connection: usize,
    value: Decode,
}

/// Where the value of an event is.
enum Decode {
    AsSent,
    Restored,
    State(&'static [u8]),
    Reports,
}

fn part<'a>(line: &'a [u8], part: &Option<Range<usize>>) -> Json<'a> {
    part.clone().map_or(Json::NULL, |part| Json::checked(&line[part]))
}

/// The clock after this line. A delta that is no time leaves it as it is.
fn advanced(clock: f64, line: &[u8], frame: &Frame) -> f64 {
    let delta = frame
        .delta
        .clone()
        .and_then(|delta| Json::checked(&line[delta]).as_f64());
    match delta {
        Some(delta) if delta >= ABSOLUTE_MS_MIN && delta.is_finite() => delta,
        Some(delta) if delta.is_finite() => clock + delta,
        _ => clock,
    }
}

impl<'a> Method<'a> {
    /// The name as a JSON value: a string for those of the protocol, whatever was sent for others.
    pub fn name(self) -> std::borrow::Cow<'a, str> {
        match self {
            Method::Known(method) => method.name.into(),
            Method::Other(sent) => match sent.as_text() {
                Some(text) => text.to_str(),
                None => String::from_utf8_lossy(sent.raw()),
            },
        }
    }
}

impl<'a> Value<'a> {
    pub fn json(self) -> Option<Json<'a>> {
        match self {
            Value::Json(json) => Some(json),
            Value::Reports(_) => None,
        }
    }

    pub fn reports(self) -> Option<&'a Reports> {
        match self {
            Value::Json(_) => None,
            Value::Reports(reports) => Some(reports),
        }
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Value::Json(json) => json.fmt(f),
            Value::Reports(reports) => {
                let mut text = Vec::new();
                reports.write_json(&mut text);
                f.write_str(&String::from_utf8_lossy(&text))
            }
        }
    }
}

impl<'a> Extra<'a> {
    pub const NONE: Extra<'static> = Extra { text: b"" };

    /// `text` is JSON values that have been checked, separated by commas.
    pub(super) const fn checked(text: &'a [u8]) -> Self {
        Extra { text }
    }
}

impl<'a> IntoIterator for Extra<'a> {
    type Item = Json<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        Elements::of(self.text)
    }
}

impl Event<'_> {
    /// Appends the event as `[timestamp, connection, method, value, …extra]`.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        write_number(self.timestamp, out);
        out.push(b',');
        out.extend_from_slice(self.connection.sent.raw());
        out.push(b',');
        match self.method {
            Method::Known(method) => {
                out.push(b'"');
                out.extend_from_slice(method.name.as_bytes());
                out.push(b'"');
            }
            Method::Other(sent) => out.extend_from_slice(sent.raw()),
        }
        out.push(b',');
        match self.value {
            Value::Json(json) => out.extend_from_slice(json.raw()),
            Value::Reports(reports) => reports.write_json(out),
        }
        for extra in self.extra {
            out.push(b',');
            out.extend_from_slice(extra.raw());
        }
        out.push(b']');
    }
}

/// Appends a number as JavaScript writes it: without a fraction if it has none.
fn write_number(number: f64, out: &mut Vec<u8>) {
    let written = match number.fract() == 0.0 && number.abs() < INTEGER_MAX {
        true => serde_json::to_writer(out, &(number as i64)),
        false => serde_json::to_writer(out, &number),
    };
    written.expect("a number can always be written to a vector");
}

/// 2^53: up to here each integer is a double.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests;
