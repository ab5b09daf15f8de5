//! The events of one connection in the order of time: `create`, the entries of the log, and the statistics.
use std::io;

use super::columns::{Columns, Source};
use super::cursor::Cursor;
use super::flags::{Flag, Flags};
use super::kept::Kept;
use super::kinds::{Form, Kind};
use super::made::{Made, Named};
use super::record::Record;
use super::string;
use super::times::{Clock, Times};
use super::values::{self, Labels};
use crate::dump::notes::Notes;
use crate::dump::reports::Reports;
use crate::limits::{INTERNALS_STATS_POINTS, INTERNALS_VALUE_BYTES_MAX};

pub struct Connection {
    record: Record,
    log: Vec<(f64, u32)>,
    columns: Columns,
    pub reports: Reports,
    /// When the first event was made, in ms since 1970.
    begin: f64,
    next: Next,
    next_entry: usize,
    next_poll: u32,
    /// Values that were too long.
    left_out: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Create,
    Any,
    /// The failure of the call that was shown last.
    Failure,
}

/// What the next event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The value that has been made.
    Made,
    /// Statistics: the reports, at the time that has been made.
    Reports,
}

/// What can be said of a record before its values are read.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// When it begins, in ms since 1970.
    pub first: Option<f64>,
    pub flags: Flags,
}

impl Facts {
    pub fn of(record: &Record) -> Facts {
        let times = Times::of(record);
        let mut flags = Flags::default();
        let mut add = |flag, set| {
            if set {
                flags.add(flag);
            }
        };
        let untimed = |report: &super::record::Report| report.timestamps.is_none();
        add(Flag::ClockInferred, times.clock == Clock::Inferred);
        add(Flag::TimesInterpolated, record.reports.iter().any(untimed));
        add(Flag::StatsTruncated, record.longest >= INTERNALS_STATS_POINTS);
        add(Flag::StartedMidCall, times.starts_mid_call(record));
        add(Flag::LegacyStats, record.legacy > 0);
        Facts {
            first: begin(&times, record.stats_span()),
            flags,
        }
    }
}

fn begin(times: &Times, stats: Option<(f64, f64)>) -> Option<f64> {
    let log = times.entries.first().map(|(time, _)| *time);
    let stats = stats.map(|(first, _)| first);
    log.into_iter().chain(stats).reduce(f64::min)
}

impl Connection {
    /// Reads the record at this offset.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn open(kept: &Kept, offset: u64, notes: &mut Notes) -> io::Result<Connection> {
        let mut record = Record::default();
        // What stops the reading has been noted when the record was seen for the first time.
        if let Err(super::cursor::Stop::Io(error)) = record.read(&mut Cursor::new(kept, offset), &mut Notes::default())
        {
            return Err(error);
        }
        let times = Times::of(&record);
        let columns = Columns::of(&record, kept, notes)?;
        debug_assert!(columns.source() == Source::TimeStamps || Facts::of(&record).flags.has(Flag::TimesInterpolated));
        let polls = columns.polls().first().copied();
        let begin = begin(&times, record.stats_span())
            .into_iter()
            .chain(polls)
            .reduce(f64::min);
        Ok(Connection {
            record,
            log: times.entries,
            columns,
            reports: Reports::new(),
            begin: begin.unwrap_or_default(),
            next: Next::Create,
            next_entry: 0,
            next_poll: 0,
            left_out: 0,
        })
    }

    /// Makes the next event. `None` at the end.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn next(&mut self, kept: &Kept, labels: &Labels, made: &mut Made) -> io::Result<Option<Turn>> {
        match self.next {
            Next::Create => {
                self.next = Next::Any;
                self.create(kept, labels, made)?;
                return Ok(Some(Turn::Made));
            }
            Next::Failure => {
                self.next = Next::Any;
                made.begin(made.timestamp, Named::of(b"addIceCandidateOnFailure"));
                made.set(b"\"OperationError\"");
                made.add_text(b"internals");
                return Ok(Some(Turn::Made));
            }
            Next::Any => {}
        }
        let entry = self.log.get(self.next_entry).copied();
        let poll = self.columns.polls().get(self.next_poll as usize).copied();
        match (entry, poll) {
            (Some((time, entry)), poll) if poll.is_none_or(|poll| time <= poll) => {
                self.next_entry += 1;
                self.entry(time, entry, kept, labels, made)?;
                Ok(Some(Turn::Made))
            }
            (_, Some(time)) => {
                made.begin(time, Named::of(b"getStats"));
                self.columns
                    .show(self.next_poll, &self.record, kept, &mut self.reports)?;
                self.next_poll += 1;
                Ok(Some(Turn::Reports))
            }
            (_, None) => Ok(None),
        }
    }

    fn create(&mut self, kept: &Kept, labels: &Labels, made: &mut Made) -> io::Result<()> {
        made.begin(self.begin, Named::of(b"create"));
        // The record has the last configuration, which is the first only if no other was set.
        let is_set = |kind: &Vec<u8>| Kind::of(kind).is_some_and(|kind| kind.form == Form::Configuration);
        if let Some(place) = self
            .record
            .configuration
            .clone()
            .filter(|_| !self.record.types.iter().any(is_set))
        {
            let text = self.text(&Some(place), kept)?;
            made.set(&values::convert(Form::Configuration, &text, labels));
        }
        if let Some(url) = &self.record.url {
            made.add_text(url.as_bytes());
        }
        Ok(())
    }

    fn entry(&mut self, time: f64, entry: u32, kept: &Kept, labels: &Labels, made: &mut Made) -> io::Result<()> {
        let entry = self.record.log[entry as usize].clone();
        let text = self.text(&entry.value, kept)?;
        let name = &self.record.types[entry.kind as usize];
        let kind = Kind::of(name);
        let form = kind.map_or(Form::Other, |kind| kind.form);
        made.begin(
            time,
            kind.map_or_else(|| Named::of(name), |kind| Named::of(kind.method.as_bytes())),
        );
        made.set(&values::convert(form, &text, labels));
        if form == Form::CandidateFailed {
            made.add_text(b"internals");
            self.next = Next::Failure;
        }
        Ok(())
    }

    /// The characters of a string.
    fn text(&mut self, place: &Option<super::cursor::Place>, kept: &Kept) -> io::Result<Vec<u8>> {
        let Some(place) = place else { return Ok(Vec::new()) };
        if place.end - place.start > INTERNALS_VALUE_BYTES_MAX as u64 {
            self.left_out += 1;
            return Ok(Vec::new());
        }
        Ok(string::decode(&kept.part(place.clone())?))
    }

    /// Says what of this connection could not be shown.
    pub fn tell(&self, notes: &mut Notes) {
        if self.left_out > 0 {
            notes.other(format!("a connection has {} values that are too long", self.left_out));
        }
        if self.columns.lost > 0 {
            notes.other(format!(
                "a connection has {} values of statistics that are no JSON",
                self.columns.lost
            ));
        }
        if self.reports.lost() > 0 {
            notes.other(format!(
                "a connection has {} properties that found no room",
                self.reports.lost()
            ));
        }
    }
}
