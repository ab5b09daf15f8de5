//! The statistics of one connection, asked by report and property.
use std::collections::HashMap;
use std::io;

use super::series::{Collected, Dense, Kept, kept_id};

/// See the head of the file. Reports are told by their places.
pub struct Lookup<'a> {
    pub collected: &'a Collected,
    pub connection: usize,
    by_id: HashMap<&'a str, usize>,
}

/// A word that a state had from one time to another; both in ms since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub start: f64,
    pub end: f64,
    /// `None`: the property was absent while its report was there.
    pub word: Option<String>,
}

impl<'a> Lookup<'a> {
    pub fn new(collected: &'a Collected, connection: usize) -> Lookup<'a> {
        let mut lookup = Lookup {
            collected,
            connection,
            by_id: HashMap::new(),
        };
        lookup.by_id = lookup
            .all()
            .iter()
            .enumerate()
            .map(|(at, kept)| (&*kept.id, at))
            .collect();
        lookup
    }

    fn all(&self) -> &'a [Kept] {
        self.collected
            .connections()
            .get(self.connection)
            .map_or(&[], |polled| &polled.reports)
    }

    /// The reports of a kind (RTCStatsType).
    pub fn reports(&self, kind: &str) -> impl Iterator<Item = usize> {
        self.all()
            .iter()
            .enumerate()
            .filter(move |(_, kept)| &*kept.kind == kind)
            .map(|(at, _)| at)
    }

    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(&*kept_id(id)).copied()
    }

    pub fn id(&self, report: usize) -> &'a str {
        &self.all()[report].id
    }

    pub fn kind(&self, report: usize) -> &'a str {
        &self.all()[report].kind
    }

    /// The time of the last poll in which a report was there.
    pub fn last_time(&self, report: usize) -> Option<f64> {
        let times = &self.collected.connections().get(self.connection)?.times;
        let end = self.all()[report]
            .spans
            .last()?
            .1
            .map_or(times.len(), |end| end as usize);
        times.get(end.checked_sub(1)?).copied()
    }

    /// The series of a report.
    pub fn series(&self, report: usize) -> impl Iterator<Item = usize> + 'a {
        self.all()[report].series.iter().map(|at| *at as usize)
    }

    /// The first value, as a word: for what does not change.
    pub fn word(&self, report: usize, property: &str) -> Option<String> {
        self.collected.first_word(self.connection, report, property)
    }

    /// The last value, as a word.
    pub fn last(&self, report: usize, property: &str) -> io::Result<Option<String>> {
        self.collected.last_word(self.connection, report, property)
    }

    /// All values of a property, with their times.
    pub fn values(&self, report: usize, property: &str) -> io::Result<Option<(Dense, &'a [f64])>> {
        let Some(series) = self.collected.find(self.connection, report, property) else {
            return Ok(None);
        };
        let dense = self.collected.values(series)?;
        let times = self.collected.times(series, &dense);
        Ok(Some((dense, times)))
    }

    /// The greatest number of a property.
    pub fn greatest(&self, report: usize, property: &str) -> io::Result<Option<f64>> {
        let Some((dense, _)) = self.values(report, property)? else {
            return Ok(None);
        };
        Ok(dense
            .values
            .into_iter()
            .filter(|value| !value.is_nan())
            .reduce(f64::max))
    }

    /// The time of the first poll in which a number was above zero.
    pub fn first_above_zero(&self, report: usize, property: &str) -> io::Result<Option<f64>> {
        let Some((dense, times)) = self.values(report, property)? else {
            return Ok(None);
        };
        Ok(dense
            .values
            .iter()
            .zip(times)
            .find(|(value, _)| **value > 0.0)
            .map(|(_, time)| *time))
    }

    /// The words of a state over time, from the first poll in which it was there.
    pub fn runs(&self, report: usize, property: &str) -> io::Result<Vec<Run>> {
        let Some(series) = self.collected.find(self.connection, report, property) else {
            return Ok(Vec::new());
        };
        let dense = self.collected.values(series)?;
        let times = self.collected.times(series, &dense);
        let words = self.collected.words(series);
        let word = |value: f64| match words {
            _ if value.is_nan() => None,
            Some(words) => words.get(value as usize).cloned(),
            None => Some(value.to_string()),
        };
        let mut runs: Vec<Run> = Vec::new();
        let mut before = None;
        let mut spans = self.all()[report].spans.iter().peekable();
        for (place, (value, time)) in dense.values.iter().zip(times).enumerate() {
            let poll = dense.first + place;
            let is_over = |end: Option<u32>| end.is_some_and(|end| end as usize <= poll);
            while spans.next_if(|(_, end)| is_over(*end)).is_some() {}
            // Where its report is gone, nothing is said: neither a word, nor that there is none.
            if spans.peek().is_none_or(|(begin, _)| *begin as usize > poll) {
                before = None;
                continue;
            }
            if let Some(run) = runs.last_mut().filter(|_| before.is_some()) {
                run.end = *time;
            }
            if before != Some(value.to_bits()) {
                before = Some(value.to_bits());
                runs.push(Run {
                    start: *time,
                    end: *time,
                    word: word(*value),
                });
            }
        }
        Ok(runs)
    }
}
