//! Where rows go: a closed set of databases behind one contract.
//!
//! The contract of a backend: `insert` may be called again for the same row after any failure or crash and ends with
//! exactly one row of that dump, the first one that was written. It returns when the row is committed; durable it is
//! by itself or after the next sync of [`Database::synced_directory`]. No backend retries: `delivery` does. Text that
//! no database takes (U+0000, lone surrogates) is replaced here, before any backend sees it. Failures:
//! [`DatabaseError`], sorted by who can mend them.
mod error;
mod options;
mod postgres;
mod row;
mod sqlite;

use std::path::Path;

pub use error::DatabaseError;
pub use options::{DatabaseBackend, DatabaseOptions, SqliteOptions};
pub use postgres::{Migrated, OptionError, Patience, Postgres, PostgresOptions, SslMode};
pub use row::{Filter, Row};
pub use sqlite::Sqlite;

/// The configured database; shared by all workers, every call may block.
#[derive(Debug)]
pub enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Writes the row unless one of its id exists.
    ///
    /// # Errors
    /// [`DatabaseError::is_permanent`] says whether trying again can help.
    pub fn insert(&self, row: &Row) -> Result<(), DatabaseError> {
        let row = row.cleaned();
        match self {
            Database::Sqlite(sqlite) => sqlite.insert(&row),
            Database::Postgres(postgres) => postgres.insert(&row),
        }
    }

    /// The rows that pass the filter, newest session first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find(&self, filter: &Filter) -> Result<Vec<Row>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.find(filter),
            Database::Postgres(postgres) => postgres.find(filter),
        }
    }

    /// Deletes the row, as `find` gave it or as it was inserted. One that is gone is no failure.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove(&self, row: &Row) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.remove(row),
            Database::Postgres(postgres) => postgres.remove(row),
        }
    }

    /// Keeps the row without its object: `blob_url` becomes null, and the metadata get `"blobRemoved": reason`.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn release_blob(&self, row: &Row, reason: &str) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.release_blob(row, reason),
            Database::Postgres(postgres) => postgres.release_blob(row, reason),
        }
    }

    /// Makes what a server needs before its first row and may make itself, then [`Database::probe`]s.
    ///
    /// # Errors
    /// What the first `insert` would probably meet.
    pub fn prepare(&self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.prepare(),
            // Tables are made by who is allowed to: `rtcstats-server migrate`.
            Database::Postgres(postgres) => postgres.probe(),
        }
    }

    /// Tries whether a row could be written now, and writes none.
    ///
    /// # Errors
    /// What the first `insert` would probably meet.
    pub fn probe(&self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.probe(),
            Database::Postgres(postgres) => postgres.probe(),
        }
    }

    /// Names the database for an operator, without secrets.
    pub fn describe(&self) -> String {
        match self {
            Database::Sqlite(sqlite) => format!("SQLite catalogue {}", sqlite.path().display()),
            Database::Postgres(postgres) => postgres.describe(),
        }
    }

    /// A folder on the file system that must be synced before a row is durable; none for database servers.
    pub fn synced_directory(&self) -> Option<&Path> {
        match self {
            Database::Sqlite(sqlite) => sqlite.path().parent(),
            Database::Postgres(_) => None,
        }
    }
}
