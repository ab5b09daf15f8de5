//! `dump cat`: the events of a dump as JSON lines, with absolute times, full names, complete statistics and readable
//! descriptions.
//!
//! Values are written as they were sent, byte for byte. The memory is one event, and what its connections have at the
//! moment. Failures: the dump cannot be read, or not to its end; what was read until then is written.
use std::io::{BufWriter, Write};

use super::filter::Filter;
use super::reading;
use crate::cli::failure::Failure;
use crate::cli::input::Load;
use crate::cli::output::Json;
use crate::cli::progress::Shown;
use crate::dump::decode::Event;

/// Writes each event as a line: [timestamp, connection, method, value, …extra].
///
/// The timestamp is in milliseconds since 1970, by the client's clock; the connection of the client itself is null.
/// Statistics are complete in every event. All filters that are given have to fit.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    source: reading::Part,
    #[command(flatten)]
    filter: Filter,
    /// Write times as milliseconds since the first event
    #[arg(long)]
    relative: bool,
}

const EXAMPLES: &str = "\
Examples:
  What happened, without the statistics:
    rtcstats-server dump cat call.jsonl.gz --not-method getStats
  Everything about ICE in the first ten seconds of a connection:
    rtcstats-server dump cat call.jsonl.gz --connection PC_0 --method '*ice*' --until 10s
  Round trip times by jq:
    rtcstats-server dump cat call.jsonl.gz --method getStats | jq '.[3][] | .currentRoundTripTime // empty'";

/// Writes the events to standard output.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let mut passing = arguments.filter.passing()?;
    let mut reading = reading::open(&arguments.source, Shown::Meanwhile, load)?;
    let mut output = BufWriter::with_capacity(OUTPUT_BYTES, Json::of_stdout());
    let mut line = Vec::new();
    let ended = loop {
        let event = match reading.dump.next() {
            Ok(Some(event)) => event,
            Ok(None) => break Ok(()),
            Err(error) => break Err(Failure::runtime(&reading.name, error)),
        };
        let begin = passing.begin(&event);
        if !passing.wants(&event) {
            continue;
        }
        line.clear();
        let timestamp = match arguments.relative {
            true => event.timestamp - begin,
            false => event.timestamp,
        };
        Event { timestamp, ..event }.write_json(&mut line);
        if passing.wants_line(&line) {
            line.push(b'\n');
            output.write_all(&line).map_err(|error| Failure::output(&error))?;
        }
    };
    output.flush().map_err(|error| Failure::output(&error))?;
    ended?;
    reading::tell(&reading.name, reading.dump.notes())
}

/// One write for many lines.
const OUTPUT_BYTES: usize = 64 * 1024;
