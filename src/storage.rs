//! Where packed dumps go: a closed set of object stores behind one contract.
//!
//! The contract of a backend: `put` may be called again for the same file and key after any failure or crash and ends
//! with exactly one object under that key, whole, whatever an earlier attempt left there; the URL it returns depends on
//! the configuration and the key alone. What `put` has stored is durable either by itself or after the next sync of
//! [`Storage::synced_directory`]. A backend keeps no list of what it stores and never retries: `delivery` does.
//! Limits: memory independent of the object's size. Failures: [`StorageError`], sorted by who can mend them.
mod copies;
mod directory;
mod error;
mod key;
mod name;
mod objects;
mod options;
mod s3;
mod upload;

use std::io;
use std::path::Path;

pub use copies::Copies;
pub use directory::Directory;
pub use error::StorageError;
pub use key::{KeyError, KeyParts, KeyTemplate};
pub use objects::{Object, each_object};
pub use options::{DirectoryOptions, OnThisMachine, StorageBackend, StorageOptions};
pub use s3::{KeyPair, PathStyle, S3, S3Options};
pub use upload::Upload;

use crate::units::Period;

/// The configured object store; shared by all workers, every call may block. Clones are the same store.
#[derive(Debug, Clone)]
pub enum Storage {
    Directory(Directory),
    S3 { bucket: S3, copies: Copies },
}

impl Storage {
    /// The store that the options choose; touches no disk and no network. Relative paths begin at `data_dir`. Of what goes to
    /// a bucket, copies stay on this machine for `keep_local`; none are made if that is zero.
    ///
    /// # Errors
    /// The working directory is not known, or the bucket cannot be meant.
    pub fn new(options: &StorageOptions, data_dir: &Path, keep_local: Period) -> io::Result<Storage> {
        match options.backend {
            StorageBackend::Directory => Directory::new(&options.objects_path(data_dir)).map(Storage::Directory),
            StorageBackend::S3 => {
                let bucket = S3::new(options.s3.clone()).map_err(io::Error::other)?;
                let folder = Directory::new(&StorageOptions::copies_path(data_dir))?;
                let copies = Copies::new(folder, !keep_local.0.is_zero());
                Ok(Storage::S3 { bucket, copies })
            }
        }
    }

    /// Stores `file` under `key` and returns the object's absolute URL.
    ///
    /// # Errors
    /// [`StorageError::is_permanent`] says whether trying again can help.
    pub fn put(&self, file: &Path, key: &str, upload: &mut Upload<'_>) -> Result<String, StorageError> {
        match self {
            Storage::Directory(directory) => directory.put(file, key),
            Storage::S3 { bucket, copies } => {
                let url = bucket.put(file, key, upload)?;
                copies.keep(file, key);
                Ok(url)
            }
        }
    }

    /// Removes the object that `blob_url` names, with its copy on this machine; false: it was gone.
    ///
    /// # Errors
    /// Permanent for a URL that no `put` of this configuration has returned: nothing is touched then.
    pub fn remove(&self, blob_url: &str) -> Result<bool, StorageError> {
        match self {
            Storage::Directory(directory) => directory.remove(blob_url),
            Storage::S3 { bucket, copies } => {
                let key = bucket.key_of(blob_url)?;
                Ok(copies.forget(&key)? | bucket.remove(&key)?)
            }
        }
    }

    /// Whether `blob_url` leads to where this configuration stores objects.
    ///
    /// # Errors
    /// Permanent, as that of [`Storage::remove`]: it does not.
    pub fn check(&self, blob_url: &str) -> Result<(), StorageError> {
        match self {
            Storage::Directory(directory) => directory.key_of(blob_url).map(drop),
            Storage::S3 { bucket, .. } => bucket.key_of(blob_url).map(drop),
        }
    }

    /// What a server makes at its start: the folder. A remote store is the operator's.
    ///
    /// # Errors
    /// The file system's; the server can go on, since every put will report the same.
    pub fn prepare(&self) -> Result<(), StorageError> {
        match self {
            Storage::Directory(directory) => directory.prepare(),
            Storage::S3 { .. } => Ok(()),
        }
    }

    /// Removes the parts of an upload that was begun and not ended, as the next `put` would.
    ///
    /// # Errors
    /// As `put`'s.
    pub fn abandon(&self, key: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
        match self {
            Storage::Directory(_) => Ok(()),
            Storage::S3 { bucket, .. } => bucket.abandon(key, upload),
        }
    }

    /// The URL that `put` returns for this key.
    ///
    /// # Errors
    /// The key is none that a template renders.
    pub fn url(&self, key: &str) -> Result<String, StorageError> {
        match self {
            Storage::Directory(directory) => directory.url(key),
            Storage::S3 { bucket, .. } => bucket.url(key),
        }
    }

    /// Tries whether an object could be stored now, and leaves nothing behind.
    ///
    /// # Errors
    /// What the first `put` would probably meet.
    pub fn probe(&self) -> Result<(), StorageError> {
        match self {
            Storage::Directory(directory) => directory.probe(),
            Storage::S3 { bucket, .. } => bucket.probe(),
        }
    }

    /// Names the store for an operator, without secrets.
    pub fn describe(&self) -> String {
        match self {
            Storage::Directory(directory) => format!("folder {}", directory.root().display()),
            Storage::S3 { bucket, .. } => bucket.describe().to_owned(),
        }
    }

    /// A folder on the file system that must be synced before what was stored is durable; none for remote stores.
    pub fn synced_directory(&self) -> Option<&Path> {
        match self {
            Storage::Directory(directory) => Some(directory.root()),
            Storage::S3 { .. } => None,
        }
    }

    /// The folder of this machine in which dumps lie: the objects themselves, or copies of them if there are any.
    pub fn local_folder(&self) -> Option<&Path> {
        match self {
            Storage::Directory(directory) => Some(directory.root()),
            Storage::S3 { copies, .. } => copies.are_there().then_some(copies.root()),
        }
    }

    /// Whether anything can lie in [`Storage::local_folder`]: copies are kept, or are there from earlier.
    pub fn has_local(&self) -> bool {
        match self {
            Storage::Directory(_) => true,
            Storage::S3 { copies, .. } => copies.may_be_there(),
        }
    }

    /// Removes a file of [`Storage::local_folder`], by the URL that a walk over it gives; false: it was gone.
    ///
    /// # Errors
    /// As `remove`'s.
    pub fn remove_local(&self, url: &str) -> Result<bool, StorageError> {
        match self {
            Storage::Directory(directory) => directory.remove(url),
            Storage::S3 { copies, .. } => copies.remove(url),
        }
    }
}
