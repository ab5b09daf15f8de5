//! For how long a track was something special: frozen, limited, inactive, concealed, muted, switched off, without a
//! track.
//!
//! What statistics say holds from one poll to the next: a poll that has more freezes than the one before says that
//! there was one between them.
use std::io;

use super::client::{Mark, What};
use super::head::{Band, number};
use super::lookup::Lookup;

/// The streams of one track.
pub struct Group {
    pub direction: &'static str,
    /// `audio` or `video`.
    pub media: String,
    pub mid: Option<String>,
    pub streams: Vec<usize>,
}

/// Samples in a hundred that were made up and not silent, from which a stretch counts as concealed. Ours: less is not
/// heard.
const CONCEALED_PERCENT_MIN: f64 = 5.0;

/// All bands of a track, by time.
///
/// # Errors
/// Those of the room that was lent.
pub fn bands(group: &Group, marks: &[Mark], lookup: &Lookup<'_>) -> io::Result<Vec<Band>> {
    let mut bands = Vec::new();
    let several = group.streams.len() > 1;
    for report in group.streams.iter().copied() {
        let rid = lookup.word(report, "rid").filter(|_| several);
        let mut add = |kind: &'static str, spans: Vec<(f64, f64)>| {
            bands.extend(spans.into_iter().map(|(start, end)| Band {
                kind,
                start: number(start),
                end: number(end),
                rid: rid.clone(),
            }));
        };
        match (group.direction, &*group.media) {
            ("in", "video") => add("frozen", grown(lookup, report, "freezeCount")?),
            ("in", "audio") => add("concealed", concealed(lookup, report)?),
            ("out", _) => {
                add(
                    "limited-cpu",
                    while_is(lookup, report, "qualityLimitationReason", Some("cpu"))?,
                );
                add(
                    "limited-bandwidth",
                    while_is(lookup, report, "qualityLimitationReason", Some("bandwidth"))?,
                );
                add("inactive", while_is(lookup, report, "active", Some("false"))?);
                add("null-track", while_is(lookup, report, "mediaSourceId", None)?);
            }
            _ => {}
        }
    }
    let end = bands_end(group, lookup);
    for (what, kind) in [(What::Muted, "muted"), (What::Disabled, "disabled")] {
        bands.extend(marked(marks, what, end).into_iter().map(|(start, end)| Band {
            kind,
            start: number(start),
            end: number(end),
            rid: None,
        }));
    }
    bands.sort_by(|one, other| one.start.0.total_cmp(&other.start.0));
    Ok(bands)
}

/// The last poll of the track.
fn bands_end(group: &Group, lookup: &Lookup<'_>) -> f64 {
    let mut end = 0.0_f64;
    for report in &group.streams {
        end = end.max(lookup.last_time(*report).unwrap_or_default());
    }
    end
}

fn while_is(lookup: &Lookup<'_>, report: usize, property: &str, word: Option<&str>) -> io::Result<Vec<(f64, f64)>> {
    let runs = lookup.runs(report, property)?.into_iter();
    Ok(runs
        .filter(|run| run.word.as_deref() == word)
        .map(|run| (run.start, run.end))
        .collect())
}

/// The stretches between polls in which a counter grew, joined where they touch.
fn grown(lookup: &Lookup<'_>, report: usize, property: &str) -> io::Result<Vec<(f64, f64)>> {
    let Some((dense, times)) = lookup.values(report, property)? else {
        return Ok(Vec::new());
    };
    let grows = |at: usize| dense.values[at] > dense.values[at - 1];
    Ok(joined(
        (1..dense.values.len())
            .filter(|at| grows(*at))
            .map(|at| (times[at - 1], times[at])),
    ))
}

fn concealed(lookup: &Lookup<'_>, report: usize) -> io::Result<Vec<(f64, f64)>> {
    let Some((all, times)) = lookup.values(report, "totalSamplesReceived")? else {
        return Ok(Vec::new());
    };
    let Some((made, _)) = lookup.values(report, "concealedSamples")? else {
        return Ok(Vec::new());
    };
    let silent = lookup.values(report, "silentConcealedSamples")?;
    let at = |dense: &super::series::Dense, poll: usize| {
        poll.checked_sub(dense.first)
            .and_then(|at| dense.values.get(at))
            .copied()
            .unwrap_or(f64::NAN)
    };
    let grown = |dense: &super::series::Dense, poll: usize| at(dense, poll) - at(dense, poll - 1);
    let is_concealed = |place: &usize| {
        let poll = all.first + place;
        let quiet = silent.as_ref().map_or(0.0, |(silent, _)| grown(silent, poll));
        let heard = grown(&made, poll) - if quiet.is_nan() { 0.0 } else { quiet };
        heard > 0.0 && heard * 100.0 >= CONCEALED_PERCENT_MIN * grown(&all, poll)
    };
    let places = (1..all.values.len()).filter(is_concealed);
    Ok(joined(places.map(|place| (times[place - 1], times[place]))))
}

fn joined(spans: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some((_, last)) if *last == start => *last = end,
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// From each mark that begins something to the one that ends it.
fn marked(marks: &[Mark], what: What, end: f64) -> Vec<(f64, f64)> {
    let mut spans = Vec::new();
    let mut begun = None;
    for mark in marks.iter().filter(|mark| mark.what == what) {
        match (mark.begins, begun) {
            (true, None) => begun = Some(mark.time),
            (false, Some(start)) => {
                spans.push((start, mark.time));
                begun = None;
            }
            _ => {}
        }
    }
    spans.extend(begun.map(|start| (start, end.max(start))));
    spans
}
