//! What the rooms below are started with, made of their options: which backend is meant, and where relative paths begin.
//!
//! Never here: opening or starting anything; what touches a disk is left to whoever calls.
use super::tables::Config;
use crate::auth::Verifier;
use crate::connection::Policy;
use crate::database::{Database, DatabaseBackend, DatabaseError, Postgres, Sqlite};
use crate::retention::Retention;
use crate::storage::{Copies, Directory, S3, Storage, StorageBackend};
use std::io;

impl Config {
    /// What the connections are held to.
    pub fn policy(&self, verifier: Verifier) -> Policy {
        Policy {
            verifier,
            access: self.server.connection.clone(),
            limits: self.limits.connection,
        }
    }

    /// What is kept on this machine. Of a folder store's objects 0 is without a limit; of the copies beside a bucket
    /// `keep_local` of 0 keeps none.
    pub fn retention(&self) -> Retention {
        match self.storage.backend {
            StorageBackend::Directory => Retention::of_objects(&self.retention),
            StorageBackend::S3 => Retention::of_copies(&self.retention),
        }
    }

    /// Where dumps go; touches no disk and no network.
    ///
    /// # Errors
    /// The working directory, at which a relative path begins, is not known. A bucket that `load` has passed gives none.
    pub fn object_store(&self) -> io::Result<Storage> {
        match self.storage.backend {
            StorageBackend::Directory => Directory::new(&self.dumps_path()).map(Storage::Directory),
            StorageBackend::S3 => {
                let bucket = S3::new(self.storage.s3.clone()).map_err(io::Error::other)?;
                let folder = Directory::new(&self.copies_path())?;
                let copies = Copies::new(folder, !self.retention.keep_local.0.is_zero());
                Ok(Storage::S3 { bucket, copies })
            }
        }
    }

    /// Where rows go; touches no disk and no network.
    ///
    /// # Errors
    /// The working directory, at which a relative path begins, is not known.
    pub fn row_store(&self) -> io::Result<Database> {
        match self.database.backend {
            DatabaseBackend::Sqlite => Sqlite::new(&self.catalog_path()).map(Database::Sqlite),
            DatabaseBackend::Postgres => {
                let table = Postgres::new(&self.database.postgres).map_err(io::Error::other)?;
                Ok(Database::Postgres(table))
            }
        }
    }

    /// The same for reading: a catalogue that is not there is not made.
    ///
    /// # Errors
    /// There is no catalogue yet, or it cannot be opened.
    pub fn row_reader(&self) -> Result<Database, DatabaseError> {
        match self.database.backend {
            DatabaseBackend::Sqlite => Sqlite::open_read_only(&self.catalog_path()).map(Database::Sqlite),
            DatabaseBackend::Postgres => self.row_store().map_err(|error| DatabaseError::Server {
                server: "database.postgres".to_string(),
                cause: error.to_string(),
            }),
        }
    }
}
