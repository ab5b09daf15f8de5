//! When the entries of a log were made, and whether the log has the beginning of its call.

use super::clock::{self, Span};
use super::kinds::{Form, Kind};
use super::record::{Record, When};
use crate::limits::INTERNALS_STATS_POINTS;

/// Events that are closer together are one burst: the page writes what it finds when it is opened.
const BURST_MS: f64 = 5.0;

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

    /// Whether the page was opened in the middle of the call. Then it writes the descriptions and states that it finds
    /// in one burst: a local description that nobody has made, or a state as the first of several entries.
    pub fn starts_mid_call(&self, record: &Record) -> bool {
        let kind = |at: u32| {
            let entry = &record.log[at as usize];
            (Kind::of(&record.types[entry.kind as usize]), entry)
        };
        let Some((first, at)) = self.entries.first() else {
            return false;
        };
        let begins = kind(*at).0.is_none_or(Kind::begins_a_connection) || is_implicit(kind(*at));
        let burst = self.entries.get(1).is_some_and(|(time, _)| time - first <= BURST_MS);
        let made = |method: &str| method.starts_with("createOffer") || method.starts_with("createAnswer");
        let methods = self.entries.iter().map(|(_, at)| kind(*at));
        let early = methods.take_while(|(kind, _)| !kind.is_some_and(|kind| made(kind.method)));
        let set = early.into_iter().any(|(kind, entry)| {
            kind.is_some_and(|kind| kind.method == "setLocalDescription" && !is_implicit((Some(kind), entry)))
        });
        set || burst && !begins
    }
}

/// A call of setLocalDescription without a description.
fn is_implicit((kind, entry): (Option<&Kind>, &super::record::Entry)) -> bool {
    kind.is_some_and(|kind| kind.method == "setLocalDescription")
        && (entry.value.is_none() || kind.is_some_and(|kind| kind.form == Form::Nothing))
}
