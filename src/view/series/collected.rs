//! All values of a dump, each of which is given whole when it is asked for.
use std::cell::RefCell;
use std::io;

use super::drawn::{Formula, drawn};
use super::kept::{Kept, Omitted, Polled, Raw, is_state, unit};
use super::names::Names;
use super::spill::Spill;
use super::units::{self, Kind, Unit};
use crate::dump::steps;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Collected {
    pub(super) connections: Vec<Polled>,
    pub(super) series: Vec<Raw>,
    pub(super) names: Names,
    pub(super) spill: RefCell<Spill>,
    omitted: Omitted,
    turned_back: usize,
}

/// A value at each poll from the first in which it was there to the last. NaN where it is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dense {
    pub first: usize,
    pub values: Vec<f64>,
}

/// What stands in a head besides the names.
const REPORT_BYTES: usize = 60;
const SERIES_BYTES: usize = 150;

impl Collected {
    pub(super) fn new(
        connections: Vec<Polled>,
        series: Vec<Raw>,
        names: Names,
        spill: Spill,
        omitted: Omitted,
        turned_back: usize,
    ) -> Collected {
        Collected {
            connections,
            series,
            names,
            spill: RefCell::new(spill),
            omitted,
            turned_back,
        }
    }

    /// The connections with statistics, by index from 0.
    pub fn connections(&self) -> &[Polled] {
        &self.connections
    }

