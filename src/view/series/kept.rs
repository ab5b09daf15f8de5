//! What is kept of a dump's statistics while they are collected, and afterwards.
use std::collections::HashMap;
use std::io;
use std::ops::Range;

use super::change::Place;
use super::names::{Names, Words};
use super::spill::{Chain, Spill};
use super::units::{self, Kind, Unit};
use crate::dump::json::Json;
use crate::limits::VIEW_SPANS_MAX;

/// What was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Omitted {
    pub series: u64,
    pub polls: u64,
}

/// The polls of one connection.
#[derive(Debug, Default)]
pub struct Polled {
    /// When, in ms since 1970.
    pub times: Vec<f64>,
    pub reports: Vec<Kept>,
    pub by_id: HashMap<Box<str>, u32>,
    /// The report at each place of the decoder.
    pub places: Vec<Option<u32>>,
    /// Values of the reports that are there.
    pub present: usize,
    /// Whether these are the reports of the last statistics. Before the first poll they are not.
    pub is_current: bool,
}

/// One report.
#[derive(Debug)]
pub struct Kept {
    pub id: Box<str>,
    pub kind: Box<str>,
    /// The polls in which it was there, from and to; of the last one, the end is absent as long as it is there.
    pub spans: Vec<(u32, Option<u32>)>,
    pub series: Vec<u32>,
    /// How many of them have a value.
    pub live: usize,
    /// The series of each property, by the place of the property.
    pub hints: Vec<u32>,
}

/// One value over time.
#[derive(Debug)]
pub struct Raw {
    pub connection: u32,
    pub report: u32,
    pub name: u32,
    pub first: u32,
    pub begin: f64,
    pub place: Place,
    pub words: Option<Box<Words>>,
    /// Changes in memory, and from where they go on.
    pub recent: Vec<u8>,
    pub chunk: Place,
    pub chain: Chain,
    /// The poll that has brought it last.
    pub brought: u32,
}

const NO_HINT: u32 = u32::MAX;

impl Polled {
    /// The time of the next poll, in whole ms as the page has them. It is never before the last one, so that one can
    /// search for times.
    pub fn next_time(&self, time: f64) -> f64 {
        let time = time.round();
        self.times.last().map_or(time, |last| time.max(*last))
    }

    /// Nothing is known of any report from this poll on.
    pub fn leave(&mut self, poll: u32) {
        for report in std::mem::take(&mut self.places).into_iter().flatten() {
            self.gone(report, poll);
        }
    }

    /// A report is not there any more.
    pub fn gone(&mut self, report: u32, poll: u32) {
        let kept = &mut self.reports[report as usize];
        self.present = self.present.saturating_sub(kept.series.len());
        if let Some(span) = kept.spans.last_mut() {
            span.1 = Some(poll);
        }
    }
}

impl Kept {
    pub fn new(id: Box<str>, kind: Box<str>, spans: Vec<(u32, Option<u32>)>) -> Kept {
        Kept {
            id,
            kind,
            spans,
            series: Vec::new(),
            live: 0,
            hints: Vec::new(),
        }
    }

    /// It is there again.
    pub fn again(&mut self, poll: u32) {
        self.hints.clear();
        // One that comes and goes all the time is taken for one that stays.
        if self.spans.len() < VIEW_SPANS_MAX {
            self.spans.push((poll, None));
            self.live = 0;
        } else if let Some((_, end)) = self.spans.last_mut() {
            *end = None;
        }
    }

    /// Values that it has for the polls since it went: they are absent, but they are there.
    pub fn missed(&self, poll: u32) -> usize {
        let since = self.spans.last().and_then(|(_, end)| *end).unwrap_or(poll);
        poll.saturating_sub(since) as usize * self.series.len()
    }

    /// The poll from which on it is there.
    pub fn begin(&self) -> u32 {
        self.spans.last().map_or(0, |(begin, _)| *begin)
    }

    pub fn hint(&mut self, place: Option<usize>, series: u32) {
        let Some(place) = place else { return };
        if self.hints.len() <= place {
            self.hints.resize(place + 1, NO_HINT);
        }
        self.hints[place] = series;
    }
}

impl Raw {
    /// Whether it has a value, in a report that is there since this poll.
    pub fn holds(&self, begin: u32) -> bool {
        self.place.poll() >= begin && !self.place.value().is_nan()
    }

    pub fn value(&self) -> f64 {
        self.place.value()
    }

    /// The number that stands for a value: itself, or the place of a word. What does not fit the first value is absent.
    pub fn number(&mut self, value: Json<'_>, room: &mut usize) -> f64 {
        match &mut self.words {
            _ if value.is_null() => f64::NAN,
            Some(words) => words.number(value, room),
            None => value.as_f64().filter(|number| number.is_finite()).unwrap_or(f64::NAN),
        }
    }

    /// Writes a change, and says how many bytes it takes.
    pub fn write(&mut self, poll: u32, value: f64) -> usize {
        let before = self.recent.len();
        self.place.write(poll, value, &mut self.recent);
        self.recent.len() - before
    }

    pub fn has_changes(&self) -> bool {
        !self.recent.is_empty() || self.chain.is_some()
    }

    /// All changes behind the first value.
    ///
    /// # Errors
    /// Those of the room.
    pub fn changes(&self, spill: &mut Spill) -> io::Result<Vec<(u32, f64)>> {
        Ok(self.changes_within(0..u32::MAX, spill)?.1)
    }

    /// The changes behind the first of these polls, and what holds at it.
    ///
    /// # Errors
    /// Those of the room.
    pub fn changes_within(&self, polls: Range<u32>, spill: &mut Spill) -> io::Result<(Place, Vec<(u32, f64)>)> {
        let (first, mut bytes) = match self.recent.is_empty() || polls.start < self.chunk.poll() {
            true => spill.read(self.chain, &polls)?,
            false => (None, Vec::new()),
        };
        if self.chunk.poll() < polls.end {
            bytes.extend_from_slice(&self.recent);
        }
        let begin = match first {
            Some(first) => first,
            None if self.chain.is_some() => self.chunk,
            None => Place::new(self.first, self.begin),
        };
        let (mut place, mut bytes) = (begin, &bytes[..]);
        let mut holding = begin;
        let mut changes = Vec::new();
        while let Some((poll, value)) = place.read(&mut bytes).filter(|(poll, _)| *poll < polls.end) {
            if poll <= polls.start && polls.start > 0 {
                holding = place;
            } else {
                changes.push((poll, value));
            }
        }
        Ok((holding, changes))
    }

    pub fn words(&self) -> Option<&[String]> {
        self.words.as_ref().map(|words| &words.words[..])
    }
}

/// Whether the values of a series are words.
pub fn is_state(raw: &Raw) -> bool {
    raw.words.is_some()
}

/// The unit of a series.
pub fn unit(raw: &Raw, names: &Names) -> Unit {
    match (is_state(raw), names.names[raw.name as usize].1) {
        (true, _) => units::WORDS,
        (false, Unit { kind: Kind::State, .. }) => units::of_number(""),
        (false, unit) => unit,
    }
}
