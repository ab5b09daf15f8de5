//! What the rooms below are started with, where it takes the options of several tables.
//!
//! Never here: opening or starting anything; what touches a disk is left to whoever calls.
use std::io;

use super::tables::Config;
use crate::auth::Verifier;
use crate::connection::Policy;
use crate::database::{Database, DatabaseError};
use crate::retention::Retention;
use crate::storage::{OnThisMachine, Storage};

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
        match self.storage.on_this_machine() {
            OnThisMachine::Objects => Retention::of_objects(&self.retention),
            OnThisMachine::Copies => Retention::of_copies(&self.retention),
        }
    }

    /// Where dumps go, see [`Storage::new`].
    ///
    /// # Errors
    /// The working directory, at which a relative path begins, is not known. A bucket that `load` has passed gives
    /// none.
    pub fn object_store(&self) -> io::Result<Storage> {
        Storage::new(&self.storage, &self.data_dir, self.retention.keep_local)
    }

    /// Where rows go, see [`Database::new`].
    ///
    /// # Errors
    /// The working directory, at which a relative path begins, is not known.
    pub fn row_store(&self) -> io::Result<Database> {
        Database::new(&self.database, &self.data_dir)
    }

    /// The same for reading, see [`Database::open_read_only`].
    ///
    /// # Errors
    /// There is no catalogue yet, or it cannot be opened.
    pub fn row_reader(&self) -> Result<Database, DatabaseError> {
        Database::open_read_only(&self.database, &self.data_dir)
    }
}