    /// How many series there are; their numbers are below.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    pub fn omitted(&self) -> Omitted {
        self.omitted
    }

    /// About what the names of all reports and values take in a head, where a report is named by itself, by its track
    /// or pair, and by each of its values.
    pub fn head_bytes(&self) -> usize {
        let report =
            |kept: &Kept| REPORT_BYTES + 3 * kept.id.len() + kept.series.len() * (SERIES_BYTES + kept.id.len());
        let reports = self.connections.iter().flat_map(|polled| &polled.reports);
        let names = self
            .series
            .iter()
            .map(|raw| self.names.names[raw.name as usize].0.len());
        reports.map(report).sum::<usize>() + names.sum::<usize>()
    }

    /// How many polls came with an earlier time than the one before, and have the time of that one.
    pub fn turned_back(&self) -> usize {
        self.turned_back
    }

    /// Whether a series has more than one value. One of a report that comes and goes may have one.
    pub fn changes(&self, series: usize) -> bool {
        self.series[series].has_changes()
    }

    /// The number that a series has in all polls of its report, if that is plain without looking at each.
    pub fn only(&self, series: usize) -> Option<f64> {
        let raw = &self.series[series];
        let spans = &self.connections[raw.connection as usize].reports[raw.report as usize].spans;
        let is_whole = spans.len() == 1 && spans[0].0 == raw.first;
        (is_whole && !raw.has_changes()).then_some(raw.begin)
    }

    /// How many values a series has.
    pub fn count(&self, series: usize) -> usize {
        let raw = &self.series[series];
        let polled = &self.connections[raw.connection as usize];
        self.end(series)
            .unwrap_or(polled.times.len())
            .saturating_sub(raw.first as usize)
    }

    /// The poll at which the report of a series was there no more.
    fn end(&self, series: usize) -> Option<usize> {
        let raw = &self.series[series];
        let spans = &self.connections[raw.connection as usize].reports[raw.report as usize].spans;
        spans.last().and_then(|(_, end)| *end).map(|end| end as usize)
    }

    /// The connection (from 0) and the report of a series.
    pub fn place(&self, series: usize) -> (usize, usize) {
        let raw = &self.series[series];
        (raw.connection as usize, raw.report as usize)
    }

    pub fn property(&self, series: usize) -> &str {
        &self.names.names[self.series[series].name as usize].0
    }

    pub fn unit(&self, series: usize) -> Unit {
        unit(&self.series[series], &self.names)
    }

    /// What is drawn of a series: its unit, the formula, and the other series that the formula needs.
    pub fn drawing(&self, series: usize) -> (&'static str, Formula, Option<usize>) {
        let (connection, report) = self.place(series);
        let unit = self.unit(series);
        if unit.kind == Kind::Rate
            && let Some(quotient) = units::quotient(self.property(series))
            && let Some(by) = quotient.by.iter().find_map(|by| self.find(connection, report, by))
        {
            return (quotient.unit, quotient.formula, Some(by));
        }
        let formula = match unit.kind {
            Kind::Rate => Formula::Rate(unit.factor),
            Kind::Gauge | Kind::State => Formula::Value(1.0),
        };
        (unit.drawn, formula, None)
    }

    /// The numbers that are drawn of a series, for each of its values.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn drawn(&self, series: usize, dense: &Dense) -> io::Result<Vec<f64>> {
        let (_, formula, by) = self.drawing(series);
        let times = self.times(series, dense);
        let Some(by) = by else {
            return Ok(drawn(formula, times, &dense.values, &[]));
        };
        let by = self.values(by)?;
        let at = |poll: usize| poll.checked_sub(by.first).and_then(|at| by.values.get(at)).copied();
        let beside = (0..dense.values.len()).map(|place| at(dense.first + place).unwrap_or(f64::NAN));
        Ok(drawn(formula, times, &dense.values, &beside.collect::<Vec<f64>>()))
    }

    /// The words of a state; its values are places in this list.
    pub fn words(&self, series: usize) -> Option<&[String]> {
        self.series[series].words().filter(|_| is_state(&self.series[series]))
    }

    /// The series of a property of a report.
    pub fn find(&self, connection: usize, report: usize, property: &str) -> Option<usize> {
        let kept = self.connections.get(connection)?.reports.get(report)?;
        let mut all = kept.series.iter().map(|at| *at as usize);
        all.find(|at| self.property(*at) == property)
    }

    /// The last value of a property, as a word.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn last_word(&self, connection: usize, report: usize, property: &str) -> io::Result<Option<String>> {
        let Some(series) = self.find(connection, report, property) else {
            return Ok(None);
        };
        let last = match self.series[series].value() {
            // It was not there at the end.
            value if value.is_nan() => {
                let values = self.values(series)?.values;
                values.iter().rev().copied().find(|value| !value.is_nan())
            }
            value => Some(value),
        };
        Ok(last.map(|value| match self.words(series) {
            Some(words) => words.get(value as usize).cloned().unwrap_or_default(),
            None => value.to_string(),
        }))
    }

    /// The first values of a report as words, for facts that do not change.
    pub fn first_word(&self, connection: usize, report: usize, property: &str) -> Option<String> {
        let series = self.find(connection, report, property)?;
        let begin = self.series[series].begin;
        match self.words(series) {
            Some(words) => words.get(begin as usize).cloned(),
            None => Some(begin.to_string()),
        }
    }

    /// A whole series.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn values(&self, series: usize) -> io::Result<Dense> {
        let raw = &self.series[series];
        let polled = &self.connections[raw.connection as usize];
        let spans = &polled.reports[raw.report as usize].spans;
        let end = self.end(series).unwrap_or(polled.times.len());
        let first = raw.first as usize;
        // When a report goes, its values go.
        let gone = spans.iter().filter_map(|(_, end)| *end).map(|end| (end, f64::NAN));
        let mut changes: Vec<(u32, f64)> = gone.filter(|(end, _)| *end > raw.first).collect();
        changes.extend(raw.changes(&mut self.spill.borrow_mut())?);
        // Of those at one poll, the order stays: first what is gone, then what has come.
        changes.sort_by_key(|(poll, _)| *poll);
        steps::count(end.saturating_sub(first));
        let mut values = Vec::with_capacity(end.saturating_sub(first));
        let mut value = raw.begin;
        for (poll, next) in changes {
            values.resize((poll as usize).clamp(first, end.max(first)) - first, value);
            value = next;
        }
        values.resize(end.max(first) - first, value);
        Ok(Dense { first, values })
    }

    /// The times of the values of a series, in ms since 1970.
    pub fn times(&self, series: usize, dense: &Dense) -> &[f64] {
        let times = &self.connections[self.series[series].connection as usize].times;
        &times[dense.first..][..dense.values.len()]
    }
}
