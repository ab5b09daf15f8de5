//! The record of one connection: where its log entries and its series are.
//!
//! Nothing large is kept but places in the text. What is beyond `INTERNALS_ENTRIES_MAX` and `INTERNALS_SERIES_MAX` is
//! left out and said. Wrong parts are absent. Failures are those of the text, see `Stop`; what was read before one
//! stays.
use std::collections::HashMap;

use super::clock::{self, Local};
use super::cursor::{Cursor, Place, Stop};
use super::key::{self, Key};
use super::series::Values;
use super::string;
use crate::dump::notes::Notes;
use crate::limits::{INTERNALS_ENTRIES_MAX, INTERNALS_NAME_BYTES_MAX, INTERNALS_SERIES_MAX};

#[derive(Default)]
pub struct Record {
    pub url: Option<String>,
    /// The inside of the string.
    pub configuration: Option<Place>,
    pub log: Vec<Entry>,
    /// The types of entries, each once.
    pub types: Vec<Vec<u8>>,
    pub reports: Vec<Report>,
    pub series: Vec<Series>,
    /// The names of properties, each once.
    pub properties: Vec<String>,
    /// Series that the page has computed from others.
    pub derived: u64,
    /// Series of the callback-based statistics.
    pub legacy: u64,
    /// Values in the longest series.
    pub longest: u32,
    left_out: u64,
    /// Series whose keys name no report.
    strange: u64,
    by_type: HashMap<Vec<u8>, u32>,
    by_id: HashMap<String, u32>,
    by_property: HashMap<String, u32>,
}

/// One entry of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    pub time: When,
    /// Which of `types`.
    pub kind: u32,
    /// The inside of the string; an empty one is none.
    pub value: Option<Place>,
}

/// When an entry was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    Utc(f64),
    Local(Local),
    Unknown,
}

/// One report, with all the properties that it has ever had.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub id: String,
    /// As the series say.
    pub kind: Option<String>,
    /// The series of its time stamps.
    pub timestamps: Option<u32>,
    /// Its longest series.
    pub longest: Option<u32>,
}

/// One series of values.
#[derive(Clone, Debug)]
pub struct Series {
    pub report: u32,
    /// Which of `properties`.
    pub property: u32,
    /// When its first and last points were made, in ms since 1970; NaN if that is not said.
    pub start: f64,
    pub end: f64,
    /// The inside of the string.
    pub values: Place,
    pub count: u32,
}

impl Record {
    /// Reads the object at which the cursor is.
    ///
    /// # Errors
    /// See `Stop`.
    pub fn read(&mut self, cursor: &mut Cursor, notes: &mut Notes) -> Result<(), Stop> {
        let mut chunk = Vec::new();
        let read = cursor.members(
            |cursor, name| match cursor.text(&name, INTERNALS_NAME_BYTES_MAX)?.as_deref() {
                Some(b"url") => {
                    let place = cursor.string()?;
                    let url = place
                        .map(|place| cursor.text(&place, INTERNALS_NAME_BYTES_MAX))
                        .transpose()?
                        .flatten();
                    self.url = url.map(|url| string::shown(&url));
                    Ok(())
                }
                Some(b"rtcConfiguration") => {
                    self.configuration = cursor.string()?.filter(|place| !place.is_empty());
                    Ok(())
                }
                Some(b"updateLog") => cursor.elements(|cursor| self.entry(cursor)),
                Some(b"stats") => cursor.members(|cursor, name| self.series(cursor, &name, &mut chunk)),
                _ => cursor.skip(),
            },
        );
        if self.left_out > 0 {
            notes.other(format!(
                "a connection has {} log entries and series too many",
                self.left_out
            ));
        }
        if self.strange > 0 {
            notes.other(format!(
                "a connection has {} series that are of no report",
                self.strange
            ));
        }
        read
    }

