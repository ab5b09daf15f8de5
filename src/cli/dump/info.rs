//! `dump info`: what a call was like, in one pass over its dump.
//!
//! Nothing is judged here; it is a summary of what the page and the browser have said. Limits: those of `survey`.
//! Failures: the dump cannot be read, or not to its end; what was read until then is told.
mod connection;
mod path;
mod phases;
mod streams;
mod summary;
mod survey;
mod table;
mod text;
mod trouble;

use super::json;
use super::reading;
use crate::cli::failure::Failure;
use crate::cli::input::Load;
use crate::cli::output::{print, print_json};
use crate::cli::paint::Paint;
use crate::cli::progress::Shown;
use crate::database::RowKey;
use crate::dump::clock::Clock;
use crate::dump::internals::Flag;
use crate::features::Form;
use crate::limits::INFO_ROWS_COUNT_MAX;
use summary::Summary;
use survey::Survey;
use table::Rows;

/// Says what a call was like: how its connections were set up and how long each step took, which way the media went,
/// what was sent and received, and what failed.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND)]
pub struct Arguments {
    #[command(flatten)]
    source: reading::Part,
    /// Print one JSON object with everything, times in ms since 1970, units as in the W3C's statistics
    #[arg(long)]
    json: bool,
    /// Show every row of each table
    #[arg(long)]
    all: bool,
}

const LEGEND: &str = "\
Legend:
  -                     not known, or there is none
  CREATED, LENGTH       offset from the first event, and the time from the first to the last event
  CANDIDATES            gathered + from the other side
  SIGNALLING            the wait for the other side's answer, or the time to make one
  CONNECTED/MEDIA AFTER from the first event to connected, and to the first statistics with a received packet
  PACKETS, LOST, FREEZES
                        sums; where a counter starts anew, what it had is added, as far as the statistics show it
  JITTER, ROUND TRIP, SIZE, LIMITED BY
                        the last values
  BIT RATE, FRAMES      averages over the time in which the stream is in the statistics
Where a browser's dump begins in the middle of a call, what was before is not known.";

/// Prints the summary.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let mut reading = reading::open(&arguments.source, Shown::AtTheEnd, load)?;
    let mut clock = Clock::of(reading.dump.format(), reading.dump.metadata());
    let mut survey = Survey::default();
    let ended = reading
        .dump
        .each(|event| survey.event(event, clock.time(event.timestamp)));
    let ended = ended.map_err(|error| Failure::runtime(&reading.name, error));
    if let Some(time) = clock.start() {
        survey.begin(time);
    }
    let dump = &reading.dump;
    let flags = dump.connection_flags();
    for (at, connection) in survey.connections.iter_mut().enumerate() {
        connection.url = dump.url_of(at + 1).map(str::to_owned);
        // A client library knows everything, so its dumps have no flags.
        if let Some(flags) = flags.get(at) {
            connection.restrict(Form::new(dump.format(), *flags));
        }
    }
    let summary = Summary {
        name: bare(&reading.name).to_owned(),
        form: dump.compression().name(),
        packed_bytes: dump.read_bytes(),
        text_bytes: dump.text_bytes(),
        lines: dump.line(),
        metadata: dump.metadata().clone(),
        format: dump.format().name(),
        origins: dump.origins().to_vec(),
        flags: dump.flags().iter().map(Flag::name).collect(),
        notes: dump.notes().iter().map(ToString::to_string).collect(),
        survey,
    };
    let rows = Rows(if arguments.all { usize::MAX } else { INFO_ROWS_COUNT_MAX });
    match arguments.json {
        true => print_json(&json::text(&summary)?)?,
        false => print(&table::summary(&summary, rows, Paint::of_stdout()))?,
    }
    ended?;
    reading::tell(&reading.name, dump.notes())
}

/// What is read by its id is called `dump ID` where it is told of; the summary says itself that it is a dump.
fn bare(name: &str) -> &str {
    let is_id = |id: &&str| !matches!(RowKey::from(*id), RowKey::Other(_));
    name.strip_prefix("dump ").filter(is_id).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_not_called_a_dump_twice() {
        for (name, told) in [
            (
                "dump 018bcfe5-687b-7000-8000-000000000000",
                "018bcfe5-687b-7000-8000-000000000000",
            ),
            ("dump 17", "17"),
            ("dump of monday.gz", "dump of monday.gz"),
            ("call.jsonl.gz", "call.jsonl.gz"),
        ] {
            assert_eq!(bare(name), told);
        }
    }
}
