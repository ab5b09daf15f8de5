//! Takes the statistics of all connections, poll by poll, and keeps the changes of each value.
//!
//! An event costs what it has brought. Changes stand as bytes in memory, and go to the room that was lent when all of
//! them take `VIEW_CHANGES_BYTES_MAX`. Beyond `VIEW_SERIES_MAX` values of `VIEW_REPORTS_MAX` reports, further ones are
//! left out and counted.
use std::collections::HashMap;
use std::io;

use super::change::Place;
use super::collected::Collected;
use super::kept::{Kept, Omitted, Polled, Raw};
use super::names::Names;
use super::spill::{Chain, Lend, Spill};
use crate::dump::json::{Json, Kind as Sent, Text};
use crate::dump::reports::{Report, Reports};
use crate::limits::{
    VIEW_ALL_POLLS_MAX, VIEW_ALL_WORDS_BYTES_MAX, VIEW_CHANGES_BYTES_MAX, VIEW_POLLS_MAX, VIEW_REPORTS_MAX,
    VIEW_SERIES_MAX,
};

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Collector {
    connections: Vec<Polled>,
    series: Vec<Raw>,
    reports: usize,
    polls: usize,
    names: Names,
    /// The series of a property, by connection, report and name.
    by_property: HashMap<(u32, u32, u32), u32>,
    /// Bytes of changes in memory.
    pending: usize,
    spill: Spill,
    failed: Option<io::Error>,
    omitted: Omitted,
    /// Bytes that words may still take.
    words_left: usize,
}

impl Collector {
    /// With a room for what does not fit into memory.
    pub fn new(lend: Lend) -> Collector {
        Collector {
            spill: Spill::new(lend),
            words_left: VIEW_ALL_WORDS_BYTES_MAX,
            ..Collector::default()
        }
    }

    /// Takes the next statistics of a connection, whose index counts from 0. `time` is in ms since 1970.
    pub fn poll(&mut self, connection: usize, time: f64, reports: &Reports) {
        if self.connections.len() <= connection {
            self.connections.resize_with(connection + 1, Polled::default);
        }
        let polled = &mut self.connections[connection];
        if polled.times.len() >= VIEW_POLLS_MAX || self.polls >= VIEW_ALL_POLLS_MAX {
            self.omitted.polls += 1;
            return;
        }
        self.polls += 1;
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
                polled.reports[*index as usize].again(poll);
                *index
            }
            None if self.reports < VIEW_REPORTS_MAX => {
                let index = polled.reports.len() as u32;
                self.reports += 1;
                polled.by_id.insert(id.into(), index);
                let id = report.id().to_str().into();
                polled.reports.push(Kept::new(id, Box::default(), vec![(poll, None)]));
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
        let kept = &mut self.connections[connection].reports[report as usize];
        // It may come later than the report.
        if kept.kind.is_empty() {
            kept.kind = from.kind().map(Text::to_str).unwrap_or_default().into();
        }
        let (mut sent, mut brought) = (0, 0);
        for (place, name, value) in from.brought() {
            sent += 1;
            match (name.raw(), value.kind()) {
                (b"timestamp" | b"type" | b"id", _) => {}
                (name, Sent::Object) => {
                    for (member, value) in value.members().take(MEMBERS_MAX) {
                        let name = [name, b".", member.raw()].concat();
                        self.change((connection, report), None, &name, value, poll);
                        brought += 1;
                    }
                }
                (name, _) => {
                    self.change((connection, report), Some(place), name, value, poll);
                    brought += 1;
                }
            }
        }
        // What a report has lost can only be seen where all of it was sent anew.
        if sent == from.count() && self.connections[connection].reports[report as usize].live > brought {
            self.lose(connection, report, poll);
        }
    }

    /// What a report has, but not from this poll, is gone.
    fn lose(&mut self, connection: usize, report: u32, poll: u32) {
        let kept = &mut self.connections[connection].reports[report as usize];
        let begin = kept.begin();
        for at in &kept.series {
            let one = &mut self.series[*at as usize];
            if one.brought != poll && one.holds(begin) {
                self.pending += one.write(poll, f64::NAN);
                kept.live -= 1;
            }
        }
    }

    fn change(&mut self, of: (usize, u32), place: Option<usize>, name: &[u8], value: Json<'_>, poll: u32) {
        let Some(at) = self.find(of, place, name) else {
            self.add(of, place, name, value, poll);
            return;
        };
        let kept = &mut self.connections[of.0].reports[of.1 as usize];
        let one = &mut self.series[at as usize];
        one.brought = poll;
        let number = one.number(value, &mut self.words_left);
        // What a report had before it was away does not count.
        let held = one.holds(kept.begin());
        match (held, number.is_nan()) {
            (false, false) => kept.live += 1,
            (true, true) => kept.live -= 1,
            (false, true) => return,
            (true, false) if number.to_bits() == one.value().to_bits() => return,
            (true, false) => {}
        }
        self.pending += one.write(poll, number);
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
        let named = names.find(name)?;
        let found = *self.by_property.get(&(of.0 as u32, of.1, named))?;
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
            chunk: Place::new(poll, 0.0),
            chain: Chain::default(),
            brought: poll,
        };
        one.begin = one.number(value, &mut self.words_left);
        if one.begin.is_nan() {
            return;
        }
        one.place = Place::new(poll, one.begin);
        one.chunk = one.place;
        let at = self.series.len() as u32;
        self.series.push(one);
        let kept = &mut self.connections[of.0].reports[of.1 as usize];
        kept.series.push(at);
        kept.live += 1;
        kept.hint(place, at);
        self.by_property.insert((of.0 as u32, of.1, name), at);
    }

    /// Moves all changes out of memory.
    pub(super) fn spill(&mut self) {
        for one in &mut self.series {
            if !one.recent.is_empty() && self.failed.is_none() {
                self.failed = self.spill.append(&mut one.chain, one.chunk, &one.recent).err();
            }
            one.recent.clear();
            one.chunk = one.place;
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
