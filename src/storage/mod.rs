//! Where packed dumps go: a closed set of object stores behind one contract.
//!
//! The contract of a backend: `put` may be called again for the same file and key after any failure or crash and ends
//! with exactly one object under that key, whole, whatever an earlier attempt left there; the URL it returns depends on
//! the configuration and the key alone. What `put` has stored is durable either by itself or after the next sync of
//! [`Storage::synced_directory`]. A backend keeps no list of what it stores and never retries: `delivery` does.
//! Limits: memory independent of the object's size. Failures: [`StorageError`], sorted by who can mend them.
mod directory;
mod error;
mod key;
mod name;
mod objects;
mod s3;
mod upload;

use std::path::Path;

pub use directory::Directory;
pub use error::StorageError;
pub use key::{KeyError, KeyParts, KeyTemplate};
pub use objects::{Object, each_object};
pub use s3::{KeyPair, S3, S3Options, S3OptionsError};
pub use upload::Upload;

/// The configured object store; shared by all workers, every call may block. Clones are the same store.
#[derive(Debug, Clone)]
pub enum Storage {
    Directory(Directory),
    S3(S3),
}

impl Storage {
    /// Stores `file` under `key` and returns the object's absolute URL.
    ///
    /// # Errors
    /// [`StorageError::is_permanent`] says whether trying again can help.
    pub fn put(&self, file: &Path, key: &str, upload: &mut Upload<'_>) -> Result<String, StorageError> {
        match self {
            Storage::Directory(directory) => directory.put(file, key),
            Storage::S3(s3) => s3.put(file, key, upload),
        }
    }

    /// Removes the object that `blob_url` names; false: it was gone.
    ///
    /// # Errors
    /// Permanent for a URL that no `put` of this configuration has returned: nothing is touched then.
    pub fn remove(&self, blob_url: &str) -> Result<bool, StorageError> {
        match self {
            Storage::Directory(directory) => directory.remove(blob_url),
            Storage::S3(s3) => s3.remove(blob_url),
        }
    }

    /// What a server makes at its start: the folder. A remote store is the operator's.
    ///
    /// # Errors
    /// The file system's; the server can go on, since every put will report the same.
    pub fn prepare(&self) -> Result<(), StorageError> {
        match self {
            Storage::Directory(directory) => directory.prepare(),
            Storage::S3(_) => Ok(()),
        }
    }

    /// Removes the parts of an upload that was begun and not ended, as the next `put` would.
    ///
    /// # Errors
    /// As `put`'s.
    pub fn abandon(&self, key: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
        match self {
            Storage::Directory(_) => Ok(()),
            Storage::S3(s3) => s3.abandon(key, upload),
        }
    }

    /// The URL that `put` returns for this key.
    ///
    /// # Errors
    /// The key is none that a template renders.
    pub fn url(&self, key: &str) -> Result<String, StorageError> {
        match self {
            Storage::Directory(directory) => directory.url(key),
            Storage::S3(s3) => s3.url(key),
        }
    }

    /// Tries whether an object could be stored now, and leaves nothing behind.
    ///
    /// # Errors
    /// What the first `put` would probably meet.
    pub fn probe(&self) -> Result<(), StorageError> {
        match self {
            Storage::Directory(directory) => directory.probe(),
            Storage::S3(s3) => s3.probe(),
        }
    }

    /// Names the store for an operator, without secrets.
    pub fn describe(&self) -> String {
        match self {
            Storage::Directory(directory) => format!("folder {}", directory.root().display()),
            Storage::S3(s3) => s3.describe().to_owned(),
        }
    }

    /// A folder on the file system that must be synced before what was stored is durable; none for remote stores.
    pub fn synced_directory(&self) -> Option<&Path> {
        match self {
            Storage::Directory(directory) => Some(directory.root()),
            Storage::S3(_) => None,
        }
    }
}
