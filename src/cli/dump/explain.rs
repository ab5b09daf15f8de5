//! `dump explain`: what was wrong with a call, the answer first.
//!
//! The rules are those of `findings`, with the thresholds of the configuration. Failures: the dump cannot be read, or
//! not to its end; then what was found in the rest is told, and the status is that of the failure.
mod digest;
mod json;
mod markdown;
mod order;
mod rules;
mod text;
mod told;
mod words;

use std::ffi::OsString;

use super::reading::{self, Reading};
use crate::cli::failure::Failure;
use crate::cli::input::{Bound, Load, Source};
use crate::cli::output::{print, print_json, warn};
use crate::cli::paint::Paint;
use crate::cli::progress::Shown;
use crate::config::Size;
use crate::dump::clock::Clock;
use crate::findings::{End, Examination, RuleName, Settings, Severity};
use crate::limits::DIGEST_BYTES_MAX;
use digest::Digest;
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
    #[arg(long, group = "form")]
    json: bool,
    /// Print Markdown, for a ticket or a mail
    #[arg(long, group = "form")]
    md: bool,
    /// Print the findings, the features and what happened as text of at most this size [default: 30KiB], for a language
    /// model; of a dump that is not masked, it has addresses too
    #[arg(long, group = "form", value_name = "SIZE", num_args = 0..=1, require_equals = true, default_missing_value = "30KiB")]
    digest: Option<Size>,
    /// Tell only of this rule (ice.failed), also in the exit status; can be repeated
    #[arg(long, value_name = "ID")]
    rule: Vec<RuleName>,
    /// The least severity that changes the exit status
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: FailOn,
    /// List the rules with what they fire on, their thresholds and sources, and read no dump
    #[arg(long, conflicts_with_all = ["dump", "md", "digest", "fail_on", "origin", "max_download"])]
    list: bool,
}

const STATUSES: &str = "\
Exit status:
  0  nothing was found that is as bad as --fail-on says
  3  the worst is a warning (or an info, with --fail-on info)
  4  the worst is critical
  1  the dump cannot be read, or not to its end
  2  wrong arguments
What follows from a finding that is as bad does not count; with --rule, every finding of these rules does.";

/// From where on findings are a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Info,
    Warning,
    Critical,
    Never,
}

/// Prints the explanation, or the rules.
pub fn run(arguments: &Arguments, load: Load<'_>) -> Result<(), Failure> {
    let settings = settings(load);
    let Some(dump) = &arguments.dump else {
        return rules::list(&settings, &arguments.rule, arguments.json);
    };
    let part = reading::Part::new(Source::new(dump.clone(), arguments.bound), arguments.page.clone());
    let mut reading = reading::open(&part, Shown::AtTheEnd, load)?;
    let mut digest = arguments.digest.map(|size| Digest::new(&reading.dump, bytes(size)));
    let (mut told, ended) = examined(&mut reading, &settings, &mut digest);
    told.only(&arguments.rule);
    match digest {
        Some(digest) => print(&digest.text(&told, |connection| reading.dump.reports(connection)))?,
        None if arguments.json => print_json(&json::text(&told))?,
        None if arguments.md => print(&markdown::text(&told))?,
        None => print(&text::text(&told, Paint::of_stdout()))?,
    }
    ended.and_then(|()| reading::tell(&reading.name, reading.dump.notes()))?;
    status(told.severity(), arguments.fail_on)
}

/// The rules and thresholds of the configuration. A file can be read on any machine, so a configuration that cannot be
/// used does not stop that; an id is not found without one anyway.
pub fn settings(load: Load<'_>) -> Settings {
    match load() {
        Ok(loaded) => Settings::of(&loaded.config.findings),
        Err(failure) => {
            warn(format_args!("the rules have their own thresholds: {failure}"));
            Settings::default()
        }
    }
}

/// Reads the dump, and says whether its bytes could be read.
fn examined(reading: &mut Reading, settings: &Settings, digest: &mut Option<Digest>) -> (Told, Result<(), Failure>) {
    let mut examination = Examination::of(&mut reading.dump, settings);
    let mut clock = Clock::of(reading.dump.format(), reading.dump.metadata());
    let mut told = Told::new(&reading.name, settings);
    let ended = reading.dump.each(|event| {
        let time = clock.time(event.timestamp);
        told.event(event.connection.index, event.timestamp, time);
        examination.event(event);
        if let Some(digest) = digest {
            digest.event(event);
        }
    });
    let ended = ended.map_err(|error| Failure::runtime(&reading.name, error));
    let end = match reading.dump.is_whole() {
        true => End::Whole,
        false => End::Torn,
    };
    told.findings = examination.finish(end);
    (told, ended)
}

/// The size of a digest, which is kept in memory.
fn bytes(size: Size) -> usize {
    usize::try_from(size.0).unwrap_or(usize::MAX).min(DIGEST_BYTES_MAX)
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
