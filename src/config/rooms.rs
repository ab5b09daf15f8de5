//! The options structures of the rooms below, made from the configuration: the one place that knows both sides.
//!
//! Never here: opening or starting anything; what touches a disk is left to whoever calls.
use super::bucket;
use super::postgres;
use super::retention::RetentionSection;
use super::sections::{Config, DatabaseBackend, StorageBackend};
use crate::auth::Verifier;
use crate::connection::{ConnectionLimits, Policy};
use crate::database::{Database, DatabaseError, Sqlite};
use crate::delivery::Retention;
use crate::dump::MaskRules;
use crate::storage::{Copies, Directory, KeyError, KeyTemplate, S3, Storage};
use std::io;

impl Config {
    /// What the connections are held to.
    pub fn policy(&self, verifier: Verifier) -> Policy {
        Policy {
            verifier,
            allowed_origins: self.server.allowed_origins.clone(),
            trusted_proxies: self.server.trusted_proxies.clone(),
            limits: ConnectionLimits {
                head_time: self.limits.head_time.0,
                ping_interval: self.limits.ping_interval.0,
                idle_time: self.limits.idle_time.0,
                close_time: self.limits.close_time.0,
                head_bytes: self.limits.head_bytes.as_usize(),
                message_bytes: self.limits.message_bytes.as_usize(),
            },
        }
    }

    /// What is masked before a dump is stored.
    pub fn mask_rules(&self) -> MaskRules {
        MaskRules {
            addresses: self.privacy.mask_addresses,
            device_labels: self.privacy.mask_device_labels,
        }
    }

    /// How dumps are named in their store.
    ///
    /// # Errors
    /// None for a configuration that `load` has given: it has tried.
    pub fn key_template(&self) -> Result<KeyTemplate, KeyError> {
        match self.storage.backend {
            StorageBackend::Directory => KeyTemplate::parse(&self.storage.directory.key),
            StorageBackend::S3 => KeyTemplate::parse(&self.storage.s3.key),
        }
    }

    /// What is kept on this machine. Of a folder store's objects 0 is without a limit; of the copies beside a bucket
    /// `keep_local` of 0 keeps none.
    pub fn retention(&self) -> Retention {
        let RetentionSection {
            max_age,
            max_bytes,
            keep_local,
        } = &self.retention;
        Retention {
            max_age: match self.storage.backend {
                StorageBackend::Directory => Some(max_age.0).filter(|age| !age.is_zero()),
                StorageBackend::S3 => Some(keep_local.0),
            },
            max_bytes: Some(max_bytes.0).filter(|bytes| *bytes > 0),
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
                let bucket = S3::new(bucket::options(&self.storage.s3)).map_err(io::Error::other)?;
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
                let table = postgres::table(&self.database.postgres).map_err(io::Error::other)?;
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
