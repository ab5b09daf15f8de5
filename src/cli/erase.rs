//! `erase`: removes the dumps of a user, a conference or a session from store, database and spool.
//!
//! Without `--yes` it is a dry run. The protocol, with its order, stands in `erasure`. What is counted as erased is
//! gone; whatever is not erased is told, with the reason, and the exit status is 1. It takes nothing that it has not
//! listed. A live session is reported and left alone. Limit: the rows that are found are held in memory.
mod plan;
mod selection;

use std::collections::HashSet;
use std::path::Path;

use log::LevelFilter;

use super::failure::Failure;
use super::logging;
use super::output::print;
use super::owner;
use super::visible::visible;
use crate::config::Config;
use crate::database::{Database, Found, RowKey};
use crate::erasure::{self, Erased, RowError, Spooled};
use crate::spool::{Id, tombstone};
use crate::storage::{Storage, StorageError};
use plan::Plan;
use selection::{Selection, dump_of};

/// Erases every dump that all of the given values fit, with its row. Without --yes it only says which.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    what: Selection,
    /// Erase; without this nothing is changed
    #[arg(long)]
    yes: bool,
}

/// Lists what fits, and erases it if that was asked for.
pub fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let selection = &arguments.what;
    if !selection.says_what() {
        let what = "say what to erase: --user, --conference, --session or --id";
        return Err(Failure::Usage(what.to_string()));
    }
    owner::settle(&config.data_dir)?;
    let spool = config.spool_path();
    let plan = Plan::of_spool(&spool, selection)?;
    let storage = config
        .object_store()
        .map_err(|error| Failure::Runtime(error.to_string()))?;
    let (plan, away) = match stored(config, selection).and_then(|stored| Ok((stored, hidden(config)?))) {
        Ok((stored, hidden)) => (plan.with_stored(stored, hidden), None),
        Err(away) => (plan, Some(away)),
    };
    print(&plan.table())?;
    // Of a database that is away, nothing is known.
    if away.is_none() && plan.is_empty() {
        print("Nothing fits: values are written in full, as find shows them\n")?;
    }
    if plan.live() > 0 {
        print(&format!(
            "{} of them are live sessions, which are left alone: erase them when they have ended\n",
            plan.live()
        ))?;
    }
    match (away, arguments.yes) {
        (Some(away), true) => Err(without_database(&spool, &plan, &storage, &away)),
        (away, false) => {
            let unclear: String = plan.unclear.iter().map(|line| format!("{line}\n")).collect();
            print(&format!("{unclear}Nothing was erased: add --yes\n"))?;
            away.map_or(Ok(()), Err)
        }
        (None, true) => erase(config, selection, &plan, &storage),
    }
}

fn erase(config: &Config, selection: &Selection, plan: &Plan, storage: &Storage) -> Result<(), Failure> {
    // What a store leaves open for all its objects is warned of where it is met.
    logging::start(config.log.level.min(LevelFilter::Warn)).map_err(|error| Failure::Runtime(error.to_string()))?;
    let spool = config.spool_path();
    let waiting = plan.waiting();
    tombstone::lay(&spool, &waiting).map_err(|error| Failure::runtime(spool.display(), error))?;
    let database = config
        .row_store()
        .map_err(|error| Failure::Runtime(error.to_string()))?;
    let mut deeds = Deeds::default();
    let searched = deeds.erase_stored(config, selection, plan, storage, &database);
    let spooled = erasure::erase_spooled(&spool, &waiting, &deeds.kept, storage)
        .map_err(|error| Failure::runtime(spool.display(), error))?;
    deeds.refused.extend(told(&spooled));
    print(&deeds.summary(&waiting, &spooled))?;
    deeds.refused.extend_from_slice(&plan.unclear);
    if let Err(Failure::Runtime(error)) = searched {
        deeds.refused.push(error);
    }
    if deeds.refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::Runtime(deeds.refused.join("\n")))
    }
}

/// What has been done about the rows that fit.
#[derive(Default)]
struct Deeds {
    /// So many are gone.
    erased: usize,
    /// The rows that were looked at.
    seen: HashSet<RowKey>,
    /// Their dumps.
    dumps: HashSet<Id>,
    /// Those of which something is left.
    kept: HashSet<Id>,
    /// What is not erased, and why.
    refused: Vec<String>,
}

impl Deeds {
    /// Erases what the plan lists.
    ///
    /// # Errors
    /// The database cannot be searched. What was done stands here.
    fn erase_stored(
        &mut self,
        config: &Config,
        selection: &Selection,
        plan: &Plan,
        storage: &Storage,
        database: &Database,
    ) -> Result<(), Failure> {
        loop {
            // Once more, for a row that was written while the previous ones were erased.
            let rows = stored(config, selection)?;
            let before = self.seen.len();
            for row in rows {
                if self.seen.insert(row.id.clone()) {
                    self.erase_row(plan, storage, database, &row);
                }
            }
            if self.seen.len() == before {
                return Ok(());
            }
        }
    }

