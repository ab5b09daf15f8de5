//! The catalogue: an SQLite file that needs no set-up and that several processes of one machine may share.
//!
//! There is one connection behind one mutex: SQLite allows only one writer at a time anyway, and a row costs well under
//! a millisecond. With WAL, `find` can read while a server writes. `synchronous` is NORMAL: a commit is then in the
//! page cache and becomes durable with the next sync of the file system. A dump's files are unlinked only after that
//! sync. Where no file system can be synced as a whole it is FULL: each commit is durable by itself.
//! The connection is made when it is first needed. It is made again after a failure, or when another file is at the
//! path. So a catalogue that was repaired, restored or moved away needs no restart.
//! Limits: the busy timeout (`CATALOGUE_BUSY_MS_MAX`) bounds every wait for another process. Failures:
//! [`DatabaseError`].
mod change;
mod features;
mod insert;
mod lacking;
mod rehearsal;
mod search;
mod table;

use std::borrow::Cow;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::DatabaseError;
use super::features::FeatureTables;
use super::findings::Tally;
use super::row::{
    Addition, Ending, Filter, Found, LackCounts, Lacking, Linked, Row, RowRef, RowRemoval, Wanted, Written,
};
use super::specimen;
use crate::disk;
use crate::limits::CATALOGUE_BUSY_MS_MAX;
use crate::trial::Trial;
use crate::whose::Whose;
use change::Deed;
use table::{VERSION, set_up, version};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Read,
}

#[derive(Debug)]
struct Live {
    connection: Connection,
    /// Device and inode of the file when it was opened.
    file: Option<(u64, u64)>,
}

/// A catalogue file. All workers share it.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    mode: Mode,
    busy_timeout: Duration,
    features: Option<FeatureTables>,
    live: Mutex<Option<Live>>,
}

impl Sqlite {
    /// The catalogue at `path`. Touches no file yet. A server starts with this, so that a catalogue that cannot be
    /// opened delays only rows, not sessions.
    ///
    /// # Errors
    /// The path is relative and the working directory is not known, or the path is empty.
    pub fn new(path: &Path) -> io::Result<Sqlite> {
        let busy_timeout = Duration::from_millis(CATALOGUE_BUSY_MS_MAX);
        Ok(Sqlite {
            path: std::path::absolute(path)?,
            mode: Mode::Write,
            busy_timeout,
            features: None,
            live: Mutex::new(None),
        })
    }

    /// Waits for other processes for another time than `CATALOGUE_BUSY_MS_MAX`.
    #[must_use]
    pub fn with_busy_timeout(self, busy_timeout: Duration) -> Sqlite {
        Sqlite {
            busy_timeout,
            live: Mutex::new(None),
            ..self
        }
    }

    /// Also writes the features of dumps to these tables, which are made when the catalogue is opened.
    #[must_use]
    pub fn with_feature_tables(self, tables: FeatureTables) -> Sqlite {
        Sqlite {
            features: Some(tables),
            live: Mutex::new(None),
            ..self
        }
    }

