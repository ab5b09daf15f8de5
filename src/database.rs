//! Where rows go: a fixed set of databases behind one contract.
//!
//! The contract of a backend: `insert` may be called again for the same rows after any failure or crash, and by several
//! processes at once. The result is always exactly one row for each dump, the first that was written. `insert` returns
//! when all rows are committed. Where there are tables of features (`features`), a dump's rows in them are written in
//! the transaction of its own row and removed in that in which it goes. They are durable either at once or after the
//! next sync of [`Database::synced_directory`]. Backends do not retry; `delivery` does. Text that no database accepts
//! (U+0000, lone surrogates) is replaced here, before a backend sees it. Failures: [`DatabaseError`], which says whose
//! fault each is.
mod error;
mod features;
mod findings;
mod instant;
mod key;
mod options;
mod postgres;
mod row;
mod specimen;
mod sqlite;

use std::borrow::Cow;
use std::io;
use std::path::Path;

pub use error::DatabaseError;
pub use features::{Cell, Column, FeatureRows, FeatureTables};
pub use findings::{Counts, FindingFilter, LateFindings, SEVERITIES, Tally, told_by as findings_told_by};
pub use instant::instant;
pub use key::RowKey;
pub use options::{DatabaseBackend, DatabaseOptions, SqliteOptions};
pub use postgres::{Migrated, Patience, Postgres, PostgresOptions, SslMode};
pub use row::{Addition, Filter, Found, Lack, LackCounts, Lacking, Linked, Row, RowRef, RowRemoval, Wanted, Written};
pub use sqlite::Sqlite;

use crate::disk;
use crate::limits::ROWS_PER_INSERT_MAX;
use crate::trial::Trial;

