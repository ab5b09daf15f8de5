//! A summary as tables for a person who asks what was wrong with a call.
//!
//! What is not known is a dash. Times are offsets from the first event; the heading has the moment itself. Tables are
//! cut at `INFO_ROWS_COUNT_MAX` rows unless all are asked for.
use serde_json::Value;

use super::connection::{Connection, Role};
use super::path::{Candidate, Path};
use super::phases::Step;
use super::streams::{Direction, Stream};
use super::summary::Summary;
use crate::cli::figures::{bit_rate, bytes, count, length, offset};
use crate::cli::output::{moment, table};
use crate::cli::paint::{Paint, Tone};
use crate::cli::visible::visible;
use crate::time::UnixMs;

/// How much of each table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows(pub usize);

/// The whole summary.
pub fn summary(summary: &Summary, rows: Rows, paint: Paint) -> String {
    let mut out = head(summary, paint);
    let connections = &summary.survey.connections;
    let begin = summary.survey.first.unwrap_or_default();
    for (heading, lines) in [
        (
            "CONNECTION,CREATED,LENGTH,STATE,ICE,ROLE,CANDIDATES,NEGOTIATIONS,EVENTS,STATS",
            each(connections, |connection| overview(connection, begin)),
        ),
        (
            "SET-UP,OFFER,ANSWER,SIGNALLING,GATHERING,ICE,DTLS,CONNECTED AFTER,MEDIA AFTER",
            each(connections, phases),
        ),
        (
            "PATH,LOCAL,REMOTE,PROTOCOL,ROUND TRIP,SENT,RECEIVED,CHANGES,TLS",
            connections.iter().filter_map(path).collect(),
        ),
        (
            "TRACK,MEDIA,DIRECTION,CODEC,BIT RATE,PACKETS,LOST,JITTER,ROUND TRIP,SIZE,FRAMES,FREEZES,LIMITED BY",
            connections.iter().flat_map(tracks).collect(),
        ),
        ("TROUBLE,CONNECTION,EVENT,TEXT", troubles(summary, begin)),
    ] {
        let tone = if heading.starts_with("TROUBLE") {
            Tone::Bad
        } else {
            Tone::Plain
        };
        out += &section(heading, lines, rows, |table| paint.table(table, tone));
    }
    out
}

fn head(summary: &Summary, paint: Paint) -> String {
    let survey = &summary.survey;
    let member = |name: &str| {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text = summary.metadata.get(name).map(|value| match value.as_array() {
            Some(texts) => texts.iter().map(text).collect::<Vec<_>>().join(", "),
            None => text(value),
        });
        text.filter(|text| !text.is_empty()).map(|text| visible(&text))
    };
    let time = |ms: f64| moment(UnixMs(ms as u64));
    let mut lines = vec![("dump", Some(sizes(summary)))];
    lines.push((
        "session",
        Some(survey.first.zip(survey.last).map_or("-".to_owned(), |(first, last)| {
            let close = survey.close_code.map_or(String::new(), |code| {
                format!(", closed with {}", figure(Some(code), whole))
            });
            format!(
                "{} to {}, {} long{close}",
                time(first),
                time(last),
                length(last - first)
            )
        })),
    ));
    lines.extend([
        ("page", joined(&[member("origin"), member("url")])),
        ("browser", member("userAgent")),
        (
            "address",
            member("remoteAddresses").filter(|addresses| addresses != "[]"),
        ),
        ("protocol", member("clientProtocol")),
        (
            "format",
            (summary.format != "rtcstats").then(|| summary.format.to_owned()),
        ),
        ("origins", origins(summary)),
        ("events", Some(methods(summary))),
    ]);
    let mut out = String::new();
    for (name, value) in lines {
        if let Some(value) = value {
            out += &format!("{}{value}\n", paint.text(Tone::Heading, &format!("{name:10}")));
        }
    }
    let flags = summary.flags.iter().map(|flag| format!("{flag}: {}", meaning(flag)));
    for note in flags.chain(summary.notes.iter().map(|note| visible(note))) {
        out += &format!("{}\n", paint.text(Tone::Doubtful, &format!("note      {note}")));
    }
    out
}

