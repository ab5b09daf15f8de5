//! Where rows go: a closed set of databases behind one contract.
//!
//! The contract of a backend: `insert` may be called again for the same row after any failure or crash and ends with
//! exactly one row of that id, the first one that was written. It returns when the row is committed; durable it is
//! by itself or after the next sync of [`Database::synced_directory`]. No backend retries: `delivery` does. Text that
//! no database takes (U+0000, lone surrogates) is replaced here, before any backend sees it. Failures:
//! [`DatabaseError`], sorted by who can mend them.
mod error;
mod row;
mod sqlite;

use std::path::Path;

pub use error::DatabaseError;
pub use row::{Filter, Row};
pub use sqlite::Sqlite;

/// The configured database; shared by all workers, every call may block.
#[derive(Debug)]
pub enum Database {
    Sqlite(Sqlite),
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
        }
    }

    /// Tries whether a row could be written now, and writes none.
    ///
    /// # Errors
    /// What the first `insert` would probably meet.
    pub fn probe(&self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.probe(),
        }
    }

    /// Names the database for an operator, without secrets.
    pub fn describe(&self) -> String {
        match self {
            Database::Sqlite(sqlite) => format!("SQLite catalogue {}", sqlite.path().display()),
        }
    }

    /// A folder on the file system that must be synced before a row is durable; none for database servers.
    pub fn synced_directory(&self) -> Option<&Path> {
        match self {
            Database::Sqlite(sqlite) => sqlite.path().parent(),
        }
    }
}
