//! One look over the folder, which lets the oldest dumps go.
//!
//! The row first, then the file: a crash in between leaves a file, which is found again, and no row that leads to
//! nothing. What is not named like a dump, or is still on its way (its packed file is in the spool), is left alone.
//! Nothing outside of the configured folder is reached: files are found by walking it, and removed by the URL that
//! `put` gave them. Limits: `RETENTION_OBJECTS_MAX` files in memory at a time; the folder is walked once for each so
//! many, and at least once a sweep. Failures end a sweep; the next one begins anew.
use std::collections::BTreeSet;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::rules::Retention;
use crate::database::{Database, DatabaseError, Filter, RowRef};
use crate::id::Id;
use crate::limits::RETENTION_OBJECTS_MAX;
use crate::spool::queue;
use crate::storage::{Local, Object, Storage, each_object};

/// What one sweep let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub dumps: usize,
    pub bytes: u64,
}

/// What a look over the store goes by.
pub struct Sweep<'a> {
    pub rules: Retention,
    pub storage: &'a Storage,
    pub database: &'a Database,
    /// The folder of all instances.
    pub spool: &'a Path,
}

/// The oldest files behind a position, and how much there is in all.
struct Survey {
    bytes: u64,
    oldest: BTreeSet<Object>,
}

impl Sweep<'_> {
    /// Lets go what the rules do not keep at `now`, until `stop` says so.
    ///
    /// # Errors
    /// Whatever store or database say first; in words for the log.
    pub fn run(&self, now: SystemTime, stop: &dyn Fn() -> bool) -> Result<Swept, String> {
        let mut swept = Swept::default();
        let Some(local) = self.storage.local() else {
            return Ok(swept);
        };
        let (Local::Objects(root) | Local::Copies(root)) = local;
        let mut behind: Option<Object> = None;
        loop {
            let survey =
                survey(root, behind.as_ref()).map_err(|error| format!("folder {}: {error}", root.display()))?;
            let mut surplus = self.rules.max_bytes.map_or(0, |most| survey.bytes.saturating_sub(most));
            let is_last = survey.oldest.len() < RETENTION_OBJECTS_MAX;
            for object in survey.oldest {
                let Some(reason) = self.reason(&object, now, surplus) else {
                    return Ok(swept);
                };
                if stop() {
                    return Ok(swept);
                }
                if self.let_go(&object, local, reason)? {
                    surplus = surplus.saturating_sub(object.bytes);
                    swept.dumps += 1;
                    swept.bytes += object.bytes;
                }
                behind = Some(object);
            }
            if is_last {
                return Ok(swept);
            }
        }
    }

    fn reason(&self, object: &Object, now: SystemTime, surplus: u64) -> Option<&'static str> {
        let age = now.duration_since(object.modified).unwrap_or_default();
        if self.rules.max_age.is_some_and(|most| age > most) {
            return Some("max_age");
        }
        (surplus > 0).then_some("max_bytes")
    }

    /// True if it is gone; false if it is not ours to remove, or not yet.
    fn let_go(&self, object: &Object, local: Local<'_>, reason: &str) -> Result<bool, String> {
        let Some(id) = id_in(&object.path) else {
            return Ok(false);
        };
        let url = object.url();
        if let Local::Copies(_) = local {
            return self.storage.remove_local(&url).map(|_| true).map_err(text);
        }
        let on_its_way = queue::holds_packed(self.spool, id).map_err(text)?;
        if on_its_way {
            return Ok(false);
        }
        if self.is_of_another(id, &url).map_err(text)? {
            return Ok(false);
        }
        let row = RowRef {
            key: id.into(),
            blob_url: Some(url.clone()),
        };
        self.database.release_blob(&row, reason).map_err(text)?;
        // Another process that sweeps the same store may have come first: it counts as gone here too, or this one would
        // take newer dumps in its place.
        self.storage.remove_local(&url).map(|_| true).map_err(text)
    }
}

impl Sweep<'_> {
    /// The dump's row leads to another file: this one only has its id in its name.
    fn is_of_another(&self, id: Id, url: &str) -> Result<bool, DatabaseError> {
        let filter = Filter {
            id: Some(id.into()),
            limit: 1,
            ..Filter::default()
        };
        let rows = self.database.find(&filter)?;
        Ok(rows
            .iter()
            .any(|row| row.blob_url.as_deref().is_some_and(|known| known != url)))
    }
}

fn text(error: impl Display) -> String {
    error.to_string()
}

/// The id in the name; the template sees to it that there is one.
fn id_in(path: &Path) -> Option<Id> {
    let name = path.file_name()?.to_str()?;
    (0..name.len()).find_map(|at| name.get(at..at + crate::limits::ID_BYTES)?.parse().ok())
}

fn survey(root: &Path, behind: Option<&Object>) -> io::Result<Survey> {
    let mut survey = Survey {
        bytes: 0,
        oldest: BTreeSet::new(),
    };
    each_object(root, &mut |object| {
        survey.bytes += object.bytes;
        if behind.is_none_or(|behind| *behind < object) {
            survey.oldest.insert(object);
            if survey.oldest.len() > RETENTION_OBJECTS_MAX {
                survey.oldest.pop_last();
            }
        }
    })?;
    Ok(survey)
}

#[cfg(test)]
mod tests;
