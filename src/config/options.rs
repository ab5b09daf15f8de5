//! What the rooms below are started with, if that takes the options of several tables.
//!
//! Never here: opening or starting anything. What touches a disk is left to the caller.
use std::io;

use super::tables::Config;
use crate::auth::Verifier;
use crate::connection::Policy;
use crate::database::{Database, DatabaseError};
use crate::features::database_tables;
use crate::findings::Settings;
use crate::retention::Retention;
use crate::storage::{OnThisMachine, Storage};

impl Config {
    /// The rules that the connections must follow.
    pub fn policy(&self, verifier: Verifier) -> Policy {
        Policy {
            verifier,
            access: self.server.connection.clone(),
            limits: self.limits.connection,
        }
    }

    /// What is kept on this machine. For the objects of a folder store, 0 means no limit. For the copies beside a
    /// bucket, a `keep_local` of 0 keeps none.
    pub fn retention(&self) -> Retention {
        match self.storage.on_this_machine() {
            OnThisMachine::Objects => Retention::of_objects(&self.retention),
            OnThisMachine::Copies => Retention::of_copies(&self.retention),
        }
    }

    /// Where dumps go, see [`Storage::new`].
    ///
    /// # Errors
    /// The working directory, from which a relative path starts, is not known. For a bucket that `load` has accepted
    /// there is no error.
    pub fn object_store(&self) -> io::Result<Storage> {
        Storage::new(&self.storage, &self.data_dir, self.retention.keep_local)
    }

    /// Where rows go, see [`Database::new`].
    ///
    /// # Errors
    /// The working directory, from which a relative path starts, is not known.
    pub fn row_store(&self) -> io::Result<Database> {
        Ok(self.with_features(Database::new(&self.database, &self.data_dir)?))
    }

    /// The same for reading, see [`Database::open_read_only`].
    ///
    /// # Errors
    /// There is no catalogue yet, or it cannot be opened.
    pub fn row_reader(&self) -> Result<Database, DatabaseError> {
        Ok(self.with_features(Database::open_read_only(&self.database, &self.data_dir)?))
    }

    /// By what dumps are examined; nothing if they are not.
    pub fn examination(&self) -> Option<Settings> {
        self.findings.enabled.then(|| Settings::of(&self.findings))
    }

    fn with_features(&self, database: Database) -> Database {
        match self.features.tables {
            true => database.with_feature_tables(database_tables()),
            false => database,
        }
    }
}