    fn erase_row(&mut self, plan: &Plan, storage: &Storage, database: &Database, row: &Found) {
        let id = visible(&row.id.to_string());
        if !plan.lists(row) {
            let why = "it came after the list was made, and is not erased; erase again";
            self.refused.push(format!("dump {id}: {why}"));
            return;
        }
        self.dumps.extend(dump_of(row));
        match erasure::erase_row(storage, database, row) {
            Ok(Erased::Now) => self.erased += 1,
            Ok(Erased::Before) => {}
            Err(error) => {
                self.kept.extend(dump_of(row));
                self.refused.push(format!("dump {id}: {}", reason(&error)));
            }
        }
    }

    fn summary(&self, waiting: &[Id], spooled: &Spooled) -> String {
        let (also_stored, only_spooled): (Vec<&Id>, Vec<&Id>) = waiting.iter().partition(|id| self.dumps.contains(id));
        let left = |ids: &[&Id]| ids.iter().filter(|id| spooled.left.contains(id)).count();
        let refused = spooled
            .refused
            .iter()
            .filter(|(id, _)| only_spooled.contains(&id))
            .count();
        let mut text = format!(
            "{} stored dumps are erased, {} were in the spool; {} wait there for the server, which erases them\n",
            self.erased,
            only_spooled.len() - refused,
            left(&only_spooled)
        );
        let rest = left(&also_stored);
        if rest > 0 {
            text += &format!("{rest} of the stored ones still have files in the spool, which the server removes\n");
        }
        text
    }
}

/// The dumps in the spool are marked all the same: they may wait for this very database, and would be stored when it is
/// back.
fn without_database(spool: &Path, plan: &Plan, storage: &Storage, away: &Failure) -> Failure {
    let ids = plan.waiting();
    let erase = || erasure::erase_spooled(spool, &ids, &HashSet::new(), storage);
    match tombstone::lay(spool, &ids).and_then(|()| erase()) {
        Ok(spooled) => {
            let mut refused: Vec<String> = told(&spooled).collect();
            refused.push(format!(
                "{} dumps in the spool are erased nevertheless, {} of them when the server comes to them; \
                 erase again when the database is back, for what is stored",
                ids.len() - refused.len(),
                spooled.left.len()
            ));
            refused.extend_from_slice(&plan.unclear);
            Failure::Runtime(format!("{away}\n{}", refused.join("\n")))
        }
        Err(error) => Failure::Runtime(format!("{away}\n{}: {error}", spool.display())),
    }
}

/// The rows that fit.
fn stored(config: &Config, selection: &Selection) -> Result<Vec<Found>, Failure> {
    let found = config
        .row_reader()
        .and_then(|database| database.find(&selection.filter()));
    let mut rows = found.map_err(|error| Failure::Runtime(error.to_string()))?;
    rows.retain(|row| selection.fits_row(row));
    Ok(rows)
}

/// What is to be said if the database may keep rows back.
fn hidden(config: &Config) -> Result<Option<String>, Failure> {
    let may_hide = config.row_reader().and_then(|database| database.may_hide_rows());
    let may_hide = may_hide.map_err(|error| Failure::Runtime(error.to_string()))?;
    Ok(may_hide.then(|| {
        "row security may hide rows from this user, and what it hides is not erased: let the user see all rows (a \
         policy FOR SELECT USING (true)), then erase again"
            .to_string()
    }))
}

fn reason(error: &RowError) -> String {
    match error {
        RowError::Object {
            url,
            error: kept @ StorageError::Kept(_),
        } => format!("{kept}; its row stays too: {}", visible(url)),
        RowError::Object { url, error } => format!("{error}: {}", visible(url)),
        RowError::Database(error) => error.to_string(),
        RowError::Fixed(why) => format!("nothing of it is erased, since its row would stay: {why}"),
        RowError::Left(why) => format!("its object is erased, but its row is still there: {why}"),
    }
}

fn told(spooled: &Spooled) -> impl Iterator<Item = String> {
    let refused = spooled.refused.iter();
    refused.map(|(id, reason)| format!("failed dump {id}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dump_is_counted_where_it_was() {
        let ids = [0; 3].map(|_| Id::new());
        let [stored, failed, waiting] = ids;
        let deeds = Deeds {
            dumps: HashSet::from([stored]),
            ..Deeds::default()
        };
        for (refused, left, counts) in [
            (vec![], vec![waiting], "2 were in the spool; 1 wait there"),
            (vec![stored], vec![waiting], "2 were in the spool; 1 wait there"),
            (vec![failed], vec![waiting, stored], "1 were in the spool; 1 wait there"),
            (vec![stored, failed], vec![waiting], "1 were in the spool; 1 wait there"),
            (
                vec![stored, failed, waiting],
                vec![],
                "0 were in the spool; 0 wait there",
            ),
        ] {
            let spooled = Spooled {
                left: HashSet::from_iter(left),
                refused: refused.into_iter().map(|id| (id, "why".to_owned())).collect(),
            };
            let summary = deeds.summary(&ids, &spooled);
            assert!(summary.contains(counts), "{summary}");
        }
    }
}
