//! `dump explain`: what was wrong with a call, the answer first.
//!
//! The rules are those of `findings`, with the thresholds of the configuration. Failures: the dump cannot be read, or
//! not to its end; then what was found in the rest is told, and the status is that of the failure.
mod json;
mod markdown;
mod order;
mod rules;
mod text;
mod told;
mod words;

use std::ffi::OsString;

use super::reading;
use crate::cli::failure::Failure;
use crate::cli::input::{Bound, Load, Source};
use crate::cli::output::{print, print_json, warn};
use crate::cli::paint::Paint;
use crate::cli::progress::Shown;
use crate::dump::clock::Clock;
use crate::findings::{End, Examination, RuleName, Settings, Severity};
use told::Told;

/// Says what was wrong with a call: a verdict, the findings behind it with what follows from each, and what could not
/// be found out from this dump, and why.
///
/// docs/findings.md explains each rule. Those that the configuration leaves out are left out here too.
#[derive(Debug, clap::Args)]
#[command(after_help = STATUSES)]
pub struct Arguments {
    /// The dump: a file, - for standard input, the id of a stored dump, or a URL
    #[arg(value_name = "DUMP", required_unless_present = "list")]
    dump: Option<OsString>,
    #[command(flatten)]
    bound: Bound,
    #[command(flatten)]
    page: reading::Page,
    /// Print the JSON that the server stores with the features of a dump
    #[arg(long, conflicts_with = "md")]
    json: bool,
    /// Print Markdown, for a ticket or a mail
    #[arg(long)]
    md: bool,
    /// Tell only of this rule (ice.failed), also in the exit status; can be repeated
    #[arg(long, value_name = "ID", value_parser = rule)]
    rule: Vec<RuleName>,
    /// The least severity that changes the exit status
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: FailOn,
    /// List the rules with what they fire on, their thresholds and sources, and read no dump
    #[arg(long, conflicts_with_all = ["dump", "md", "fail_on", "origin", "max_download"])]
    list: bool,
}

const STATUSES: &str = "\
Exit status:
  0  nothing was found that is as bad as --fail-on says
  3  the worst is a warning (or an info, with --fail-on info)
  4  the worst is critical
  1  the dump cannot be read, or not to its end
  2  wrong arguments
What follows from another finding does not count; with --rule, every finding of these rules does.";

/// From where on findings are a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Info,
    Warning,
    Critical,
    Never,
}

fn rule(text: &str) -> Result<RuleName, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no rule; `dump explain --list` has them"))
}

/// Prints the explanation, or the rules.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let settings = settings(load);
    let Some(dump) = &arguments.dump else {
        return rules::list(&settings, &arguments.rule, arguments.json);
    };
    let part = reading::Part::new(Source::new(dump.clone(), arguments.bound), arguments.page.clone());
    let (mut told, ended) = examined(&part, &settings, load)?;
    told.only(&arguments.rule);
    match (arguments.json, arguments.md) {
        (true, _) => print_json(&json::text(&told))?,
        (_, true) => print(&markdown::text(&told))?,
        _ => print(&text::text(&told, Paint::of_stdout()))?,
    }
    ended?;
    status(told.severity(), arguments.fail_on)
}

/// The rules and thresholds of the configuration. A file can be read on any machine, so a configuration that cannot be
/// used does not stop that; an id is not found without one anyway.
fn settings(load: Load<'_>) -> Settings {
    match load() {
        Ok(loaded) => Settings::of(&loaded.config.findings),
        Err(failure) => {
            warn(format_args!("the rules have their own thresholds: {failure}"));
            Settings::default()
        }
    }
}

/// Reads the dump, and says whether it was read to its end.
fn examined(part: &reading::Part, settings: &Settings, load: Load<'_>) -> Result<(Told, Result<(), Failure>), Failure> {
    let mut reading = reading::open(part, Shown::AtTheEnd, load)?;
    let mut examination = Examination::of(&reading.dump, settings);
    let mut clock = Clock::of(reading.dump.format(), reading.dump.metadata());
    let mut told = Told::new(&reading.name, settings);
    let ended = loop {
        match reading.dump.next() {
            Ok(Some(event)) => {
                let time = clock.time(event.timestamp);
                told.event(event.connection.index, event.timestamp, time);
                examination.event(&event);
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(Failure::runtime(&reading.name, error)),
        }
    };
    let notes = reading.dump.notes();
    let end = match ended.is_ok() && !notes.is_cut() {
        true => End::Whole,
        false => End::Torn,
    };
    told.findings = examination.finish(end);
    let ended = ended.and_then(|()| reading::tell(&reading.name, notes));
    Ok((told, ended))
}

fn status(worst: Option<Severity>, fail_on: FailOn) -> Result<(), Failure> {
    let least = match fail_on {
        FailOn::Info => Severity::Info,
        FailOn::Warning => Severity::Warning,
        FailOn::Critical => Severity::Critical,
        FailOn::Never => return Ok(()),
    };
    match worst.filter(|worst| *worst >= least) {
        None => Ok(()),
        Some(Severity::Critical) => Err(Failure::Answer(4)),
        Some(Severity::Warning | Severity::Info) => Err(Failure::Answer(3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_that_of_the_worst_finding_that_counts() {
        use FailOn::{Critical, Info, Never, Warning};
        for (worst, statuses) in [
            (None, [0, 0, 0, 0]),
            (Some(Severity::Info), [3, 0, 0, 0]),
            (Some(Severity::Warning), [3, 3, 0, 0]),
            (Some(Severity::Critical), [4, 4, 4, 0]),
        ] {
            let told = [Info, Warning, Critical, Never].map(|fail_on| match status(worst, fail_on) {
                Ok(()) => 0,
                Err(Failure::Answer(code)) => code,
                Err(failure) => panic!("{failure}"),
            });
            assert_eq!(told, statuses, "{worst:?}");
        }
    }
}
