//! `erase`: removes the dumps of a user, a conference or a session from store, database and spool.
//!
//! Without `--yes` it is a dry run. The protocol, with its order, stands in `erasure`. A live session is reported and
//! left alone. Limit: the rows that are found are held in memory.
use std::collections::HashSet;
use std::path::Path;

use clap::builder::NonEmptyStringValueParser;

use super::failure::Failure;
use super::output::{print, table, visible};
use super::owner;
use crate::config::Config;
use crate::database::{Database, DatabaseError, Filter, Found, RowKey};
use crate::erasure::{self, RowError, Spooled};
use crate::labels::Labels;
use crate::spool::queue::Entry;
use crate::spool::{Id, Unsound, tombstone};
use crate::storage::Storage;

/// Erases every dump that all of the given values fit, with its row. Without --yes it only says which.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Sessions of this user, written in full
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// Sessions of this conference, written in full
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    conference: Option<String>,
    /// This session, written in full
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    session: Option<String>,
    /// The dump of this id
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    id: Option<String>,
    /// Erase; without this nothing is changed
    #[arg(long)]
    yes: bool,
}

impl Arguments {
    /// Without any value, every dump would fit.
    fn says_what(&self) -> bool {
        [&self.user, &self.conference, &self.session, &self.id]
            .iter()
            .any(|given| given.is_some())
    }

    fn filter(&self) -> Filter {
        Filter {
            id: self.id.as_deref().map(RowKey::from),
            labels: Labels {
                user: self.user.clone(),
                conference: self.conference.clone(),
                session: self.session.clone(),
            },
            limit: usize::MAX,
            ..Filter::default()
        }
    }

    /// # Errors
    /// It is not possible to tell whose dump it is.
    fn fit(&self, entry: &Entry) -> Result<bool, Unsound> {
        let own = RowKey::from(entry.id);
        if self.id.as_deref().is_some_and(|id| RowKey::from(id) != own) {
            return Ok(false);
        }
        let given = [&self.user, &self.conference, &self.session];
        if given.iter().all(|given| given.is_none()) {
            return Ok(true);
        }
        let fits = |given: &Option<String>, own: Option<String>| given.is_none() || *given == own;
        Ok(entry.ticket()?.is_some_and(|ticket| {
            let own = ticket.labels;
            fits(&self.user, own.user) && fits(&self.conference, own.conference) && fits(&self.session, own.session)
        }))
    }
}

/// Lists what fits, and erases it if that was asked for.
pub fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    if !arguments.says_what() {
        let what = "say what to erase: --user, --conference, --session or --id";
        return Err(Failure::Usage(what.to_string()));
    }
    owner::become_owner(&config.data_dir).map_err(|error| Failure::runtime(config.data_dir.display(), error))?;
    let spool = config.spool_path();
    let Waiting { spooled, unclear } = waiting(&spool, arguments)?;
    let ids: Vec<Id> = spooled
        .iter()
        .filter(|entry| !entry.is_live())
        .map(|entry| entry.id)
        .collect();
    let storage = config
        .object_store()
        .map_err(|error| Failure::Runtime(error.to_string()))?;
    let stored = match stored(config, arguments) {
        Err(away) if arguments.yes => return Err(without_database(&spool, &ids, &storage, &away, &unclear)),
        stored => stored?,
    };
    print(&as_table(&stored, &spooled))?;
    let live = spooled.iter().filter(|entry| entry.is_live()).count();
    if live > 0 {
        print(&format!(
            "{live} of them are live sessions, which are left alone: erase them when they have ended\n"
        ))?;
    }
    if !arguments.yes {
        let unclear: String = unclear.iter().map(|line| format!("{line}\n")).collect();
        return print(&format!("{unclear}Nothing was erased: add --yes\n"));
    }
    tombstone::lay(&spool, &ids).map_err(|error| Failure::runtime(spool.display(), error))?;
    let database = config
        .row_store()
        .map_err(|error| Failure::Runtime(error.to_string()))?;
    let (erased, mut refused) = erase_stored(config, arguments, &storage, &database)?;
    let spooled =
        erasure::erase_spooled(&spool, &ids, &storage).map_err(|error| Failure::runtime(spool.display(), error))?;
    let left = spooled.left;
    refused.extend(told(&spooled));
    print(&format!(
        "{erased} stored dumps are erased, {} were in the spool; {left} wait there for the server, which erases them\n",
        ids.len()
    ))?;
    refused.extend(unclear);
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::Runtime(refused.join("\n")))
    }
}