/// `https://a.example (2), https://b.example (1)`: the pages of a browser's own dump.
fn origins(summary: &Summary) -> Option<String> {
    let all = summary.origins.iter();
    let all: Vec<String> = all
        .map(|(origin, count)| format!("{} ({count})", visible(origin)))
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// What a reader has to know because of a flag.
fn meaning(flag: &str) -> &'static str {
    match flag {
        "clockInferred" => "times are whole seconds of a local clock, so delays below 2 s say nothing",
        "timesInterpolated" => "the statistics had no times and are spread evenly",
        "statsTruncated" => "the page keeps 1,000 points of a series; the oldest are gone",
        "startedMidCall" => "the page was opened in the middle of the call, so the first negotiation is not known",
        "legacyStats" => "statistics of before the W3C's are left out",
        _ => "",
    }
}

fn sizes(summary: &Summary) -> String {
    let text = bytes(summary.text_bytes as f64);
    let packed = match summary.form {
        "uncompressed" => text,
        form => format!("{form} {} of {text}", bytes(summary.packed_bytes as f64)),
    };
    let lines = match summary.lines {
        0 => String::new(),
        lines => format!(", {} lines", count(lines)),
    };
    format!("{} ({packed}{lines})", summary.name)
}

fn joined(parts: &[Option<String>]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.concat())
}

/// The methods, the most frequent first.
fn methods(summary: &Summary) -> String {
    let survey = &summary.survey;
    let mut methods: Vec<(&String, &u64)> = survey.events_by_method.iter().collect();
    methods.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = methods.iter().take(METHODS_SHOWN);
    let mut shown: Vec<String> = shown
        .map(|(name, number)| format!("{} {}", named(name), count(**number)))
        .collect();
    if methods.len() > METHODS_SHOWN {
        shown.push("…".to_owned());
    }
    format!("{}: {}", count(survey.events), shown.join(", "))
}

const METHODS_SHOWN: usize = 6;

fn overview(connection: &Connection, begin: f64) -> Vec<String> {
    let state = match &connection.connection_state {
        _ if connection.is_closed => "closed".to_owned(),
        state => text(state),
    };
    vec![
        named(&connection.name),
        figure(connection.first, |first| offset(first - begin)),
        figure(connection.length, length),
        state,
        text(&connection.ice_connection_state),
        match connection.role {
            Some(Role::Offers) => "offers".to_owned(),
            Some(Role::Answers) => "answers".to_owned(),
            None => "-".to_owned(),
        },
        format!("{} + {}", connection.local_candidates, connection.remote_candidates),
        connection.negotiations.map_or("-".to_owned(), count),
        count(connection.events),
        count(connection.stats),
    ]
}

fn phases(connection: &Connection) -> Vec<String> {
    let phases = &connection.phases;
    let step = |step: Step| step.ms().map_or("-".to_owned(), length);
    // A connection offers or answers; both are the page's wait for the other side.
    let signaling = phases.signaling.ms().or(phases.answering.ms());
    vec![
        named(&connection.name),
        step(phases.create_offer),
        step(phases.create_answer),
        signaling.map_or("-".to_owned(), length),
        step(phases.gathering),
        step(phases.ice),
        step(phases.dtls),
        step(phases.connected_after),
        step(phases.media_after),
    ]
}

fn path(connection: &Connection) -> Option<Vec<String>> {
    let path: &Path = connection.path.as_ref()?;
    Some(vec![
        named(&connection.name),
        candidate(&path.local),
        candidate(&path.remote),
        text(&path.local.protocol),
        figure(path.round_trip_time, milliseconds),
        figure(path.bytes_sent, bytes),
        figure(path.bytes_received, bytes),
        count(path.changes),
        match path.tls_version.as_deref() {
            Some("FEFD") => "DTLS 1.2".to_owned(),
            Some("FEFC") => "DTLS 1.3".to_owned(),
            _ => text(&path.tls_version),
        },
    ])
}

