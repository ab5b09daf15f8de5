//! Takes the statistics of all connections, poll by poll, and keeps the changes of each value.
//!
//! An event costs what it has brought. Changes stand as bytes in memory, and go to the room that was lent when all of
//! them take `VIEW_CHANGES_BYTES_MAX`. Beyond `VIEW_SERIES_MAX` values of `VIEW_REPORTS_MAX` reports, further ones are
//! left out and counted.
use std::collections::HashMap;
use std::io;

use super::change::Place;
use super::collected::Collected;
use super::names::{Names, Words};
use super::spill::{Chain, Lend, Spill};
use super::units::{self, Kind, Unit};
use crate::dump::json::{Json, Kind as Sent};
use crate::dump::reports::{Report, Reports};
use crate::limits::{VIEW_CHANGES_BYTES_MAX, VIEW_POLLS_MAX, VIEW_REPORTS_MAX, VIEW_SERIES_MAX};

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Collector {
    connections: Vec<Polled>,
    series: Vec<Raw>,
    reports: usize,
    names: Names,
    /// Bytes of changes in memory.
    pending: usize,
    spill: Spill,
    failed: Option<io::Error>,
    omitted: Omitted,
}

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
    by_id: HashMap<Box<[u8]>, u32>,
    /// The report at each place of the decoder.
    places: Vec<Option<u32>>,
}

/// One report.
#[derive(Debug)]
pub struct Kept {
    pub id: Box<str>,
    pub kind: Box<str>,
    /// The polls in which it was there, from and to; of the last one, the end is absent as long as it is there.
    pub spans: Vec<(u32, Option<u32>)>,
    pub series: Vec<u32>,
    /// The series of each property, by the place of the property.
    hints: Vec<u32>,
}

/// One value over time.
#[derive(Debug)]
pub struct Raw {
    pub connection: u32,
    pub report: u32,
    pub name: u32,
    pub first: u32,
    pub begin: f64,
    place: Place,
    words: Option<Box<Words>>,
    recent: Vec<u8>,
    chain: Chain,
    /// The poll that has brought it last.
    brought: u32,
}

const NO_HINT: u32 = u32::MAX;

impl Collector {
    /// With a room for what does not fit into memory.
    pub fn new(lend: Lend) -> Collector {
        Collector {
            spill: Spill::new(lend),
            ..Collector::default()
        }
    }

    /// Takes the next statistics of a connection, whose index counts from 0. `time` is in ms since 1970.
    pub fn poll(&mut self, connection: usize, time: f64, reports: &Reports) {
        if self.connections.len() <= connection {
            self.connections.resize_with(connection + 1, Polled::default);
        }
        let polled = &mut self.connections[connection];
        if polled.times.len() >= VIEW_POLLS_MAX {
            self.omitted.polls += 1;
            return;
        }
        let poll = polled.times.len() as u32;
        // The page has them in whole ms, and rates are those of its times.
        polled.times.push(time.round());
        for report in reports.removed() {
            let place = polled.places.get_mut(report.place()).and_then(Option::take);
            if let Some(index) = place
                && let Some(span) = polled.reports[index as usize].spans.last_mut()
            {
                span.1 = Some(poll);
            }
        }
        for report in reports.changed() {
            if let Some(index) = self.report(connection, report, poll) {
                self.changes(connection, index, report, poll);
            }
        }
        if self.pending > VIEW_CHANGES_BYTES_MAX {
            self.spill();
        }
    }

    /// The index of a report, which is made if it is not there. `None` if there are too many.
    fn report(&mut self, connection: usize, report: Report<'_>, poll: u32) -> Option<u32> {
        let polled = &mut self.connections[connection];
        if let Some(Some(index)) = polled.places.get(report.place()) {
            return Some(*index);
        }
        let id = report.id().raw();
        let index = match polled.by_id.get(id) {
            Some(index) => {
                polled.reports[*index as usize].spans.push((poll, None));
                polled.reports[*index as usize].hints.clear();
                *index
            }
            None if self.reports < VIEW_REPORTS_MAX => {
                let index = polled.reports.len() as u32;
                self.reports += 1;
                polled.by_id.insert(id.into(), index);
                polled.reports.push(Kept {
                    id: report.id().to_str().into(),
                    kind: report.kind().map(|kind| kind.to_str()).unwrap_or_default().into(),
                    spans: vec![(poll, None)],
                    series: Vec::new(),
                    hints: Vec::new(),
                });
                index
            }
            None => {
                self.omitted.series += 1;
                return None;
            }
        };
        if polled.places.len() <= report.place() {
            polled.places.resize(report.place() + 1, None);
        }
        polled.places[report.place()] = Some(index);
        Some(index)
    }

