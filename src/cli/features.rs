//! `features --backfill`: extracts the features of dumps that were stored without, and stores them as delivery would
//! have done: the same bytes, under the same name, told by the same row.
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
use crate::database::RowRef;
use crate::limits::BACKFILL_DUMPS_MAX;
use work::Work;

/// Gives features to the stored dumps that have none: those of older versions, or of a time when features were off.
///
/// With features.tables, also to those that are not in the tables yet. It may be interrupted and started again, also
/// while a server runs.
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
    let reader = config.row_reader().map_err(|error| runtime(&error))?;
    let count = reader.count_without_features().map_err(|error| runtime(&error))?;
    if arguments.dry_run {
        return print(&format!("{} without features; nothing was changed\n", dumps(count)));
    }
    let database = config.row_store().map_err(|error| runtime(&error))?;
    let storage = config.object_store().map_err(|error| runtime(&error))?;
    let work = Work::new(&storage, &database).map_err(|error| runtime(&error))?;
    let bar = progress::of_dumps(count);
    let (mut done, mut gone, mut failed) = (0, 0, 0);
    let mut last: Option<RowRef> = None;
    loop {
        let page = database.without_features(last.as_ref(), BACKFILL_DUMPS_MAX);
        let page = page.map_err(|error| runtime(&error))?;
        let Some(end) = page.last() else { break };
        for (row, outcome) in work.page(&page, &|| bar.inc(1)) {
            match outcome {
                Ok(work::Done::Stored) => done += 1,
                Ok(work::Done::Gone) => gone += 1,
                Err(why) => {
                    failed += 1;
                    let id = visible(&row.key.to_string());
                    bar.suspend(|| warn(format_args!("dump {id}: {why}")));
                }
            }
        }
        last = Some(end.clone());
    }
    bar.finish_and_clear();
    let erased = match gone {
        0 => String::new(),
        gone => format!(", {} erased meanwhile", dumps(gone)),
    };
    print(&format!("{} got features{erased}\n", dumps(done)))?;
    match failed {
        0 => Ok(()),
        failed => Err(Failure::Runtime(format!("{} still without features", dumps(failed)))),
    }
}

fn dumps(count: u64) -> String {
    match count {
        1 => "1 stored dump".to_owned(),
        count => format!("{count} stored dumps"),
    }
}