/// The dumps in the spool are marked all the same: they may wait for this very database, and would be stored when it is
/// back.
fn without_database(spool: &Path, ids: &[Id], storage: &Storage, away: &Failure, unclear: &[String]) -> Failure {
    match tombstone::lay(spool, ids).and_then(|()| erasure::erase_spooled(spool, ids, storage)) {
        Ok(spooled) => {
            let mut refused: Vec<String> = told(&spooled).collect();
            refused.push(format!(
                "{} dumps in the spool are erased nevertheless, {} of them when the server comes to them; \
                 erase again when the database is back, for what is stored",
                ids.len() - refused.len(),
                spooled.left
            ));
            refused.extend_from_slice(unclear);
            Failure::Runtime(format!("{away}\n{}", refused.join("\n")))
        }
        Err(error) => Failure::Runtime(format!("{away}\n{}: {error}", spool.display())),
    }
}

/// What was found in the spool.
struct Waiting {
    /// The dumps that fit.
    spooled: Vec<Entry>,
    /// The dumps that may fit but are left as they are, each with the reason, for the operator.
    unclear: Vec<String>,
}

fn waiting(spool: &Path, arguments: &Arguments) -> Result<Waiting, Failure> {
    let entries = erasure::list(spool).map_err(|error| Failure::runtime(spool.display(), error))?;
    let (mut spooled, mut unclear) = (Vec::new(), Vec::new());
    for entry in entries {
        match arguments.fit(&entry) {
            Ok(true) => spooled.push(entry),
            Ok(false) => {}
            Err(reason) => unclear.push(format!(
                "dump {} in {}: {reason}, so that it is not known whose it is, and it is left alone; if it is meant, \
                 erase it with --id {}",
                entry.id,
                entry.state.name(),
                entry.id
            )),
        }
    }
    Ok(Waiting { spooled, unclear })
}

/// A catalogue that does not exist holds nothing.
fn stored(config: &Config, arguments: &Arguments) -> Result<Vec<Found>, Failure> {
    match config
        .row_reader()
        .and_then(|database| database.find(&arguments.filter()))
    {
        Err(DatabaseError::Missing(_)) => Ok(Vec::new()),
        found => found.map_err(|error| Failure::Runtime(error.to_string())),
    }
}

/// Returns how many were erased, and why others were not.
fn erase_stored(
    config: &Config,
    arguments: &Arguments,
    storage: &Storage,
    database: &Database,
) -> Result<(usize, Vec<String>), Failure> {
    let (mut erased, mut refused, mut seen) = (0, Vec::new(), HashSet::new());
    loop {
        // Once more, for a row that was written while the previous ones were erased.
        let rows = stored(config, arguments)?;
        let before = seen.len();
        for row in rows {
            if !seen.insert(row.id.clone()) {
                continue;
            }
            match erasure::erase_row(storage, database, &row) {
                Ok(()) => erased += 1,
                Err(error) => refused.push(format!("dump {}: {}", visible(&row.id.to_string()), reason(&error))),
            }
        }
        if seen.len() == before {
            return Ok((erased, refused));
        }
    }
}

fn reason(error: &RowError) -> String {
    match error {
        RowError::Object { url, error } => format!("{error}: {}", visible(url)),
        RowError::Row(error) => error.to_string(),
        RowError::Kept(why) => format!("its row is not erased: {why}"),
    }
}

fn told(spooled: &Spooled) -> impl Iterator<Item = String> {
    let refused = spooled.refused.iter();
    refused.map(|(id, reason)| format!("failed dump {id}: {reason}"))
}

const HEADINGS: [&str; 6] = ["WHERE", "ID", "START", "USER", "CONFERENCE", "SESSION"];

fn as_table(stored: &[Found], spooled: &[Entry]) -> String {
    let text = |text: &Option<String>| text.as_deref().map_or("-".to_string(), visible);
    let mut lines = vec![HEADINGS.map(str::to_string).to_vec()];
    lines.extend(stored.iter().map(|row| {
        vec![
            "stored".to_string(),
            visible(&row.id.to_string()),
            row.session_start.to_string(),
            text(&row.labels.user),
            text(&row.labels.conference),
            text(&row.labels.session),
        ]
    }));
    lines.extend(spooled.iter().map(|entry| {
        let ticket = entry.ticket().ok().flatten().unwrap_or_default();
        vec![
            if entry.is_live() { "live" } else { entry.state.name() }.to_string(),
            entry.id.to_string(),
            ticket.start.to_string(),
            text(&ticket.labels.user),
            text(&ticket.labels.conference),
            text(&ticket.labels.session),
        ]
    }));
    table(&lines)
}
