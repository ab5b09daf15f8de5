//! The options structures of the rooms below, made from the configuration: the one place that knows both sides.
//!
//! Never here: opening or starting anything; what touches a disk is left to whoever calls.
use super::bucket;
use super::sections::{Config, DatabaseBackend, StorageBackend};
use crate::auth::Verifier;
use crate::connection::{ConnectionLimits, Policy};
use crate::database::{Database, Sqlite};
use crate::dump::MaskRules;
use crate::storage::{Directory, KeyError, KeyTemplate, S3, Storage};
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

    /// Where dumps go; touches no disk and no network.
    ///
    /// # Errors
    /// The working directory, at which a relative path begins, is not known. A bucket that `load` has passed gives none.
    pub fn object_store(&self) -> io::Result<Storage> {
        match self.storage.backend {
            StorageBackend::Directory => Directory::new(&self.dumps_path()).map(Storage::Directory),
            StorageBackend::S3 => S3::new(bucket::options(&self.storage.s3))
                .map(Storage::S3)
                .map_err(io::Error::other),
        }
    }

    /// Where rows go; touches no disk.
    ///
    /// # Errors
    /// The working directory, at which a relative path begins, is not known.
    pub fn row_store(&self) -> io::Result<Database> {
        match self.database.backend {
            DatabaseBackend::Sqlite => Sqlite::new(&self.catalog_path()).map(Database::Sqlite),
        }
    }
}
