//! `dump diff`: in which features two dumps differ.
//!
//! Connections are compared in the order of their first events, and tracks in that of their kind and direction, because
//! names and ids are others in every call. Statuses are those of `diff` (POSIX). Failures: a dump cannot be read, or
//! not to its end; then what was read is compared.
mod features;

use std::ffi::OsString;

use serde_json::json;

use super::{json, reading};
use crate::cli::failure::Failure;
use crate::cli::input::{Bound, Load, Source};
use crate::cli::output::{print, print_json, table};
use crate::cli::paint::{Paint, Tone};
use crate::cli::progress::Shown;
use crate::features::{Extractor, Features};

/// Prints which features of two calls, or of the two sides of a call, are not the same.
///
/// The exit status is 0 if there is no difference, 1 if there is one, and 2 if a dump cannot be read.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A dump: a file, - for standard input, the id of a stored dump, or a URL
    #[arg(value_name = "A")]
    a: OsString,
    /// The dump to compare it with
    #[arg(value_name = "B")]
    b: OsString,
    #[command(flatten)]
    bound: Bound,
    #[command(flatten)]
    page: reading::Page,
    /// Print one JSON object with all differences
    #[arg(long)]
    json: bool,
}

/// One of the two.
struct Side {
    features: Features,
    /// Whether it was read to its end.
    ended: Result<(), Failure>,
}

/// Prints the differences.
pub fn run(arguments: Arguments, load: Load<'_>) -> Result<(), Failure> {
    if arguments.a == "-" && arguments.b == "-" {
        return Err(Failure::Usage("only one of the dumps can be standard input".to_owned()));
    }
    let read = |dump: OsString| {
        let source = Source::new(dump, arguments.bound);
        side(&reading::Part::new(source, arguments.page.clone()), load).map_err(trouble)
    };
    let (a, b) = (read(arguments.a)?, read(arguments.b)?);
    let features = features::differences(&a.features, &b.features);
    match arguments.json {
        true => {
            let features: Vec<_> = features.iter().map(features::Difference::json).collect();
            print_json(&json::text(&json!({ "features": features }))?)?;
        }
        false => print(&tables(&features))?,
    }
    a.ended.and(b.ended).map_err(trouble)?;
    match features.is_empty() {
        true => Ok(()),
        false => Err(Failure::Answer(DIFFERENT)),
    }
}

const DIFFERENT: u8 = 1;

/// A failure has another status here than in the commands for which 1 is no answer.
fn trouble(failure: Failure) -> Failure {
    match failure {
        Failure::Runtime(words) => Failure::Trouble(words),
        failure => failure,
    }
}

fn side(part: &reading::Part, load: Load<'_>) -> Result<Side, Failure> {
    let mut reading = reading::open(part, Shown::AtTheEnd, load)?;
    let mut extractor = Extractor::of(&reading.dump);
    let ended = loop {
        match reading.dump.next() {
            Ok(Some(event)) => extractor.event(&event),
            Ok(None) => break Ok(()),
            Err(error) => break Err(Failure::runtime(&reading.name, error)),
        }
    };
    let features = extractor.finish(|connection| reading.dump.reports(connection));
    let ended = ended.and_then(|()| reading::tell(&reading.name, reading.dump.notes()));
    Ok(Side { features, ended })
}

fn tables(features: &[features::Difference]) -> String {
    let mut lines = vec![["FEATURE", "OF", "UNIT", "A", "B"].map(str::to_owned).to_vec()];
    lines.extend(features.iter().map(features::Difference::row));
    match lines.len() {
        1 => String::new(),
        _ => Paint::of_stdout().table(&table(&lines), Tone::Plain),
    }
}
