//! Takes the statistics of all connections, poll by poll, and keeps the changes of each value.
//!
//! An event costs what it has brought. Changes stand as bytes in memory, and go to the room that was lent when all of
//! them take `VIEW_CHANGES_BYTES_MAX`. Beyond `VIEW_SERIES_MAX` values of `VIEW_REPORTS_MAX` reports, and of
//! `VIEW_VALUES_MAX` in all polls, further ones are left out and counted.
use std::collections::HashMap;
use std::io;

use super::change::Place;
use super::collected::Collected;
use super::kept::{Kept, Omitted, Polled, Raw};
use super::names::{Names, kept_id};
use super::spill::{Chain, Lend, Spill};
use crate::dump::json::{Json, Kind as Sent, Text};
use crate::dump::reports::{Report, Reports};
use crate::limits::{
    VIEW_ALL_POLLS_MAX, VIEW_ALL_WORDS_BYTES_MAX, VIEW_CHANGES_BYTES_MAX, VIEW_POLLS_MAX, VIEW_REPORTS_MAX,
    VIEW_SERIES_MAX, VIEW_VALUES_MAX,
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
    /// Values that further polls may have.
    pub(super) values_left: usize,
    /// Polls that came with an earlier time than the one before.
    turned_back: usize,
}

/// Whether a report was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Newly,
    Before,
}

impl Collector {
    /// With a room for what does not fit into memory.
    pub fn new(lend: Lend) -> Collector {
        Collector {
            spill: Spill::new(lend),
            words_left: VIEW_ALL_WORDS_BYTES_MAX,
            values_left: VIEW_VALUES_MAX,
            ..Collector::default()
        }
    }

    /// Takes the next statistics of a connection, whose index counts from 0. `time` is in ms since 1970.
    pub fn poll(&mut self, connection: usize, time: f64, reports: &Reports) {
        if self.connections.len() <= connection {
            self.connections.resize_with(connection + 1, Polled::default);
        }
        let polled = &mut self.connections[connection];
        let is_full = polled.times.len() >= VIEW_POLLS_MAX || self.polls >= VIEW_ALL_POLLS_MAX;
        if is_full || polled.present > self.values_left {
            self.omitted.polls += 1;
            polled.is_current = false;
            return;
        }
        self.polls += 1;
        // What an event has not brought is there all the same.
        self.values_left -= polled.present;
        let poll = polled.times.len() as u32;
        let next = polled.next_time(time);
        self.turned_back += usize::from(next > time.round());
        polled.times.push(next);
        let was_current = std::mem::replace(&mut polled.is_current, true);
        if !was_current {
            polled.leave(poll);
        }
        for report in reports.removed() {
            let place = polled.places.get_mut(report.place()).and_then(Option::take);
            if let Some(index) = place {
                polled.gone(index, poll);
            }
        }
        for report in reports.changed() {
            self.take(connection, report, poll);
        }
        if !was_current {
            for report in reports.iter() {
                let place = self.connections[connection].places.get(report.place());
                if place.is_none_or(|place| place.is_none()) {
                    self.take(connection, report, poll);
                }
            }
        }
        if self.pending > VIEW_CHANGES_BYTES_MAX {
            self.spill();
        }
    }

    /// Statistics of a connection were passed over. What changed in them is taken with the next that are not.
    pub fn pass(&mut self, connection: usize) {
        if let Some(polled) = self.connections.get_mut(connection) {
            polled.is_current = false;
        }
    }

    fn take(&mut self, connection: usize, report: Report<'_>, poll: u32) {
        match self.report(connection, report, poll) {
            Some((index, Met::Newly)) => self.all(connection, index, report, poll),
            Some((index, Met::Before)) => self.changes(connection, index, report, poll),
            None => {}
        }
    }

    /// The index of a report, which is made if it is not there. `None` if there are too many.
    fn report(&mut self, connection: usize, report: Report<'_>, poll: u32) -> Option<(u32, Met)> {
        let polled = &mut self.connections[connection];
        if let Some(Some(index)) = polled.places.get(report.place()) {
            return Some((*index, Met::Before));
        }
        let id = report.id().to_str();
        let id = kept_id(&id);
        let index = match polled.by_id.get(&*id) {
            Some(index) => {
                let kept = &mut polled.reports[*index as usize];
                let missed = kept.missed(poll);
                if missed > self.values_left {
                    self.omitted.series += 1;
                    return None;
                }
                self.values_left -= missed;
                kept.again(poll);
                polled.present += kept.series.len();
                *index
            }
            None if self.reports < VIEW_REPORTS_MAX => {
                let index = polled.reports.len() as u32;
                self.reports += 1;
                polled.by_id.insert((&*id).into(), index);
                let kept = Kept::new((&*id).into(), Box::default(), vec![(poll, None)]);
                polled.reports.push(kept);
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
        Some((index, Met::Newly))
    }

    /// Takes all that a report has. Some of it may have been brought by events that were passed over.
    fn all(&mut self, connection: usize, report: u32, from: Report<'_>, poll: u32) {
        self.kind(connection, report, from);
        let brought = from
            .properties()
            .map(|(name, value)| self.property((connection, report), None, name.raw(), value, poll));
        let brought: usize = brought.sum();
        if self.connections[connection].reports[report as usize].live > brought {
            self.lose(connection, report, poll);
        }
    }

    fn kind(&mut self, connection: usize, report: u32, from: Report<'_>) {
        let kept = &mut self.connections[connection].reports[report as usize];
        // It may come later than the report.
        if kept.kind.is_empty() {
            let kind = from.kind().map(Text::to_str).unwrap_or_default();
            kept.kind = (&*kept_id(&kind)).into();
        }
    }

    /// Takes what an event has brought of one report.
    fn changes(&mut self, connection: usize, report: u32, from: Report<'_>, poll: u32) {
        self.kind(connection, report, from);
        let (mut sent, mut brought) = (0, 0);
        for (place, name, value) in from.brought() {
            sent += 1;
            brought += self.property((connection, report), Some(place), name.raw(), value, poll);
        }
        // What a report has lost can only be seen where all of it was sent anew.
        if sent == from.count() && self.connections[connection].reports[report as usize].live > brought {
            self.lose(connection, report, poll);
        }
    }

    /// Takes one property, and says how many values it has.
    fn property(&mut self, of: (usize, u32), place: Option<usize>, name: &[u8], value: Json<'_>, poll: u32) -> usize {
        match (name, value.kind()) {
            (b"timestamp" | b"type" | b"id", _) => 0,
            (name, Sent::Object) => {
                let mut brought = 0;
                for (member, value) in value.members().take(MEMBERS_MAX) {
                    let name = [name, b".", member.raw()].concat();
                    self.change(of, None, &name, value, poll);
                    brought += 1;
                }
                brought
            }
            (name, _) => {
                self.change(of, place, name, value, poll);
                1
            }
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
        let polled = &mut self.connections[of.0];
        polled.present += 1;
        let kept = &mut polled.reports[of.1 as usize];
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
            one.recent = Vec::new();
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
                self.turned_back,
            )),
        }
    }
}

/// Members of an object that are values of their own. `qualityLimitationDurations` has four.
const MEMBERS_MAX: usize = 16;
