//! One pass over the folder, which removes the oldest dumps.
//!
//! The row is changed first, then the file is removed. A crash in between leaves a file, which is found again, and no
//! row that leads to nothing. A file is left alone if its name is not that of a dump, or if the dump is still being
//! delivered (its packed file is in the spool). Nothing outside the configured folder is reached: files are found by
//! walking the folder, and removed by the URL that `put` gave them. Limits: `RETENTION_OBJECTS_MAX` files are in memory
//! at a time. The folder is walked once for each such number of files, and at least once a sweep. Failures end a sweep;
//! the next one starts again from the beginning.
use std::collections::BTreeSet;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::rules::Retention;
use crate::database::{Database, DatabaseError, Filter, RowRef, RowRemoval};
use crate::id::Id;
use crate::limits::RETENTION_OBJECTS_MAX;
use crate::spool::queue;
use crate::storage::{Local, Object, Storage, each_object};

/// What one sweep has removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub dumps: usize,
    pub bytes: u64,
}

/// What a pass over the store needs to know.
pub struct Sweep<'a> {
    pub rules: Retention,
    pub storage: &'a Storage,
    pub database: &'a Database,
    /// The folder of all instances.
    pub spool: &'a Path,
}

/// The oldest files after a position, and how many bytes there are altogether.
struct Overview {
    bytes: u64,
    oldest: BTreeSet<Object>,
}

impl Sweep<'_> {
    /// Removes what the rules do not keep at the time `now`, until `stop` says so.
    ///
    /// # Errors
    /// The first error of store or database, in words for the log.
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

    /// True if it is gone; false if it is not ours to remove, or must not be removed yet.
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
        if let RowRemoval::Kept(why) = self.database.release_blob(&row, reason).map_err(text)? {
            return Err(format!(
                "the row of dump {id} cannot be marked, so its object stays: {why}"
            ));
        }
        // Another process that sweeps the same store may have removed it first. It counts as gone here too, or else
        // this process would remove newer dumps in its place.
        self.storage.remove_local(&url).map(|_| true).map_err(text)
    }
}

impl Sweep<'_> {
    /// Whether the dump's row leads to another file, so that this file only has the dump's id in its name.
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

/// The id in the name. The template ensures that there is one.
fn id_in(path: &Path) -> Option<Id> {
    let name = path.file_name()?.to_str()?;
    (0..name.len()).find_map(|at| name.get(at..at + crate::limits::ID_BYTES)?.parse().ok())
}

fn survey(root: &Path, behind: Option<&Object>) -> io::Result<Overview> {
    let mut survey = Overview {
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
