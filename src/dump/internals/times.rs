//! When the entries of a log were made, and whether the log has the beginning of its call.

use super::clock::{self, Span};
use super::kinds::{Form, Kind};
use super::opening::{Content, Opening};
use super::record::{Record, When};
use crate::limits::INTERNALS_STATS_POINTS;

/// The log of a connection in the order of time.
#[derive(Debug, Default)]
pub struct Times {
    /// Milliseconds since 1970, and the number of the entry.
    pub entries: Vec<(f64, u32)>,
    pub clock: Clock,
}

/// Where the times come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    #[default]
    Stated,
    /// They are local times to the second, in a zone that has been inferred.
    Inferred,
}

impl Times {
    pub fn of(record: &Record) -> Times {
        let stats = record.stats_span();
        let near = stats.map(|(first, _)| first);
        let local = record.log.iter().filter_map(|entry| match entry.time {
            When::Local(local) => Some(local.near(near)),
            _ => None,
        });
        let bounds = local.fold(None, |bounds: Option<(f64, f64)>, ms| {
            let (first, last) = bounds.unwrap_or((ms, ms));
            Some((first.min(ms), last.max(ms)))
        });
        // Only a call whose first statistics are gone has to be placed by its end.
        let is_cut = record.longest >= INTERNALS_STATS_POINTS;
        let zone = bounds
            .zip(stats)
            .and_then(|((first, last), (stats_first, stats_last))| {
                clock::zone(Span {
                    first,
                    last: if is_cut { last } else { first },
                    stats_first,
                    stats_last: if is_cut { stats_last } else { stats_first },
                })
            });
        let zone = zone.unwrap_or(0.0);
        let known = |time: When| match time {
            When::Utc(ms) => Some(ms),
            When::Local(local) => Some(local.near(near) - zone),
            When::Unknown => None,
        };
        let first = record.log.iter().find_map(|entry| known(entry.time));
        let mut last = first.or(near).unwrap_or_default();
        let mut entries = Vec::with_capacity(record.log.len());
        for (at, entry) in record.log.iter().enumerate() {
            last = known(entry.time).unwrap_or(last);
            entries.push((last, at as u32));
        }
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
        Times {
            entries,
            clock: if bounds.is_some() {
                Clock::Inferred
            } else {
                Clock::Stated
            },
        }
    }

    /// Whether the page was opened in the middle of the call.
    pub fn starts_mid_call(&self, record: &Record) -> bool {
        let mut opening = Opening::default();
        for (time, at) in &self.entries {
            let entry = &record.log[*at as usize];
            let kind = Kind::of(&record.types[entry.kind as usize]);
            let is_empty = entry.value.is_none() || kind.is_some_and(|kind| kind.form == Form::Nothing);
            let content = if is_empty { Content::Nothing } else { Content::Something };
            opening.add(*time, kind, content);
        }
        opening.is_late()
    }
}
