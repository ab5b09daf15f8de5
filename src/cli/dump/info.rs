//! `dump info`: what a call was like, in one pass over its dump.
//!
//! Nothing is judged here; it is a summary of what the page and the browser have said. Limits: those of `survey`.
//! Failures: the dump cannot be read, or not to its end; what was read until then is told.
mod connection;
mod json;
mod path;
mod phases;
mod streams;
mod summary;
mod survey;
mod table;
mod text;
mod trouble;

use super::reading;
use crate::cli::failure::Failure;
use crate::cli::input::Load;
use crate::cli::output::{print, print_json};
use crate::cli::paint::Paint;
use crate::cli::progress::Shown;
use crate::dump::internals::Flag;
use crate::limits::INFO_ROWS_COUNT_MAX;
use summary::Summary;
use survey::Survey;
use table::Rows;

/// Says what a call was like: how its connections were set up and how long each step took, which way the media went,
/// what was sent and received, and what failed.
#[derive(Debug, clap::Args)]
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

/// Prints the summary.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let mut reading = reading::open(&arguments.source, Shown::AtTheEnd, load)?;
    let mut survey = Survey::default();
    let ended = loop {
        match reading.dump.next() {
            Ok(Some(event)) => survey.event(&event),
            Ok(None) => break Ok(()),
            Err(error) => break Err(Failure::runtime(&reading.name, error)),
        }
    };
    let dump = &reading.dump;
    for (at, connection) in survey.connections.iter_mut().enumerate() {
        connection.url = dump.url_of(at + 1).map(str::to_owned);
    }
    let summary = Summary {
        name: reading.name.clone(),
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
