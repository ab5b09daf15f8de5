//! The probe: tries once what serving does, at every place that serving needs, and says what came of it.
//!
//! It makes the folders that the server would make, as the user who would own them, and leaves nothing else behind.
//! Each room knows how to try its own part; here the results become one table, in comments, so that what
//! `check-config` prints stays TOML. Failures: what would make the server refuse sessions or keep dumps waiting.
use rustix::process::geteuid;

use super::failure::Failure;
use super::output::{print, table};
use super::owner;
use super::visible::visible;
use crate::config::Config;
use crate::database::DatabaseBackend;
use crate::reactor;
use crate::spool;
use crate::storage::StorageBackend;
use crate::trial::{Trial, Verdict};

/// Tries everything and prints the table.
///
/// # Errors
/// All that would be refused.
pub fn run(config: &Config) -> Result<(), Failure> {
    // As the server does: ports below 1024 are for root.
    let mut trials = reactor::rehearse(&config.server.reactor.listen);
    // What root makes there would not be the server's.
    let is_missing = geteuid().is_root() && !config.data_dir.exists();
    if is_missing {
        trials.push(Trial::warning(
            format!("data_dir {}", config.data_dir.display()),
            "it does not exist yet, and nothing in it was tried as root",
            "make it, give it to the user of the server, and probe again",
        ));
    } else {
        owner::settle(&config.data_dir)?;
        trials.extend(spool::rehearse(&config.spool_path(), &config.spool));
    }
    if !is_missing || config.storage.backend == StorageBackend::S3 {
        trials.extend(storage(config));
    }
    if !is_missing || config.database.backend == DatabaseBackend::Postgres {
        trials.extend(database(config));
    }
    print(&as_table(&trials))?;
    let refused: Vec<String> = trials.iter().filter_map(refusal).collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::Runtime(refused.join("\n")))
    }
}

fn storage(config: &Config) -> Vec<Trial> {
    match config.object_store() {
        Ok(store) => store.rehearse(&config.spool_path()),
        Err(error) => vec![Trial::refused("storage", error, "change [storage]")],
    }
}

fn database(config: &Config) -> Vec<Trial> {
    match config.row_store() {
        Ok(database) => database.rehearse(),
        Err(error) => vec![Trial::refused("database", error, "change [database]")],
    }
}

fn as_table(trials: &[Trial]) -> String {
    let row = |trial: &Trial| {
        let (result, found) = match &trial.verdict {
            Verdict::Fine(detail) => ("ok", detail.clone()),
            Verdict::Warning { found, mend } => ("warning", with_mend(found, mend)),
            Verdict::Refused { found, mend } => ("refused", with_mend(found, mend)),
        };
        vec![format!("# probe: {result}"), visible(&trial.what), visible(&found)]
    };
    table(&trials.iter().map(row).collect::<Vec<_>>())
}

fn refusal(trial: &Trial) -> Option<String> {
    match &trial.verdict {
        Verdict::Refused { found, mend } => Some(visible(&format!("{}: {}", trial.what, with_mend(found, mend)))),
        Verdict::Fine(_) | Verdict::Warning { .. } => None,
    }
}

/// Some causes say already what to do.
fn with_mend(found: &str, mend: &str) -> String {
    match mend {
        "" => found.to_owned(),
        mend => format!("{found}; {mend}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_comment_and_refusals_are_repeated() {
        let trials = [
            Trial::found("spool x: free space", "12 GiB"),
            Trial::warning(
                "storage y: read back",
                "forbidden\nby a line break",
                "allow s3:GetObject",
            ),
            Trial::refused("database z: insert", "no table", ""),
        ];
        let table = as_table(&trials);
        assert!(table.lines().all(|line| line.starts_with("# probe: ")) && table.lines().count() == 3);
        assert!(table.contains("\\u{a}by a line break; allow s3:GetObject\n"), "{table}");
        let refused: Vec<_> = trials.iter().filter_map(refusal).collect();
        assert_eq!(refused, ["database z: insert: no table"]);
    }
}
