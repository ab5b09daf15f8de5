//! Where rows go: a closed set of databases behind one contract.
//!
//! The contract of a backend: `insert` may be called again for the same rows after any failure or crash, and by several
//! processes at once, and ends with exactly one row of each dump, the first one that was written. It returns when all
//! of them are committed; durable they are by themselves or after the next sync of [`Database::synced_directory`]. No
//! backend retries: `delivery` does. Text that no database takes (U+0000, lone surrogates) is replaced here, before any
//! backend sees it. Failures: [`DatabaseError`], which says whose each is.
mod error;
mod key;
mod options;
mod postgres;
mod row;
mod sqlite;

use std::borrow::Cow;
use std::io;
use std::path::Path;

pub use error::DatabaseError;
pub use key::{RowKey, RowRef};
pub use options::{DatabaseBackend, DatabaseOptions, SqliteOptions};
pub use postgres::{Migrated, Patience, Postgres, PostgresOptions, SslMode};
pub use row::{Filter, Found, Row, Written};
pub use sqlite::Sqlite;

use crate::limits::ROWS_PER_INSERT_MAX;

/// The configured database; shared by all workers, every call may block.
#[derive(Debug)]
pub enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// The database that the options choose; touches no disk and no network. Relative paths begin at `data_dir`.
    ///
    /// # Errors
    /// The working directory is not known, or the server's options cannot be meant.
    pub fn new(options: &DatabaseOptions, data_dir: &Path) -> io::Result<Database> {
        match options.backend {
            DatabaseBackend::Sqlite => Sqlite::new(&options.catalogue_path(data_dir)).map(Database::Sqlite),
            DatabaseBackend::Postgres => Postgres::new(&options.postgres)
                .map(Database::Postgres)
                .map_err(io::Error::other),
        }
    }

    /// The same for reading: a catalogue that is not there is not made.
    ///
    /// # Errors
    /// There is no catalogue yet, or it cannot be opened.
    pub fn open_read_only(options: &DatabaseOptions, data_dir: &Path) -> Result<Database, DatabaseError> {
        match options.backend {
            DatabaseBackend::Sqlite => Sqlite::open_read_only(&options.catalogue_path(data_dir)).map(Database::Sqlite),
            DatabaseBackend::Postgres => Database::new(options, data_dir).map_err(|error| DatabaseError::Server {
                server: "database.postgres".to_string(),
                cause: error.to_string(),
            }),
        }
    }

    /// Writes each row unless one of its id exists, all of them in one transaction; at most `ROWS_PER_INSERT_MAX`.
    ///
    /// In the order of `rows`: what became of each, or why the database takes this one never
    /// (`Whose::Dump`). A refused row keeps no other from being written.
    ///
    /// # Errors
    /// Nothing is known of any row, and each is to be given again: some may have been written all the same.
    pub fn insert(&self, rows: &[Row]) -> Result<Vec<Result<Written, DatabaseError>>, DatabaseError> {
        debug_assert!(rows.len() <= ROWS_PER_INSERT_MAX, "{} rows at a time", rows.len());
        let rows: Vec<Cow<'_, Row>> = rows.iter().map(Row::cleaned).collect();
        let written = match self {
            _ if rows.is_empty() => return Ok(Vec::new()),
            Database::Sqlite(sqlite) => sqlite.insert(&rows)?,
            Database::Postgres(postgres) => postgres.insert(&rows)?,
        };
        debug_assert_eq!(written.len(), rows.len(), "each row has an answer");
        Ok(written)
    }

    /// The rows that pass the filter, newest session first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find(&self, filter: &Filter) -> Result<Vec<Found>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.find(filter),
            Database::Postgres(postgres) => postgres.find(filter),
        }
    }

    /// Deletes a row that `find` gave or `insert` took. One that is gone is no failure.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove(&self, row: &RowRef) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.remove(row),
            Database::Postgres(postgres) => postgres.remove(row),
        }
    }

    /// Keeps the row without its object: `blob_url` becomes null, and the metadata get `"blobRemoved": reason`.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn release_blob(&self, row: &RowRef, reason: &str) -> Result<(), DatabaseError> {
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