    fn entry(&mut self, cursor: &mut Cursor) -> Result<(), Stop> {
        let (mut kind, mut value, mut time, mut local) = (None, None, None, None);
        cursor.members(|cursor, name| {
            match cursor.text(&name, INTERNALS_NAME_BYTES_MAX)?.as_deref() {
                Some(b"type") => {
                    let place = cursor.string()?;
                    kind = place
                        .map(|place| cursor.text(&place, INTERNALS_NAME_BYTES_MAX))
                        .transpose()?
                        .flatten();
                }
                Some(b"value") => value = cursor.string()?.filter(|place| !place.is_empty()),
                Some(b"timestamp") => {
                    let place = cursor.value()?;
                    time = number(&cursor.raw(&place)?);
                }
                Some(b"time") => {
                    let place = cursor.string()?;
                    let text = place
                        .map(|place| cursor.text(&place, INTERNALS_NAME_BYTES_MAX))
                        .transpose()?
                        .flatten();
                    local = text.and_then(|text| clock::local(&string::shown(&text)));
                }
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        let Some(kind) = kind else { return Ok(()) };
        if self.log.len() == INTERNALS_ENTRIES_MAX {
            self.left_out += 1;
            return Ok(());
        }
        let kind = *self.by_type.entry(kind).or_insert_with_key(|kind| {
            self.types.push(kind.clone());
            self.types.len() as u32 - 1
        });
        let time = match (time, local) {
            (Some(time), _) => When::Utc(time),
            (None, Some(local)) => When::Local(local),
            (None, None) => When::Unknown,
        };
        self.log.push(Entry { time, kind, value });
        Ok(())
    }

    fn series(&mut self, cursor: &mut Cursor, name: &Place, chunk: &mut Vec<u8>) -> Result<(), Stop> {
        let Some(name) = cursor.text(name, INTERNALS_NAME_BYTES_MAX)? else {
            self.left_out += 1;
            return cursor.skip();
        };
        let (id, property) = match key::split(&name) {
            Key::Property { id, name } => (string::shown(id), string::shown(name)),
            Key::Derived => {
                self.derived += 1;
                return cursor.skip();
            }
            Key::Legacy => {
                self.legacy += 1;
                return cursor.skip();
            }
            Key::Unknown => {
                self.strange += 1;
                return cursor.skip();
            }
        };
        let (mut start, mut end, mut kind, mut values) = (f64::NAN, f64::NAN, None, None);
        cursor.members(|cursor, name| {
            let name = cursor.text(&name, INTERNALS_NAME_BYTES_MAX)?;
            let name = name.as_deref().unwrap_or_default();
            if name == b"values" {
                values = cursor.string()?;
                return Ok(());
            }
            let place = cursor.string()?;
            let text = place
                .map(|place| cursor.text(&place, INTERNALS_NAME_BYTES_MAX))
                .transpose()?
                .flatten();
            let text = text.map(|text| string::shown(&text));
            match name {
                b"startTime" => start = text.and_then(|text| clock::utc(&text)).unwrap_or(f64::NAN),
                b"endTime" => end = text.and_then(|text| clock::utc(&text)).unwrap_or(f64::NAN),
                b"statsType" => kind = text.filter(|text| !text.is_empty()),
                _ => {}
            }
            Ok(())
        })?;
        let Some(values) = values else { return Ok(()) };
        let count = Values::new(cursor.kept(), values.clone(), chunk).count()?;
        if count == 0 {
            return Ok(());
        }
        if self.series.len() == INTERNALS_SERIES_MAX {
            self.left_out += 1;
            return Ok(());
        }
        self.add(id, property, kind, |report, property| Series {
            report,
            property,
            start,
            end,
            values,
            count,
        });
        Ok(())
    }

    fn add(&mut self, id: String, property: String, kind: Option<String>, series: impl FnOnce(u32, u32) -> Series) {
        let index = *self.by_id.entry(id).or_insert_with_key(|id| {
            self.reports.push(Report {
                id: id.clone(),
                ..Report::default()
            });
            self.reports.len() as u32 - 1
        });
        let property = *self.by_property.entry(property).or_insert_with_key(|property| {
            self.properties.push(property.clone());
            self.properties.len() as u32 - 1
        });
        let series = series(index, property);
        let place = self.series.len() as u32;
        let report = &mut self.reports[index as usize];
        report.kind = report.kind.take().or(kind);
        if self.properties[property as usize] == "timestamp" {
            report.timestamps = Some(place);
        }
        let longest = report.longest.map_or(0, |longest| self.series[longest as usize].count);
        if series.count > longest {
            report.longest = Some(place);
        }
        self.longest = self.longest.max(series.count);
        self.series.push(series);
    }

    /// The first and last points of all series, in ms since 1970.
    pub fn stats_span(&self) -> Option<(f64, f64)> {
        let first = self
            .series
            .iter()
            .map(|series| series.start)
            .filter(|time| time.is_finite());
        let last = self
            .series
            .iter()
            .map(|series| series.end)
            .filter(|time| time.is_finite());
        Some((first.reduce(f64::min)?, last.reduce(f64::max)?))
    }
}

/// A point in time as a JSON number.
pub fn number(raw: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(raw).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}