    /// Opens the catalogue anew and takes the whole log over into it: what was written to the log since the last sync
    /// may be lost although it can be read. The checkpoint writes and syncs it again.
    ///
    /// # Errors
    /// It cannot be opened or written, or another program reads from the log for too long.
    pub fn renew(&self) -> Result<(), DatabaseError> {
        *self.lock() = None;
        let busy: i64 = self.with_connection(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        })?;
        match busy {
            0 => Ok(()),
            _ => Err(DatabaseError::Unavailable {
                path: self.path.clone(),
                cause: "a sync has failed, and another program keeps what is in the log from being written again"
                    .into(),
            }),
        }
    }

    /// Creates the folder, the file and the table if they do not exist.
    ///
    /// # Errors
    /// Why the catalogue cannot be opened. The same call may succeed later.
    pub fn prepare(&self) -> Result<(), DatabaseError> {
        if let Some(folder) = self.path.parent() {
            disk::make_folders(folder).map_err(|error| self.unavailable(&error))?;
        }
        self.probe()
    }

    /// [`Sqlite::new`] and [`Sqlite::prepare`] together.
    ///
    /// # Errors
    /// Those of both.
    pub fn open(path: &Path) -> Result<Sqlite, DatabaseError> {
        let sqlite = Sqlite::new(path).map_err(|error| unavailable(path, &error))?;
        sqlite.prepare()?;
        Ok(sqlite)
    }

    /// Opens an existing catalogue for [`Sqlite::find`], also while a server writes. Creates and changes nothing.
    ///
    /// # Errors
    /// [`DatabaseError::Missing`] if there is no catalogue yet.
    pub fn open_read_only(path: &Path) -> Result<Sqlite, DatabaseError> {
        let sqlite = Sqlite::new(path).map_err(|error| unavailable(path, &error))?;
        let sqlite = Sqlite {
            mode: Mode::Read,
            ..sqlite
        };
        sqlite.with_connection(|_| Ok(()))?;
        Ok(sqlite)
    }

    /// The absolute path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn insert(&self, rows: &[Cow<'_, Row>]) -> Result<Vec<Result<Written, DatabaseError>>, DatabaseError> {
        let catalogue = insert::Catalogue {
            path: &self.path,
            features: self.features.as_ref(),
        };
        let together = self.with_connection(|connection| catalogue.together(connection, rows))?;
        let answers = match together {
            Some(answers) => answers,
            None => rows
                .iter()
                .map(|row| self.with_connection(|connection| catalogue.alone(connection, row)))
                .collect::<Result<Vec<_>, _>>()?,
        };
        let refused = answers.iter().any(Result::is_err) && !answers.iter().any(Result::is_ok);
        if refused && !self.takes_some()? {
            return Err(DatabaseError::Unavailable {
                path: self.path.clone(),
                cause: "it takes no row: a trigger or a rule of its own refuses each".to_owned(),
            });
        }
        Ok(answers)
    }

    /// Whether a row without labels would be taken. Nothing is left of it.
    fn takes_some(&self) -> Result<bool, DatabaseError> {
        let row = specimen::unlabelled();
        let tried = self.with_connection(|connection| insert::tried(connection, &self.path, &row));
        tried.map(|answer| answer.is_ok())
    }

    /// Tries the whole way of a row once, and leaves none behind.
    pub(super) fn rehearse(&self) -> Vec<Trial> {
        let place = format!("database SQLite catalogue {}", self.path.display());
        let row = specimen::hard();
        let tried = self
            .prepare()
            .and_then(|()| self.with_connection(|connection| rehearsal::run(connection, &self.path, &place, &row)));
        tried.unwrap_or_else(|error| vec![Trial::refused(place, error, "")])
    }

    pub(super) fn remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        self.change(row, Deed::Delete, Ending::Commit)
    }

    pub(super) fn would_remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        self.change(row, Deed::Delete, Ending::Rollback)
    }

    pub(super) fn release_blob(&self, row: &RowRef, reason: &str) -> Result<RowRemoval, DatabaseError> {
        self.change(row, Deed::Release { reason }, Ending::Commit)
    }

    fn change(&self, row: &RowRef, deed: Deed<'_>, ending: Ending) -> Result<RowRemoval, DatabaseError> {
        match self.with_connection(|connection| change::change(connection, row, deed, ending)) {
            Err(refused @ DatabaseError::Row { .. }) => Ok(RowRemoval::Kept(refused.to_string())),
            changed => changed,
        }
    }

    /// Takes the write lock and releases it, because opening a file does not show that it can be written.
    pub(super) fn probe(&self) -> Result<(), DatabaseError> {
        self.with_connection(|connection| {
            connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?
                .rollback()
        })
    }

    /// The rows that match the filter, newest session first.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn find(&self, filter: &Filter) -> Result<Vec<Found>, DatabaseError> {
        self.with_connection(|connection| search::find(connection, filter))
    }

    pub(super) fn tally(&self, filter: &Filter) -> Result<Tally, DatabaseError> {
        self.with_connection(|connection| search::tally(connection, filter))
    }

    pub(super) fn lacking(
        &self,
        wanted: Wanted,
        after: Option<&RowRef>,
        limit: usize,
    ) -> Result<Vec<Lacking>, DatabaseError> {
        let tables = self.features.as_ref();
        self.with_connection(|connection| lacking::list(connection, wanted, tables, after, limit))
    }

    pub(super) fn count_lacking(&self, wanted: Wanted) -> Result<LackCounts, DatabaseError> {
        self.with_connection(|connection| lacking::count(connection, wanted, self.features.as_ref()))
    }

    pub(super) fn complete(&self, row: &RowRef, addition: &Addition<'_>) -> Result<Linked, DatabaseError> {
        let tables = self.features.as_ref();
        self.with_connection(|connection| lacking::complete(connection, tables, row, addition))
    }

    fn with_connection<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        let mut slot = self.lock();
        // A removed or replaced file would still take rows, which nobody could ever read.
        if slot.as_ref().is_some_and(|live| live.file != identity(&self.path)) {
            *slot = None;
            if self.mode == Mode::Write && !self.path.exists() {
                let path = self.path.display();
                log::warn!("the catalogue {path} was removed while it was used: a new one is made, without its rows");
            }
        }
        let live = match &mut *slot {
            Some(live) => live,
            empty => empty.insert(self.connect()?),
        };
        let error = match work(&mut live.connection) {
            Ok(value) => return Ok(value),
            Err(error) => DatabaseError::from_sqlite(&self.path, &error),
        };
        if error.whose() != Whose::Rule {
            *slot = None;
        }
        Err(error)
    }

    fn connect(&self) -> Result<Live, DatabaseError> {
        let flags = match self.mode {
            Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Mode::Read if !self.path.exists() => return Err(DatabaseError::Missing(self.path.clone())),
            Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let sort = |error: rusqlite::Error| DatabaseError::from_sqlite(&self.path, &error);
        let mut connection =
            Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(sort)?;
        connection.busy_timeout(self.busy_timeout).map_err(sort)?;
        let found = match self.mode {
            Mode::Write => set_up(&mut connection, self.features.as_ref()),
            Mode::Read => version(&connection),
        };
        match found.map_err(sort)? {
            VERSION => Ok(Live {
                connection,
                file: identity(&self.path),
            }),
            0 => Err(DatabaseError::Missing(self.path.clone())),
            found => Err(DatabaseError::Version {
                path: self.path.clone(),
                found,
                known: VERSION,
            }),
        }
    }

    /// A panic of another worker leaves no half-done state here: its open transaction was rolled back.
    fn lock(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unavailable(&self, error: &io::Error) -> DatabaseError {
        unavailable(&self.path, error)
    }
}

fn unavailable(path: &Path, error: &io::Error) -> DatabaseError {
    DatabaseError::Unavailable {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests;
