//! One pass over the folder, which removes the oldest dumps.
//!
//! The row is changed first, then the file is removed. A crash in between leaves a file, which is found again, and no
//! row that leads to nothing. A dump whose row or file cannot be changed stays, and holds up no other; its bytes count
//! as gone, so that no newer dump goes in its place. A file is left alone if its name is not that of a dump, or if the
//! dump is still being delivered (its packed file is in the spool). Features go with their dump, and alone only if no
//! row leads to that dump any more. What is too old is only counted while the clock is in doubt (`last_sweep`); what is
//! too much goes at once. Nothing outside the configured folder is reached: files are found by walking the folder, and
//! removed by the URL that `put` gave them. Limits: `RETENTION_OBJECTS_MAX` files are in memory at a time. The folder
//! is walked once for each such number of files, and at least once a sweep. Failures of store or database end a sweep;
//! the next one starts again from the beginning.
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::last_sweep::{Clock, LastSweep};
use super::pass::{Aged, Pass, id_in, is_dump};
use super::rules::Retention;
use crate::database::{Database, DatabaseError, Filter, RowRef, RowRemoval};
use crate::id::Id;
use crate::limits::RETENTION_OBJECTS_MAX;
use crate::spool::queue;
use crate::storage::{Local, Object, Storage};
use crate::time::UnixMs;
use crate::whose::Whose;

/// What one sweep has done, and what it has to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// What is gone.
    pub dumps: usize,
    pub bytes: u64,
    /// So many should be gone and are not.
    pub kept: usize,
    /// Of the first of them.
    pub why: Option<Kept>,
    /// Dumps whose age is not known, see `age`.
    pub ahead: usize,
    pub doubt: Option<Doubt>,
}

/// Why a file is still there that should be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    pub why: String,
}

/// What is too old by a clock that is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    pub dumps: usize,
    pub bytes: u64,
    /// The time of the last sweep, if the folder remembers one.
    pub last: Option<UnixMs>,
    pub until: UnixMs,
}

/// What a pass over the store needs to know.
pub struct Sweep<'a> {
    pub rules: Retention,
    pub storage: &'a Storage,
    pub database: &'a Database,
    /// The folder of all instances.
    pub spool: &'a Path,
}

/// What one sweep leaves to the next one of the same process.
#[derive(Debug, Default)]
pub struct Memory {
    /// What the folder would remember if it could have been written.
    unwritten: Option<LastSweep>,
    /// Why it could not be written.
    pub trouble: Option<String>,
}

/// What became of a file that was to go.
enum Gone {
    Now,
    /// It is not ours to remove, or must not be removed yet.
    NotOurs,
    /// Its row or the file itself cannot be changed, for this reason.
    Kept(String),
}

impl Sweep<'_> {
    /// Removes what the rules do not keep at the time `now`, until `stop` says so.
    ///
    /// # Errors
    /// The first error of store or database, in words for the log.
    pub fn run(&self, now: SystemTime, memory: &mut Memory, stop: &dyn Fn() -> bool) -> Result<Swept, String> {
        let Some(local) = self.storage.local() else {
            return Ok(Swept::default());
        };
        let (Local::Objects(root) | Local::Copies(root)) = local;
        let before = memory.unwritten.take().or_else(|| LastSweep::read(root));
        let max_age = self.rules.max_age.unwrap_or_default();
        let (last, clock) = LastSweep::next(before, now.into(), max_age);
        let swept = self.pass(now, clock, local, stop);
        memory.trouble = last.write(root).err().map(|error| {
            memory.unwritten = Some(last);
            format!(
                "the time of a sweep cannot be noted in folder {}: {error}",
                root.display()
            )
        });
        swept
    }

    fn pass(&self, now: SystemTime, clock: Clock, local: Local<'_>, stop: &dyn Fn() -> bool) -> Result<Swept, String> {
        let (Local::Objects(root) | Local::Copies(root)) = local;
        let failed = |error: io::Error| format!("folder {}: {error}", root.display());
        let mut pass = Pass {
            now,
            max_age: self.rules.max_age,
            max_bytes: self.rules.max_bytes,
        };
        let mut swept = Swept::default();
        // No clock is needed to know that everything is older than nothing.
        if let (Clock::Doubtful { last, until }, Some(max_age)) = (clock, self.rules.max_age)
            && !max_age.is_zero()
        {
            let (dumps, bytes) = pass.too_old(root).map_err(failed)?;
            swept.doubt = Some(Doubt {
                dumps,
                bytes,
                last,
                until,
            });
            pass.max_age = None;
        }
        let mut behind: Option<Aged> = None;
        loop {
            let survey = pass.survey(root, behind.as_ref()).map_err(failed)?;
            swept.ahead = survey.ahead;
            let mut surplus = pass.max_bytes.map_or(0, |most| survey.bytes.saturating_sub(most));
            let is_last = survey.oldest.len() < RETENTION_OBJECTS_MAX;
            for aged in survey.oldest {
                let Some(reason) = pass.reason(&aged, surplus) else {
                    return Ok(swept);
                };
                if stop() {
                    return Ok(swept);
                }
                match self.let_go(&aged.object, local, reason)? {
                    Gone::Now => {
                        surplus = surplus.saturating_sub(aged.object.bytes);
                        swept.dumps += usize::from(is_dump(&aged.object));
                        swept.bytes += aged.object.bytes;
                    }
                    Gone::NotOurs => {}
                    Gone::Kept(why) => {
                        surplus = surplus.saturating_sub(aged.object.bytes);
                        swept.kept += 1;
                        let path = || aged.object.path.clone();
                        swept.why.get_or_insert_with(|| Kept { path: path(), why });
                    }
                }
                behind = Some(aged);
            }
            if is_last {
                return Ok(swept);
            }
        }
    }

    fn let_go(&self, object: &Object, local: Local<'_>, reason: &str) -> Result<Gone, String> {
        let Some(id) = id_in(&object.path) else {
            return Ok(Gone::NotOurs);
        };
        let url = object.url();
        if let Local::Copies(_) = local {
            return self.remove_file(&url);
        }
        let on_its_way = queue::holds_packed(self.spool, id).map_err(text)?;
        if on_its_way {
            return Ok(Gone::NotOurs);
        }
        if self.is_of_another(id, &url).map_err(text)? {
            return Ok(Gone::NotOurs);
        }
        if object.is_of_features() {
            return self.remove_file(&url);
        }
        let row = RowRef {
            key: id.into(),
            blob_url: Some(url.clone()),
            written: None,
        };
        match self.database.release_blob(&row, reason).map_err(text)? {
            RowRemoval::Done | RowRemoval::Absent => self.remove_file(&url),
            RowRemoval::Kept(why) => Ok(Gone::Kept(format!("its row cannot be marked, so that it stays: {why}"))),
        }
    }

    /// Another process that sweeps the same store may have removed it first. It counts as gone here too, or else this
    /// process would remove newer dumps in its place.
    fn remove_file(&self, url: &str) -> Result<Gone, String> {
        match self.storage.remove_local(url) {
            Ok(_) => Ok(Gone::Now),
            Err(error) if matches!(error.whose(), Whose::Dump | Whose::Rule) => Ok(Gone::Kept(error.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }

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

#[cfg(test)]
mod tests;