    /// Takes what an event has brought of one report.
    fn changes(&mut self, connection: usize, report: u32, from: Report<'_>, poll: u32) {
        let mut brought = 0;
        for (place, name, value) in from.brought() {
            brought += 1;
            let is_object = value.kind() == Sent::Object;
            match name.raw() {
                b"timestamp" | b"type" | b"id" => {}
                name if is_object => {
                    for (member, value) in value.members().take(MEMBERS_MAX) {
                        let name = [name, b".", member.raw()].concat();
                        self.change((connection, report), None, &name, value, poll);
                    }
                }
                name => self.change((connection, report), Some(place), name, value, poll),
            }
        }
        // What a report has lost can only be seen where all of it was sent anew.
        if brought == from.count() {
            let (series, kept) = (&mut self.series, &self.connections[connection].reports[report as usize]);
            for at in &kept.series {
                let one = &mut series[*at as usize];
                if one.brought != poll && !one.place.value().is_nan() {
                    self.pending += one.write(poll, f64::NAN);
                }
            }
        }
    }

    fn change(&mut self, of: (usize, u32), place: Option<usize>, name: &[u8], value: Json<'_>, poll: u32) {
        let Some(at) = self.find(of, place, name) else {
            self.add(of, place, name, value, poll);
            return;
        };
        let one = &mut self.series[at as usize];
        one.brought = poll;
        let number = one.number(value);
        let before = one.place.value();
        let spans = &self.connections[of.0].reports[of.1 as usize].spans;
        let begin = spans.last().map_or(0, |(begin, _)| *begin);
        // What a report had before it was away does not count.
        let holds = one.place.poll() >= begin && number.to_bits() == before.to_bits();
        if !holds {
            self.pending += one.write(poll, number);
        }
    }

    /// The series of a property.
    fn find(&mut self, of: (usize, u32), place: Option<usize>, name: &[u8]) -> Option<u32> {
        let kept = &mut self.connections[of.0].reports[of.1 as usize];
        let (series, names) = (&self.series, &self.names);
        let is_named = |at: u32| {
            let one = series.get(at as usize);
            one.is_some_and(|one| names.names[one.name as usize].0.as_bytes() == name)
        };
        if let Some(hint) = place
            .and_then(|place| kept.hints.get(place))
            .filter(|hint| is_named(**hint))
        {
            return Some(*hint);
        }
        let found = kept.series.iter().copied().find(|at| is_named(*at))?;
        kept.hint(place, found);
        Some(found)
    }

    fn add(&mut self, of: (usize, u32), place: Option<usize>, name: &[u8], value: Json<'_>, poll: u32) {
        if value.is_null() {
            return;
        }
        if self.series.len() >= VIEW_SERIES_MAX {
            self.omitted.series += 1;
            return;
        }
        let is_number = value.kind() == Sent::Number;
        let Some(name) = self.names.index(name, is_number) else {
            self.omitted.series += 1;
            return;
        };
        let mut one = Raw {
            connection: of.0 as u32,
            report: of.1,
            name,
            first: poll,
            begin: 0.0,
            place: Place::new(poll, 0.0),
            words: (!is_number).then(Box::default),
            recent: Vec::new(),
            chain: Chain::default(),
            brought: poll,
        };
        one.begin = one.number(value);
        one.place = Place::new(poll, one.begin);
        let at = self.series.len() as u32;
        self.series.push(one);
        let kept = &mut self.connections[of.0].reports[of.1 as usize];
        kept.series.push(at);
        kept.hint(place, at);
    }

    /// Moves all changes out of memory.
    fn spill(&mut self) {
        for one in &mut self.series {
            if !one.recent.is_empty() && self.failed.is_none() {
                self.failed = self.spill.append(&mut one.chain, &one.recent).err();
            }
            one.recent.clear();
        }
        self.pending = 0;
    }

    /// There are no more statistics.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish(self) -> io::Result<Collected> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Collected::new(
                self.connections,
                self.series,
                self.names,
                self.spill,
                self.omitted,
            )),
        }
    }
}

/// Members of an object that are values of their own. `qualityLimitationDurations` has four.
const MEMBERS_MAX: usize = 16;

impl Kept {
    fn hint(&mut self, place: Option<usize>, series: u32) {
        let Some(place) = place else { return };
        if self.hints.len() <= place {
            self.hints.resize(place + 1, NO_HINT);
        }
        self.hints[place] = series;
    }
}

impl Raw {
    /// The number that stands for a value: itself, or the place of a word. What does not fit the first value is absent.
    fn number(&mut self, value: Json<'_>) -> f64 {
        match &mut self.words {
            _ if value.is_null() => f64::NAN,
            Some(words) => words.number(value),
            None => value.as_f64().filter(|number| number.is_finite()).unwrap_or(f64::NAN),
        }
    }

    /// Writes a change, and says how many bytes it takes.
    fn write(&mut self, poll: u32, value: f64) -> usize {
        let before = self.recent.len();
        self.place.write(poll, value, &mut self.recent);
        self.recent.len() - before
    }

    /// All changes behind the first value.
    ///
    /// # Errors
    /// Those of the room.
    pub fn changes(&self, spill: &mut Spill) -> io::Result<Vec<(u32, f64)>> {
        let mut bytes = spill.read(self.chain)?;
        bytes.extend_from_slice(&self.recent);
        let (mut place, mut bytes) = (Place::new(self.first, self.begin), &bytes[..]);
        Ok(std::iter::from_fn(|| place.read(&mut bytes)).collect())
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