/// `relay (tls)`, `host (wifi)`.
fn candidate(candidate: &Candidate) -> String {
    let more = candidate.relay_protocol.as_ref().or(candidate.network_type.as_ref());
    let more = more.filter(|more| *more != "unknown");
    match (&candidate.kind, more) {
        (Some(kind), Some(more)) => format!("{kind} ({more})"),
        (kind, _) => text(kind),
    }
}

fn tracks(connection: &Connection) -> impl Iterator<Item = Vec<String>> {
    connection.streams.iter().map(|stream| track(connection, stream))
}

fn track(connection: &Connection, stream: &Stream) -> Vec<String> {
    let size = stream.frame_width.zip(stream.frame_height);
    let kind = text(&stream.kind);
    vec![
        named(&connection.name),
        match &stream.rid {
            Some(rid) => format!("{kind} {rid}"),
            None => kind,
        },
        match stream.direction {
            Direction::Sent => "sent".to_owned(),
            Direction::Received => "received".to_owned(),
        },
        stream.codec.as_deref().map_or("-".to_owned(), |codec| {
            codec.rsplit('/').next().unwrap_or(codec).to_owned()
        }),
        figure(stream.bitrate, bit_rate),
        figure(stream.packets.total(), |packets| count(packets as u64)),
        lost(stream),
        figure(stream.jitter, milliseconds),
        figure(stream.round_trip_time, milliseconds),
        size.map_or("-".to_owned(), |(width, height)| {
            format!("{}x{}", figure(Some(width), whole), figure(Some(height), whole))
        }),
        figure(stream.frame_rate, |rate| format!("{rate:.1}/s")),
        figure(stream.freezes.total(), whole),
        text(&stream.quality_limitation.clone().filter(|reason| reason != "none")),
    ]
}

/// A share of what was sent; one that cannot be told is a number.
fn lost(stream: &Stream) -> String {
    let Some(lost) = stream.packets_lost.total() else {
        return "-".to_owned();
    };
    let sent = stream.packets.total().unwrap_or_default()
        + if stream.direction == Direction::Received {
            lost
        } else {
            0.0
        };
    let number = figure(Some(lost), whole);
    match lost > 0.0 && sent >= 1.0 && lost < FIGURE_MAX {
        true => format!("{number} ({:.1} %)", 100.0 * lost / sent),
        false => number,
    }
}

fn troubles(summary: &Summary, begin: f64) -> Vec<Vec<String>> {
    let troubles = &summary.survey.troubles;
    let mut lines = each(&troubles.first, |trouble| {
        vec![
            figure(trouble.time, |time| offset(time - begin)),
            trouble.connection.as_deref().map_or("-".to_owned(), named),
            trouble.what.clone(),
            trouble.text.clone(),
        ]
    });
    let more = troubles.count - troubles.first.len() as u64;
    if more > 0 {
        lines.push(vec![format!("and {} more", count(more))]);
    }
    lines
}

fn section(heading: &str, mut lines: Vec<Vec<String>>, rows: Rows, paint: impl Fn(&str) -> String) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let left_out = lines.len().saturating_sub(rows.0);
    lines.truncate(rows.0);
    lines.insert(0, heading.split(',').map(str::to_owned).collect());
    let more = match left_out {
        0 => String::new(),
        left_out => format!("and {} more (--all shows them)\n", count(left_out as u64)),
    };
    format!("\n{}{more}", paint(&table(&lines)))
}

fn each<T>(all: &[T], line: impl Fn(&T) -> Vec<String>) -> Vec<Vec<String>> {
    all.iter().map(line).collect()
}

fn text(text: &Option<String>) -> String {
    text.as_deref()
        .filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}

/// A name that is there, even if it is empty.
fn named(name: &str) -> String {
    match name {
        "" => "\"\"".to_owned(),
        name => name.to_owned(),
    }
}

/// A number as its column has it. One that nothing counts up to would only widen the column.
fn figure(value: Option<f64>, written: impl Fn(f64) -> String) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.abs() >= FIGURE_MAX => format!("{value:e}"),
        Some(value) => written(value),
    }
}

const FIGURE_MAX: f64 = 1e15;

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// Seconds of the statistics as milliseconds.
fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", 1000.0 * seconds)
}