/// The configured database. All workers share it, and every call may block.
#[derive(Debug)]
pub enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// The database that the options choose. Touches no disk and no network. Relative paths begin at `data_dir`.
    ///
    /// # Errors
    /// The working directory is not known, or the server's options are not valid.
    pub fn new(options: &DatabaseOptions, data_dir: &Path) -> io::Result<Database> {
        match options.backend {
            DatabaseBackend::Sqlite => Sqlite::new(&options.catalogue_path(data_dir)).map(Database::Sqlite),
            DatabaseBackend::Postgres => Postgres::new(&options.postgres)
                .map(Database::Postgres)
                .map_err(io::Error::other),
        }
    }

    /// Also writes the features of dumps to these tables.
    #[must_use]
    pub fn with_feature_tables(self, tables: FeatureTables) -> Database {
        match self {
            Database::Sqlite(sqlite) => Database::Sqlite(sqlite.with_feature_tables(tables)),
            Database::Postgres(postgres) => Database::Postgres(postgres.with_feature_tables(tables)),
        }
    }

    /// Like `new`, but for reading only: a missing catalogue is not created.
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

    /// Writes all rows in one transaction, except those whose id exists already. At most `ROWS_PER_INSERT_MAX` rows.
    ///
    /// Returns one result for each row, in the order of `rows`: what became of it, or why the database does not take
    /// it. It never will (`Whose::Dump`), or not as its table is now (`Whose::Rule`). A refused row does not keep the
    /// others from being written.
    ///
    /// # Errors
    /// Nothing is known of any row, and all must be given again. Some may have been written nevertheless.
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

    /// The rows that match the filter, newest session first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find(&self, filter: &Filter) -> Result<Vec<Found>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.find(filter),
            Database::Postgres(postgres) => postgres.server().find(filter),
        }
    }

    /// How many rows the filter lets pass, whatever its limit, and what was found in how many of them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn tally(&self, filter: &Filter) -> Result<Tally, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.tally(filter),
            Database::Postgres(postgres) => postgres.server().tally(filter),
        }
    }

    /// Deletes a row that `find` returned or `insert` wrote, and looks whether it is gone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.remove(row),
            Database::Postgres(postgres) => postgres.remove(row),
        }
    }

    /// What [`Database::remove`] would do, with nothing changed: the row is deleted in a transaction that is undone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn would_remove(&self, row: &RowRef) -> Result<RowRemoval, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.would_remove(row),
            Database::Postgres(postgres) => postgres.would_remove(row),
        }
    }

    /// Keeps the row when its objects are gone: sets `blob_url` and `features_url` to null and adds
    /// `"blobRemoved": reason` to the metadata.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn release_blob(&self, row: &RowRef, reason: &str) -> Result<RowRemoval, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.release_blob(row, reason),
            Database::Postgres(postgres) => postgres.release_blob(row, reason),
        }
    }

    /// The rows behind `after` of which the object is stored and something that is wanted is not: the features, or what
    /// their tables have of them, or the findings that a row has in its metadata, if that is an object. They are
    /// ordered by their keys; `limit` at most. With `after` from the last one, a caller sees each once.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn lacking(&self, wanted: Wanted, after: Option<&RowRef>, limit: usize) -> Result<Vec<Lacking>, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.lacking(wanted, after, limit),
            Database::Postgres(postgres) => postgres.server().lacking_rows(wanted, after, limit),
        }
    }

    /// How many rows [`Database::lacking`] gives in all.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn count_lacking(&self, wanted: Wanted) -> Result<LackCounts, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.count_lacking(wanted),
            Database::Postgres(postgres) => postgres.server().count_lacking_rows(wanted),
        }
    }

    /// Adds to the row of a dump that is stored what it lacked. Its features go to their tables if there are some.
    ///
    /// # Errors
    /// The database cannot be written, or refuses it.
    pub fn complete(&self, row: &RowRef, addition: &Addition<'_>) -> Result<Linked, DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.complete(row, addition),
            Database::Postgres(postgres) => postgres.server().complete(row, addition),
        }
    }

    /// Creates what a server needs before its first row and is allowed to create, then calls [`Database::probe`].
    ///
    /// # Errors
    /// What the first `insert` would probably meet.
    pub fn prepare(&self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.prepare(),
            // Tables are made by someone who has the permission, with `rtcstats-server migrate`.
            Database::Postgres(postgres) => postgres.probe(),
        }
    }

    /// After a sync of its disk that has failed: writes what the catalogue has not taken over from its log yet into the
    /// catalogue, and makes that durable. A server of its own looks after itself.
    ///
    /// # Errors
    /// The database cannot be written, or another program keeps it from that.
    pub fn renew(&self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.renew(),
            Database::Postgres(_) => Ok(()),
        }
    }

    /// Tests whether a row could be written now, without writing one.
    ///
    /// # Errors
    /// What the first `insert` would probably meet.
    pub fn probe(&self) -> Result<(), DatabaseError> {
        match self {
            Database::Sqlite(sqlite) => sqlite.probe(),
            Database::Postgres(postgres) => postgres.probe(),
        }
    }

    /// Tries the whole way of a row once, and leaves no row behind.
    pub fn rehearse(&self) -> Vec<Trial> {
        match self {
            Database::Sqlite(sqlite) => sqlite.rehearse(),
            Database::Postgres(postgres) => postgres.rehearse(),
        }
    }

    /// Whether the server may keep rows back that `find` should return (row security), so that an empty answer does not
    /// mean that there are none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn may_hide_rows(&self) -> Result<bool, DatabaseError> {
        match self {
            Database::Sqlite(_) => Ok(false),
            Database::Postgres(postgres) => postgres.may_hide_rows(),
        }
    }

    /// Names the database for an operator, without secrets.
    pub fn describe(&self) -> String {
        match self {
            Database::Sqlite(sqlite) => format!("SQLite catalogue {}", sqlite.path().display()),
            Database::Postgres(postgres) => postgres.describe(),
        }
    }

    /// The folder whose file system must be synced before a row is durable; `None` where rows are durable at once: with
    /// database servers, and where no file system can be synced as a whole. Nobody but SQLite may open the files of a
    /// catalogue there: whoever closes one of them releases all locks that this process has on it (fcntl(2)).
    pub fn synced_directory(&self) -> Option<&Path> {
        match self {
            Database::Sqlite(sqlite) => disk::sync_is_offered().then(|| sqlite.path().parent())?,
            Database::Postgres(_) => None,
        }
    }
}
