//! A part of what was collected: all polls between two times, with the values that hold there.
//!
//! Of each series only the chunks of changes are read that reach into the part. What never changed in the whole dump is
//! left out: that is known of it.
use std::io;
use std::ops::Range;

use super::change::Place;
use super::collected::Collected;
use super::kept::{Kept, Polled, Raw};
use super::spill::{Chain, Spill};

impl Collected {
    /// The polls from one time to another (ms since 1970), and of each connection the one before them and the one
    /// behind them.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn between(&self, from: f64, to: f64) -> io::Result<Collected> {
        let mut series = Vec::new();
        let mut connections = Vec::new();
        let mut spill = self.spill.borrow_mut();
        for (index, polled) in self.connections.iter().enumerate() {
            let first = polled.times.partition_point(|time| *time < from).saturating_sub(1);
            let end = (polled.times.partition_point(|time| *time <= to) + 1).clamp(first, polled.times.len());
            let polls = first as u32..end as u32;
            let mut own = Polled {
                times: polled.times[first..end].to_vec(),
                ..Polled::default()
            };
            for kept in &polled.reports {
                let spans = spans(&kept.spans, &polls);
                if spans.is_empty() {
                    continue;
                }
                let mut report = Kept::new(kept.id.clone(), kept.kind.clone(), spans);
                for at in kept.series.iter().map(|at| &self.series[*at as usize]) {
                    let place = (index as u32, own.reports.len() as u32);
                    if let Some(raw) = part(at, kept, place, &polls, &mut spill)? {
                        report.series.push(series.len() as u32);
                        series.push(raw);
                    }
                }
                own.reports.push(report);
            }
            connections.push(own);
        }
        Ok(Collected::new(
            connections,
            series,
            self.names.clone(),
            Spill::default(),
            self.omitted(),
            self.turned_back(),
        ))
    }
}

/// The spans of a report that reach into these polls, counted from the first of them.
fn spans(spans: &[(u32, Option<u32>)], polls: &Range<u32>) -> Vec<(u32, Option<u32>)> {
    let inside = spans
        .iter()
        .filter(|(begin, end)| *begin < polls.end && end.is_none_or(|end| end > polls.start));
    let shifted = inside.map(|(begin, end)| {
        let end = end.filter(|end| *end < polls.end).map(|end| end - polls.start);
        (begin.saturating_sub(polls.start), end)
    });
    shifted.collect()
}

/// The values of a series at these polls. `None` if it has none there, or never changed.
fn part(
    whole: &Raw,
    report: &Kept,
    (connection, place): (u32, u32),
    polls: &Range<u32>,
    spill: &mut Spill,
) -> io::Result<Option<Raw>> {
    let begins = report.spans.first().is_some_and(|(begin, _)| *begin == whole.first);
    if !whole.has_changes() && begins && report.spans.len() == 1 {
        return Ok(None);
    }
    let (before, mut changes) = whole.changes_within(polls.clone(), spill)?;
    let is_gone = |end: &u32| before.poll() < *end && *end <= polls.start;
    let has_gone = report.spans.iter().filter_map(|(_, end)| end.as_ref()).any(is_gone);
    let begin = before.poll().max(polls.start);
    if begin < polls.end && !has_gone {
        changes.insert(0, (begin, before.value()));
    }
    let mut changes = changes.into_iter().skip_while(|(_, value)| value.is_nan());
    let Some((first, begin)) = changes.next() else {
        return Ok(None);
    };
    let first = first - polls.start;
    let mut raw = Raw {
        connection,
        report: place,
        name: whole.name,
        first,
        begin,
        place: Place::new(first, begin),
        words: whole.words.clone(),
        recent: Vec::new(),
        chunk: Place::new(first, begin),
        chain: Chain::default(),
        brought: first,
    };
    for (poll, value) in changes {
        raw.write(poll - polls.start, value);
    }
    Ok(Some(raw))
}
