//! Clocks: the points in time of these dumps, as milliseconds since 1970.
//!
//! Old dumps say when something happened in the words of whoever ran the browser, to the second, in a time zone that is
//! nowhere stated. The statistics of the same connection have UTC, so the zone can be inferred. Nothing fails: what is
//! no point in time is `None`. Time is linear in the text.
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time};

use crate::dump::steps;

/// Whole time zones lie within these, and begin at a quarter of an hour (IANA time zone database).
const ZONE_STEP_MS: f64 = 900_000.0;
const ZONE_MS_MIN: f64 = -12.0 * 3_600_000.0;
const ZONE_MS_MAX: f64 = 14.0 * 3_600_000.0;

/// Two dates that are the same day somewhere on Earth are no further apart.
const SAME_DAY_MS_MAX: f64 = 25.0 * 3_600_000.0;

/// How much later than the last statistics the last event may be: one poll, and what a whole second hides.
const BEHIND_END_MS_MAX: f64 = 2_000.0;

/// An ISO 8601 point in time with its zone, as `Date.toISOString` writes it.
pub fn utc(text: &str) -> Option<f64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.unix_timestamp_nanos() as f64 / 1e6)
}

/// A local point in time, in milliseconds as if its zone were UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Local {
    pub ms: f64,
    /// The same text, if its day and month are the other way round.
    pub other: Option<f64>,
}

/// Reads what `Date.toLocaleString` has written: a date of three numbers, a time of three.
pub fn local(text: &str) -> Option<Local> {
    let numbers = numbers(text)?;
    let half = half(text);
    let [a, b, c, hour, minute, seconds] = numbers.map(|(value, _)| value);
    let hour = match (half, hour) {
        (Some(Half::Morning), 12) => 0,
        (Some(Half::Afternoon), 0..12) => hour + 12,
        _ => hour,
    };
    let time = Time::from_hms(hour.try_into().ok()?, minute.try_into().ok()?, seconds.try_into().ok()?).ok()?;
    let at = |year: u32, month: u32, day: u32| {
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(year.try_into().ok()?, month, day.try_into().ok()?).ok()?;
        Some(date.with_time(time).assume_utc().unix_timestamp() as f64 * 1e3)
    };
    let four = |at: usize| numbers[at].1 == 4;
    let (first, second) = match () {
        () if four(0) => (at(a, b, c), None),
        () if !four(2) => return None,
        () if is_month_first(text, half) => (at(c, a, b), at(c, b, a)),
        () if text.contains('.') && !text.contains('/') && half.is_none() => (at(c, b, a), None),
        () => (at(c, b, a), at(c, a, b)),
    };
    match (first, second) {
        (Some(ms), other) => Some(Local {
            ms,
            other: other.filter(|other| *other != ms && !is_month_first(text, half)),
        }),
        (None, other) => other.map(|ms| Local { ms, other: None }),
    }
}

/// `11/25/2021, 3:04:05 PM`.
fn is_month_first(text: &str, half: Option<Half>) -> bool {
    text.contains('/') && half.is_some()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// The half of the day that stands in the text. Blanks and dots in between vary (`p. m.`, U+202F).
fn half(text: &str) -> Option<Half> {
    let letters = text.chars().filter(|c| {
        steps::count(1);
        c.is_alphabetic()
    });
    let letters: String = letters.take(16).collect();
    let letters = letters.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| letters.contains(word));
    match () {
        () if has(&["pm", "下午", "오후"]) => Some(Half::Afternoon),
        () if has(&["am", "上午", "오전"]) => Some(Half::Morning),
        () => None,
    }
}

/// The first six numbers of the text, each with the count of its digits.
fn numbers(text: &str) -> Option<[(u32, usize); 6]> {
    let mut found = [(0, 0); 6];
    let ends = |c: char| {
        steps::count(1);
        !c.is_ascii_digit()
    };
    let mut runs = text.split(ends).filter(|run| !run.is_empty());
    for slot in &mut found {
        let run = runs.next()?;
        *slot = (run.parse().ok()?, run.len());
    }
    Some(found)
}

/// What is known of a connection, to infer the zone: events in local time, statistics in UTC, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub first: f64,
    pub last: f64,
    pub stats_first: f64,
    pub stats_last: f64,
}

/// The offset of the local zone from UTC, in milliseconds: the nearest one with which no event comes after the
/// statistics that must have followed it. Statistics begin within a second of the first event and end with the dump.
/// `None` if there is no such zone.
pub fn zone(span: Span) -> Option<f64> {
    let least = (span.first - span.stats_first).max(span.last - span.stats_last - BEHIND_END_MS_MAX);
    // The first event is given in whole seconds, so it may even have been a little later than it says.
    let steps = ((least - 1.0) / ZONE_STEP_MS).ceil();
    let offset = steps * ZONE_STEP_MS;
    (ZONE_MS_MIN..=ZONE_MS_MAX).contains(&offset).then_some(offset + 0.0)
}

impl Local {
    /// This point in time with its day and month in the order that is near `stats`, a point in UTC.
    pub fn near(self, stats: Option<f64>) -> f64 {
        let is_near = |ms: f64| stats.is_some_and(|stats| (ms - stats).abs() <= SAME_DAY_MS_MAX);
        match self.other {
            Some(other) if !is_near(self.ms) && is_near(other) => other,
            _ => self.ms,
        }
    }
}

#[cfg(test)]
mod tests;
