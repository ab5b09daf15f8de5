//! `dump plot`: values over time as line charts in a terminal, below the states of their connection.
//!
//! The series are those of the page (`view::series`), counters as what they grow by in a second. Limits: those of the
//! page for what is kept, and `PLOT_…`. Failures: the dump cannot be read, or not to its end; then what was read is
//! drawn; or no series has the name that was asked for.
mod canvas;
mod chart;
mod names;
mod scale;
mod states;

use std::io;

use super::filter::{Pattern, Time};
use super::reading::{self, Reading};
use crate::cli::failure::Failure;
use crate::cli::figures::{count, quantity};
use crate::cli::input::Load;
use crate::cli::output::{print, table, warn};
use crate::cli::paint::{Paint, Tone};
use crate::cli::progress::Shown;
use crate::dump::clock::Clock;
use crate::dump::decode::Value;
use crate::limits::{PLOT_CHARTS_MAX, PLOT_COLUMNS};
use crate::time::UnixMs;
use crate::view::series::{Collected, Collector, lend_file, longest_wait};
use chart::{Curve, Frame, Strip};
use names::{Name, is_headline, names};
use scale::Span;
use states::States;

/// Draws values of the statistics as line charts, with the states of the connection above them.
///
/// A series is called CONNECTION/WHAT/PROPERTY, such as PC_1/video/out/bitrate; --list names all of a dump. Without
/// --series, bit rates, frame rates and round trip times are drawn.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: reading::Part,
    /// Draw the series of this name in any case, * being any characters ('*/video/*/bitrate'); can be repeated
    #[arg(long, value_name = "NAME")]
    series: Vec<Pattern>,
    /// List the series with their units and extremes instead
    #[arg(long)]
    list: bool,
    /// Only from this time on: 90s or 1500ms after the first event, or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
    /// Only before such a time
    #[arg(long, value_name = "TIME")]
    until: Option<Time>,
    /// Columns of all [default: those of the terminal, or 80]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
    /// Lines of each chart
    #[arg(long, value_name = "LINES", default_value = "6", value_parser = clap::value_parser!(u16).range(2..=100))]
    height: u16,
}

/// What was read of a dump.
struct Read {
    collected: Collected,
    states: States,
    /// The first and the last event, in ms since 1970.
    span: Option<Span>,
}

/// Draws the charts, or lists what could be drawn.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let mut reading = reading::open(&arguments.source, Shown::AtTheEnd, load)?;
    let (read, ended) = read(&mut reading)?;
    let wanted = |name: &Name| arguments.series.iter().any(|pattern| pattern.fits(&name.text));
    let names = names(&read.collected, &read.states).map_err(|error| room(&error))?;
    let is_all = arguments.series.is_empty();
    let chosen = names.into_iter().filter(|name| match arguments.list {
        true => is_all || wanted(name),
        false if is_all => is_headline(name),
        false => wanted(name),
    });
    let chosen: Vec<Name> = chosen.collect();
    if chosen.is_empty() && !is_all {
        let why = format!("{}: no series has this name; --list names all", reading.name);
        return ended.and(Err(Failure::Runtime(why)));
    }
    let text = match arguments.list {
        true => listed(&read.collected, &chosen),
        false => drawn(&read, &chosen, arguments),
    };
    print(&text.map_err(|error| room(&error))?)?;
    ended?;
    reading::tell(&reading.name, reading.dump.notes())
}

fn room(error: &io::Error) -> Failure {
    Failure::runtime("a temporary file", error)
}

/// Reads the dump, and says whether its bytes could be read.
fn read(reading: &mut Reading) -> Result<(Read, Result<(), Failure>), Failure> {
    let mut clock = Clock::of(reading.dump.format(), reading.dump.metadata());
    let mut collector = Collector::new(lend_file());
    let mut states = States::default();
    let mut span: Option<Span> = None;
    let ended = reading.dump.each(|event| {
        // What has no time is shown at the last one.
        let known = clock.time(event.timestamp);
        let time = known.or(span.map(|span| span.to)).unwrap_or_default();
        span = Span::of(span.into_iter().flat_map(|span| [span.from, span.to]).chain(known));
        let Some(index) = event.connection.index.checked_sub(1) else {
            return;
        };
        states.event(index, time, event);
        if let Value::Reports(reports) = event.value {
            collector.poll(index, time, reports);
        }
    });
    let ended = ended.map_err(|error| Failure::runtime(&reading.name, error));
    let collected = collector.finish().map_err(|error| room(&error))?;
    let omitted = collected.omitted();
    if omitted.series + omitted.polls > 0 {
        warn(format_args!(
            "{}: {} values and {} statistics are beyond what is kept",
            reading.name, omitted.series, omitted.polls
        ));
    }
    let read = Read {
        collected,
        states,
        span,
    };
    Ok((read, ended))
}

