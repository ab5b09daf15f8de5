//! What is to be erased: the list that a dry run shows, and the bounds of what `--yes` takes.
//!
//! A dump is listed once, even while it is both stored and still in the spool.
use std::collections::HashSet;
use std::path::Path;

use super::selection::{Selection, dump_of};
use crate::cli::failure::Failure;
use crate::cli::output::{moment, table};
use crate::cli::visible::visible;
use crate::database::{Found, RowKey};
use crate::erasure;
use crate::labels::Labels;
use crate::spool::Id;
use crate::spool::queue::Entry;
use crate::time::UnixMs;

/// What fits.
pub struct Plan {
    stored: Vec<Found>,
    rows: HashSet<RowKey>,
    /// Dumps in the spool that have ended.
    waiting: Vec<Entry>,
    /// Their ids.
    dumps: HashSet<Id>,
    /// Live sessions, which are left alone.
    live: Vec<Entry>,
    /// The dumps that may fit but are left as they are, each with the reason, for the operator.
    pub unclear: Vec<String>,
}

impl Plan {
    /// What fits in the spool. The database is searched afterwards, so that a dump which is delivered meanwhile is
    /// listed twice rather than missed.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn of_spool(spool: &Path, selection: &Selection) -> Result<Plan, Failure> {
        let entries = erasure::list(spool).map_err(|error| Failure::runtime(spool.display(), error))?;
        let (mut fitting, mut unclear) = (Vec::new(), Vec::new());
        for entry in entries {
            match selection.fits_entry(&entry) {
                Ok(true) => fitting.push(entry),
                Ok(false) => {}
                Err(reason) => unclear.push(format!(
                    "dump {} in {}: {reason}, so that it is not known whose it is, and it is left alone; if it is \
                     meant, erase it with --id {}",
                    entry.id,
                    entry.state.name(),
                    entry.id
                )),
            }
        }
        let (live, waiting): (Vec<Entry>, Vec<Entry>) = fitting.into_iter().partition(Entry::is_live);
        Ok(Plan {
            stored: Vec::new(),
            rows: HashSet::new(),
            dumps: waiting.iter().map(|entry| entry.id).collect(),
            waiting,
            live,
            unclear,
        })
    }

    /// Adds what fits in the database, and what it may not have shown.
    #[must_use]
    pub fn with_stored(self, stored: Vec<Found>, hidden: Option<String>) -> Plan {
        let rows = stored.iter().map(|row| row.id.clone()).collect();
        let unclear = self.unclear.into_iter().chain(hidden).collect();
        Plan {
            stored,
            rows,
            unclear,
            ..self
        }
    }

    /// Whether nothing fits, and nothing may.
    pub fn is_empty(&self) -> bool {
        self.stored.is_empty() && self.waiting.is_empty() && self.live.is_empty() && self.unclear.is_empty()
    }

    /// The dumps in the spool that are to be erased.
    pub fn waiting(&self) -> Vec<Id> {
        self.dumps.iter().copied().collect()
    }

    pub fn live(&self) -> usize {
        self.live.len()
    }

    /// Whether this row was listed, or its dump was, which may have been delivered meanwhile.
    pub fn lists(&self, row: &Found) -> bool {
        self.rows.contains(&row.id) || dump_of(row).is_some_and(|id| self.dumps.contains(&id))
    }

    /// For an operator.
    pub fn table(&self) -> String {
        let mut listed: HashSet<Id> = self.stored.iter().filter_map(dump_of).collect();
        let mut lines = vec![HEADINGS.map(str::to_string).to_vec()];
        lines.extend(self.stored.iter().map(|row| {
            let id = visible(&row.id.to_string());
            line("stored", id, row.session_start, &row.labels)
        }));
        let waiting = self.waiting.iter().map(|entry| (entry.state.name(), entry));
        for (place, entry) in waiting.chain(self.live.iter().map(|entry| ("live", entry))) {
            if listed.insert(entry.id) {
                let ticket = entry.ticket().ok().flatten().unwrap_or_default();
                lines.push(line(place, entry.id.to_string(), ticket.start, &ticket.labels));
            }
        }
        table(&lines)
    }
}

const HEADINGS: [&str; 6] = ["WHERE", "ID", "START", "USER", "CONFERENCE", "SESSION"];

/// What is not known, or was damaged, is not shown as a value.
fn line(place: &str, id: String, start: UnixMs, labels: &Labels) -> Vec<String> {
    let text = |text: &Option<String>| text.as_deref().map_or("-".to_string(), visible);
    vec![
        place.to_string(),
        id,
        moment(start),
        text(&labels.user),
        text(&labels.conference),
        text(&labels.session),
    ]
}
