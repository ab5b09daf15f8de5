//! `find`: searches the catalogue and counts what was found in calls, on either backend and also while a server writes
//! to it.
//!
//! Never here: writing. Limit: `--limit` rows, which are held in memory; of a summary, its days and rules.
mod list;
mod summary;
mod wanted;

use super::failure::Failure;
use super::output::{print, print_json, warn};
use super::owner;
use crate::config::Config;
use crate::database::{self, Filter, RowKey};
use crate::findings::RuleName;
use crate::labels::Labels;
use crate::time::UnixMs;
use list::Columns;
use summary::By;
use wanted::Least;

/// Lists the stored dumps that all filters let pass, the newest session first; or counts what was found in them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only the dump of this id
    #[arg(long)]
    id: Option<RowKey>,
    /// Only sessions of this user, written in full
    #[arg(long)]
    user: Option<String>,
    /// Only sessions of this conference, written in full
    #[arg(long)]
    conference: Option<String>,
    /// Only this session, written in full
    #[arg(long)]
    session: Option<String>,
    /// Only sessions that began at or after 2026-01-31, 2026-01-31T12:00:00Z, or 2h (that long ago)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<UnixMs>,
    /// Only sessions that began before such a time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<UnixMs>,
    /// Only sessions in which this rule has found something (`dump explain --list` has all); of several, any
    #[arg(long, value_name = "RULE")]
    finding: Vec<RuleName>,
    /// Only sessions in which something at least as bad was found; with --finding, by that rule
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<Least>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 100, value_parser = count)]
    limit: usize,
    /// Count the sessions, and in how many of them what was found: in all, and by day (UTC)
    #[arg(long, conflicts_with = "limit")]
    summary: bool,
    /// Of the summary, only the part about all sessions together, or only that by day
    #[arg(long, requires = "summary")]
    by: Option<By>,
    /// Print one JSON object a line instead of a table; a summary is one object
    #[arg(long)]
    json: bool,
}

/// Prints what is found.
pub fn run(config: &Config, arguments: Arguments) -> Result<(), Failure> {
    owner::settle(&config.data_dir)?;
    let findings = wanted::filter(&arguments.finding, arguments.severity);
    let columns = match findings.is_open() {
        true => Columns::Plain,
        false => Columns::WithFindings,
    };
    let filter = Filter {
        id: arguments.id,
        labels: Labels {
            user: arguments.user,
            conference: arguments.conference,
            session: arguments.session,
        },
        since: arguments.since,
        until: arguments.until,
        findings,
        limit: arguments.limit,
    };
    let runtime = |error: &dyn std::fmt::Display| Failure::Runtime(error.to_string());
    let catalogue = config.row_reader().map_err(|error| runtime(&error))?;
    let text = match arguments.summary {
        true => {
            let tally = catalogue.tally(&filter).map_err(|error| runtime(&error))?;
            match arguments.json {
                true => summary::json(&tally, arguments.by),
                false => summary::text(&tally, arguments.by),
            }
        }
        false => {
            let rows = catalogue.find(&filter).map_err(|error| runtime(&error))?;
            match arguments.json {
                true => rows.iter().map(list::json_line).collect(),
                false => list::table_of(&rows, columns),
            }
        }
    };
    if catalogue.may_hide_rows().map_err(|error| runtime(&error))? {
        warn("row security may hide rows from this user, so that there may be more");
    }
    match arguments.json {
        true => print_json(&text),
        false => print(&text),
    }
}

/// See [`database::instant`].
fn instant(text: &str) -> Result<UnixMs, String> {
    database::instant(text, UnixMs::now())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "write a whole number from 1 on".to_string())
}
