//! `dump diff`: in which features and findings two dumps differ.
//!
//! Connections are compared in the order of their first events, and tracks in that of their kind and direction, because
//! names and ids are others in every call. Statuses are those of `diff` (POSIX). Failures: a dump cannot be read, or
//! not to its end; then what was read is compared.
mod features;
mod findings;

use std::ffi::OsString;

use serde_json::{Value, json};

use super::{explain, json, reading};
use crate::cli::failure::Failure;
use crate::cli::input::{Bound, Load, Source};
use crate::cli::output::{print, print_json, table};
use crate::cli::paint::{Paint, Tone};
use crate::cli::progress::Shown;
use crate::features::{Extractor, Features};
use crate::findings::{End, Examination, Findings, Settings};

/// Prints which features and findings of two calls, or of the two sides of a call, are not the same.
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
    findings: Findings,
    /// Whether it was read to its end.
    ended: Result<(), Failure>,
}

/// Prints the differences.
pub fn run(arguments: Arguments, load: Load<'_>) -> Result<(), Failure> {
    if arguments.a == "-" && arguments.b == "-" {
        return Err(Failure::Usage("only one of the dumps can be standard input".to_owned()));
    }
    let settings = explain::settings(load);
    let read = |dump: OsString| {
        let source = Source::new(dump, arguments.bound);
        side(&reading::Part::new(source, arguments.page.clone()), &settings, load).map_err(trouble)
    };
    let (a, b) = (read(arguments.a)?, read(arguments.b)?);
    let features = features::differences(&a.features, &b.features);
    let findings = findings::differences(&a.findings, &b.findings);
    match arguments.json {
        true => {
            let features: Vec<Value> = features.iter().map(features::Difference::json).collect();
            let findings: Vec<Value> = findings.iter().map(findings::Difference::json).collect();
            print_json(&json::text(&json!({ "findings": findings, "features": features }))?)?;
        }
        false => {
            let findings = findings.iter().map(findings::Difference::row);
            let findings = block(&["FINDING", "OF", "A", "B"], findings);
            let features = features.iter().map(features::Difference::row);
            let features = block(&["FEATURE", "OF", "UNIT", "A", "B"], features);
            let between = if findings.is_empty() || features.is_empty() {
                ""
            } else {
                "\n"
            };
            print(&format!("{findings}{between}{features}"))?;
        }
    }
    a.ended.and(b.ended).map_err(trouble)?;
    match features.is_empty() && findings.is_empty() {
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

fn side(part: &reading::Part, settings: &Settings, load: Load<'_>) -> Result<Side, Failure> {
    let mut reading = reading::open(part, Shown::AtTheEnd, load)?;
    let mut extractor = Extractor::of(&reading.dump);
    let mut examination = Examination::of(&mut reading.dump, settings);
    let ended = reading.dump.each(|event| {
        extractor.event(event);
        examination.event(event);
    });
    let ended = ended.map_err(|error| Failure::runtime(&reading.name, error));
    let features = extractor.finish(|connection| reading.dump.reports(connection));
    let findings = examination.finish(match reading.dump.is_whole() {
        true => End::Whole,
        false => End::Torn,
    });
    let ended = ended.and_then(|()| reading::tell(&reading.name, reading.dump.notes()));
    Ok(Side {
        features,
        findings,
        ended,
    })
}

/// A table, if it has rows.
fn block(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let heading = heading.iter().map(|name| (*name).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    match lines.len() {
        1 => String::new(),
        _ => Paint::of_stdout().table(&table(&lines), Tone::Plain),
    }
}