/// The numbers of a series with their times. Where statistics are missing for long, there is no number.
fn points(collected: &Collected, series: usize) -> io::Result<Vec<(f64, f64)>> {
    let dense = collected.values(series)?;
    let numbers = collected.drawn(series, &dense)?;
    let times = collected.times(series, &dense);
    let gap = longest_wait(times);
    let mut points: Vec<(f64, f64)> = Vec::with_capacity(times.len());
    for (time, number) in times.iter().zip(numbers) {
        if let Some((before, _)) = points.last().copied()
            && time - before > gap
        {
            points.push((before + (time - before) / 2.0, f64::NAN));
        }
        points.push((*time, number));
    }
    Ok(points)
}

fn listed(collected: &Collected, names: &[Name]) -> io::Result<String> {
    let heading = ["SERIES", "VALUES", "LEAST", "GREATEST", "LAST"];
    let mut lines = vec![heading.map(str::to_owned).to_vec()];
    for name in names {
        let points = points(collected, name.series)?;
        let mut numbers = points
            .iter()
            .map(|(_, number)| *number)
            .filter(|number| number.is_finite());
        let span = Span::of(numbers.clone());
        let number = count(numbers.clone().count() as u64);
        let last = numbers.next_back();
        let (unit, _, _) = collected.drawing(name.series);
        let text = |number: Option<f64>| match (number, collected.words(name.series)) {
            (None, _) => "-".to_owned(),
            (Some(number), Some(words)) => words
                .get(number as usize)
                .map_or("-".to_owned(), |word| states::word(word)),
            (Some(number), None) => quantity(number, unit),
        };
        // The least of words says nothing.
        let is_word = collected.words(name.series).is_some();
        let [least, greatest] = [span.map(|span| span.from), span.map(|span| span.to)];
        let shown = |number: Option<f64>| text(number.filter(|_| !is_word));
        lines.push(vec![
            name.text.clone(),
            number,
            shown(least),
            shown(greatest),
            text(last),
        ]);
    }
    Ok(Paint::of_stdout().table(&table(&lines), Tone::Plain))
}

/// The charts of each connection below its states, and below them the axis of time.
fn drawn(read: &Read, names: &[Name], arguments: &Arguments) -> io::Result<String> {
    let Some(span) = read.span else {
        return Ok(String::new());
    };
    let at = |time: Option<Time>| time.map(|time| time.absolute(span.from));
    let time = Span {
        from: at(arguments.since).unwrap_or(span.from),
        to: at(arguments.until).unwrap_or(span.to),
    };
    let frame = Frame {
        width: arguments.width.map_or_else(columns, usize::from),
        height: usize::from(arguments.height),
        time,
        paint: Paint::of_stdout(),
    };
    let mut out = String::new();
    if time.from > time.to {
        return Ok(out);
    }
    let shown = &names[..names.len().min(PLOT_CHARTS_MAX)];
    for (index, own) in read.states.iter() {
        let series: Vec<&Name> = shown.iter().filter(|name| name.connection == index).collect();
        // Of a connection of which nothing is wanted, the states are neither.
        if series.is_empty() && !(names.is_empty() && own.has_changes()) {
            continue;
        }
        out += &format!("{}\n", frame.paint.text(Tone::Heading, &own.name));
        for (name, states) in own.strips() {
            out += &frame.strip(&Strip { name, states });
        }
        for name in series {
            out += &one(&read.collected, name, &frame)?;
        }
        out += &format!("{}\n", frame.axis());
    }
    if names.len() > shown.len() {
        out += &format!(
            "and {} more series (--list names all, --series chooses)\n",
            names.len() - shown.len()
        );
    }
    if !out.is_empty() {
        let first = UnixMs(span.from.max(0.0) as u64);
        out += &format!(
            "{} UTC by the client's clock; the first event is at {first}\n",
            first.date()
        );
    }
    Ok(out)
}

/// The chart of one series, or the strip of one that has words.
fn one(collected: &Collected, name: &Name, frame: &Frame) -> io::Result<String> {
    let points = points(collected, name.series)?;
    let Some(words) = collected.words(name.series) else {
        let (unit, _, _) = collected.drawing(name.series);
        return Ok(frame.curve(&Curve {
            name: &name.text,
            unit,
            points: &points,
        }));
    };
    let word = |number: f64| words.get(number as usize).filter(|_| !number.is_nan());
    let mut states: Vec<(f64, String)> = Vec::new();
    for (time, number) in points {
        let state = word(number).map_or(String::new(), |word| states::word(word));
        if states.last().is_none_or(|(_, last)| *last != state) {
            states.push((time, state));
        }
    }
    let heading = frame.paint.text(Tone::Heading, &name.text);
    let strip = frame.strip(&Strip {
        name: "",
        states: &states,
    });
    Ok(format!("{heading}\n{strip}"))
}

/// Those of the terminal, if the output is one.
fn columns() -> usize {
    let size = console::Term::stdout().size_checked();
    size.map_or(PLOT_COLUMNS, |(_, columns)| usize::from(columns).max(PLOT_COLUMNS / 2))
}
