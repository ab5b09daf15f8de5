//! `features --backfill`: extracts the features and findings of dumps that were stored without, and stores them as
//! delivery would have done: the same bytes, under the same name, told by the same row.
//!
//! The rows are taken page by page in the order of their ids. The objects of a page are stored and made durable before
//! its rows get their URLs; a row that has lost its dump by then (an erasure ran meanwhile) makes the features go
//! again. All of it may be repeated: a run that was interrupted is started again and goes on with what is left. Memory:
//! one page (`BACKFILL_DUMPS_MAX`) and one extractor. What fails for one dump is told and counted, and the others go
//! on.
mod work;

use log::LevelFilter;

use super::failure::Failure;
use super::logging;
use super::output::{print, warn};
use super::owner;
use super::progress;
use super::visible::visible;
use crate::config::Config;
use crate::database::{Lack, LackCounts, RowRef, Wanted};
use crate::limits::BACKFILL_DUMPS_MAX;
use crate::spool::ToExtract;
use work::{Done, Work};

/// Gives features and findings to the stored dumps that have none: those of older versions, or of a time when they were
/// off.
///
/// With features.tables, also to those that are not in the tables yet; without findings.enabled, features alone. It may
/// be interrupted and started again, also while a server runs.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Extract and store what is missing
    #[arg(long, required = true)]
    backfill: bool,
    /// Only say how many dumps are meant
    #[arg(long)]
    dry_run: bool,
}

/// Does it.
pub fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    debug_assert!(arguments.backfill, "clap demands it");
    owner::settle(&config.data_dir)?;
    let runtime = |error: &dyn std::fmt::Display| Failure::Runtime(error.to_string());
    // What a store leaves open for all its objects is warned of where it is met.
    logging::start(config.log.level.min(LevelFilter::Warn)).map_err(|error| runtime(&error))?;
    let (wanted, what) = match config.examination() {
        Some(settings) => (Wanted::FeaturesAndFindings, ToExtract::Both(settings)),
        None => (Wanted::Features, ToExtract::Features),
    };
    let reader = config.row_reader().map_err(|error| runtime(&error))?;
    let counts = reader.count_lacking(wanted).map_err(|error| runtime(&error))?;
    if arguments.dry_run {
        return print(&format!("{}; nothing was changed\n", lacking(counts)));
    }
    let database = config.row_store().map_err(|error| runtime(&error))?;
    let storage = config.object_store().map_err(|error| runtime(&error))?;
    let work = Work::new(&storage, &database, what).map_err(|error| runtime(&error))?;
    let bar = progress::of_dumps(counts.features + counts.findings_alone);
    let (mut done, mut gone, mut failed) = (LackCounts::default(), 0, 0);
    let mut last: Option<RowRef> = None;
    loop {
        let page = database.lacking(wanted, last.as_ref(), BACKFILL_DUMPS_MAX);
        let page = page.map_err(|error| runtime(&error))?;
        let Some(end) = page.last() else { break };
        for (row, outcome) in work.page(&page, &|| bar.inc(1)) {
            match outcome {
                Ok(Done::Stored(Lack::Features)) => done.features += 1,
                Ok(Done::Stored(Lack::FindingsAlone)) => done.findings_alone += 1,
                Ok(Done::Gone) => gone += 1,
                Err(why) => {
                    failed += 1;
                    let id = visible(&row.key.to_string());
                    bar.suspend(|| warn(format_args!("dump {id}: {why}")));
                }
            }
        }
        last = Some(end.row.clone());
    }
    bar.finish_and_clear();
    let erased = match gone {
        0 => String::new(),
        gone => format!(", {} erased meanwhile", dumps(gone)),
    };
    print(&format!("{}{erased}\n", told(wanted, done)))?;
    match failed {
        0 => Ok(()),
        failed => Err(Failure::Runtime(match wanted {
            Wanted::Features => format!("{} still without features", dumps(failed)),
            Wanted::FeaturesAndFindings => format!("{} still without features or findings", dumps(failed)),
        })),
    }
}

fn lacking(counts: LackCounts) -> String {
    let without = dumps(counts.features);
    match counts.findings_alone {
        0 => format!("{without} without features"),
        more => format!("{without} without features, {more} more without findings"),
    }
}

fn told(wanted: Wanted, counts: LackCounts) -> String {
    let done = dumps(counts.features);
    match (wanted, counts.findings_alone) {
        (Wanted::Features, _) => format!("{done} got features"),
        (Wanted::FeaturesAndFindings, 0) => format!("{done} got features and findings"),
        (Wanted::FeaturesAndFindings, more) => format!("{done} got features and findings, {more} more got findings"),
    }
}

fn dumps(count: u64) -> String {
    match count {
        1 => "1 stored dump".to_owned(),
        count => format!("{count} stored dumps"),
    }
}
