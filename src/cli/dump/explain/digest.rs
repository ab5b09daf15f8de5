//! An explanation for a language model: the findings, the features, and what happened, within a fixed size.
//!
//! Events are a line each, but for those that repeat; statistics stand there only where something has changed that a
//! person would notice. What does not fit is left out of the middle. Memory: twice the size of the digest, and the
//! last values of `DIGEST_REPORTS_MAX` reports.
mod lines;
mod statistics;

use std::collections::HashMap;

use super::markdown;
use super::told::Told;
use crate::cli::figures::offset;
use crate::cli::visible::{short, visible};
use crate::dump::decode::{Event, Method, Value};
use crate::dump::open::Dump;
use crate::dump::seen::Seen;
use crate::dump::table::Carries;
use crate::features::{CLIENT, Cell, EVENTS, Extractor, Feature, STATISTICS, TRACK};
use crate::limits::DIGEST_VALUE_CHARS_MAX;
use lines::Lines;
use statistics::Statistics;

/// Gathers what a digest has beside the findings.
pub struct Digest {
    bytes: usize,
    begin: Option<f64>,
    lines: Lines,
    statistics: Statistics,
    extractor: Extractor,
}

impl Digest {
    /// One of at most so many bytes, of a dump of which no event has been read.
    pub fn new(dump: &Dump<'_>, bytes: usize) -> Digest {
        Digest {
            bytes,
            begin: None,
            lines: Lines::new(bytes),
            statistics: Statistics::default(),
            extractor: Extractor::of(dump),
        }
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) {
        self.extractor.event(event);
        let begin = *self.begin.get_or_insert(event.timestamp);
        let time = offset(event.timestamp - begin);
        let connection = match event.connection.index {
            0 => "client".to_owned(),
            _ => super::words::connection(&String::from_utf8_lossy(event.connection.sent.raw())),
        };
        if let Value::Reports(reports) = event.value {
            for change in self.statistics.changes(event.connection.index, reports) {
                self.lines.add(&format!("{time} {connection} {change}"));
            }
            return;
        }
        let method = short(&event.method.name());
        let value = value(event);
        let line = format!("{time} {connection} {method} {value}");
        self.lines
            .repeatable(&format!("{connection} {method}"), &time, line.trim_end());
    }

    /// The text, with the statistics as they are at the end.
    pub fn text<'a>(self, told: &Told, reports: impl Fn(usize) -> Option<Seen<'a>>) -> String {
        let features = features(self.extractor, reports);
        // Findings first: whatever else there is explains them.
        let mut out = cut(&markdown::text(told), self.bytes / 2);
        out += &cut(&format!("\n## Features\n\n{features}"), self.bytes / 4);
        out += EVENTS_HEADING;
        out += &self.lines.text(self.bytes.saturating_sub(out.len()));
        cut(&out, self.bytes)
    }
}

const EVENTS_HEADING: &str = "\n## Events\n\nTimes count from the first event. Statistics are told where losses, freezes, dropped frames, frame \
                              rates (by 5/s), jitter (20 ms), round trip times (50 ms) or limits have changed.\n\n";

/// What an event says, in a few words.
fn value(event: &Event<'_>) -> String {
    let Value::Json(json) = event.value else {
        return String::new();
    };
    if json.is_null() {
        return String::new();
    }
    if let Method::Known(method) = event.method
        && method.carries == Carries::Description
        && let Some(sdp) = json.get("sdp")
    {
        let kind = json.get("type").and_then(|kind| kind.as_text());
        let kind = kind.map_or(String::new(), |kind| short(&kind.to_str()));
        // A line feed within a JSON string.
        let sections = memchr::memmem::find_iter(sdp.raw(), b"\\nm=").count();
        return format!("{kind}, {sections} m-sections");
    }
    let text = String::from_utf8_lossy(json.raw());
    match text.char_indices().nth(DIGEST_VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", visible(&text[..end])),
        None => visible(&text),
    }
}

/// A line for the client, each connection and each track: all that is not absent.
fn features<'a>(extractor: Extractor, reports: impl Fn(usize) -> Option<Seen<'a>>) -> String {
    fn names<S>(features: &[Feature<S>]) -> Vec<(&'static str, &'static str)> {
        features.iter().map(|feature| (feature.name, feature.unit)).collect()
    }
    let features = extractor.finish(reports);
    let mut out = line("client", &names(CLIENT), &features.client());
    let connection = [names(EVENTS), names(STATISTICS)].concat();
    let mut tracks: HashMap<usize, Vec<Vec<Cell<'_>>>> = HashMap::new();
    for (of, cells) in features.tracks() {
        tracks.entry(of).or_default().push(cells);
    }
    for (number, cells) in features.connections().enumerate() {
        out += &line(&format!("connection {}", number + 1), &connection, &cells);
        for cells in tracks.get(&number).into_iter().flatten() {
            out += &line(&format!("track of connection {}", number + 1), &names(TRACK), cells);
        }
    }
    out
}

fn line(what: &str, names: &[(&str, &str)], cells: &[Cell<'_>]) -> String {
    let known = names.iter().zip(cells).filter_map(|((name, unit), cell)| {
        let value = match cell {
            Cell::Null => return None,
            Cell::Boolean(value) => value.to_string(),
            Cell::Integer(value) => format!("{value} {unit}"),
            Cell::Real(value) => format!("{} {unit}", (value * 1e4).round() / 1e4),
            Cell::Text(text) | Cell::Json(text) => short(text),
        };
        Some(format!("{name} {value}"))
    });
    let known: Vec<String> = known.collect();
    format!("- {what}: {}\n", known.join(", "))
}

/// As many whole lines as fit.
fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let bytes = bytes.saturating_sub(CUT.len());
    let end = text.as_bytes()[..bytes].iter().rposition(|byte| *byte == b'\n');
    format!("{}{CUT}", &text[..end.map_or(0, |end| end + 1)])
}

const CUT: &str = "… (cut)\n";
