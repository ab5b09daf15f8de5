//! Where packed dumps go: a fixed set of object stores behind one contract.
//!
//! The contract of a backend: `put` may be called again for the same file and key after any failure or crash. The
//! result is always exactly one whole object under that key, whatever an earlier try left there. The URL it returns
//! depends only on the configuration and the key. What `put` has stored is durable either at once or after the next
//! sync of [`Storage::synced_directory`]. `get` gives the bytes of an object, or of a part of it, while they come; it
//! never writes, and an object that ends too early is an error of its reader. Backends keep no list of what they store,
//! and do not retry; `delivery` does. Limits: memory does not depend on the object's size. Failures: [`StorageError`],
//! sorted by who can repair them.
mod content;
mod copies;
mod directory;
mod error;
mod key;
mod name;
mod objects;
mod options;
mod removed;
mod s3;
mod source;
mod upload;
mod web;

use std::io;
use std::path::Path;

pub use content::{ByteRange, Content};
pub use copies::{Copies, Copying};
pub use directory::Directory;
pub use error::StorageError;
pub use key::{KeyError, KeyParts, KeyTemplate};
pub use name::features_key;
pub use objects::{Object, each_object};
pub use options::{DirectoryOptions, OnThisMachine, StorageBackend, StorageOptions};
pub use removed::Removed;
pub use s3::{KeyPair, PathStyle, S3, S3Options};
pub use upload::Upload;
pub use web::{WebError, fetch};

use crate::disk;
use crate::trial::Trial;
use crate::units::Period;

/// The configured object store, with the copies beside it. All workers share it, and every call may block. Clones are
/// the same store.
#[derive(Debug, Clone)]
pub struct Storage {
    store: Store,
    copies: Option<Copies>,
}

/// Where the objects are.
#[derive(Debug, Clone)]
enum Store {
    Directory(Directory),
    S3(S3),
}

/// When what `put` has stored survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When `put` returns.
    ByItself,
    /// After the next sync of [`Storage::synced_directory`].
    WithSync,
}

/// Which files of the stored dumps are on this machine, and in which folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local<'a> {
    /// The objects themselves, to which the rows point.
    Objects(&'a Path),
    /// Copies, of which no row knows.
    Copies(&'a Path),
}

impl From<Directory> for Storage {
    fn from(directory: Directory) -> Storage {
        Storage::of(Store::Directory(directory))
    }
}

impl From<S3> for Storage {
    fn from(bucket: S3) -> Storage {
        Storage::of(Store::S3(bucket))
    }
}

impl Storage {
    /// The store that the options choose. Touches no disk and no network. Relative paths begin at `data_dir`. Of
    /// objects that are stored elsewhere, copies are kept on this machine for `keep_local`; if that is zero, none are
    /// made.
    ///
    /// # Errors
    /// The working directory is not known, or the bucket's options are not valid.
    pub fn new(options: &StorageOptions, data_dir: &Path, keep_local: Period) -> io::Result<Storage> {
        let store = Storage::of(match options.backend {
            StorageBackend::Directory => Store::Directory(Directory::new(&options.objects_path(data_dir))?),
            StorageBackend::S3 => Store::S3(S3::new(options.s3.clone()).map_err(io::Error::other)?),
        });
        match options.on_this_machine() {
            OnThisMachine::Objects => Ok(store),
            OnThisMachine::Copies => {
                let folder = Directory::new(&StorageOptions::copies_path(data_dir))?;
                let copying = if keep_local.0.is_zero() {
                    Copying::Off
                } else {
                    Copying::On
                };
                Ok(store.with_copies(Copies::new(folder, copying)))
            }
        }
    }

    fn of(store: Store) -> Storage {
        Storage { store, copies: None }
    }

    /// The same store, with copies on this machine.
    #[must_use]
    pub fn with_copies(self, copies: Copies) -> Storage {
        Storage {
            copies: Some(copies),
            ..self
        }
    }

    /// Stores `file` under `key` and returns the object's absolute URL. If `crc32` (the CRC-32 of gzip) is known, the
    /// bytes are compared with it wherever they are read.
    ///
    /// # Errors
    /// [`StorageError::whose`] says whether trying again can help.
    pub fn put(
        &self,
        file: &Path,
        key: &str,
        crc32: Option<u32>,
        upload: &mut Upload<'_>,
    ) -> Result<String, StorageError> {
        let url = match &self.store {
            Store::Directory(directory) => directory.put(file, key, crc32),
            Store::S3(bucket) => bucket.put(file, key, crc32, upload),
        }?;
        if let Some(copies) = &self.copies {
            copies.keep(file, key, crc32);
        }
        Ok(url)
    }

    /// Like [`Storage::put`], for the features of a dump under their `features_key`. Nothing is noted of an upload in
    /// parts: what a crash leaves of one, the next try finds under the key.
    ///
    /// # Errors
    /// Those of `put`. Whatever they are, they are about the features alone.
    pub fn put_features(&self, file: &Path, key: &str, crc32: u32) -> Result<String, StorageError> {
        self.put(file, key, Some(crc32), &mut Upload::unnoted(&mut |_| Ok(())))
    }

    /// The same by the URL of the dump, and the URL of what was stored; `None` if its name has no place for features.
    ///
    /// # Errors
    /// Those of `put`, and the dump's if the URL leads elsewhere.
    pub fn put_features_of(&self, file: &Path, blob_url: &str, crc32: u32) -> Result<Option<String>, StorageError> {
        let key = features_key(&self.key_of(blob_url)?);
        key.map(|key| self.put_features(file, &key, crc32)).transpose()
    }

    /// Where the features of the dump with this URL are, if it has some.
    ///
    /// # Errors
    /// The dump's, as for [`Storage::remove`], if the URL leads elsewhere.
    pub fn features_url(&self, blob_url: &str) -> Result<Option<String>, StorageError> {
        let key = features_key(&self.key_of(blob_url)?);
        key.map(|key| self.url(&key)).transpose()
    }

    /// A sync has failed: from now on an object that a folder has already, as the link of an earlier try, is copied
    /// anew and made durable by itself.
    pub fn distrust_links(&self) {
        match &self.store {
            Store::Directory(directory) => directory.distrust_links(),
            Store::S3(_) => {}
        }
    }

    /// Removes the object that `blob_url` names, and its copy on this machine.
    ///
    /// # Errors
    /// The dump's, for a URL that no `put` of this configuration has returned. Nothing is touched then.
    pub fn remove(&self, blob_url: &str) -> Result<Removed, StorageError> {
        let key = self.key_of(blob_url)?;
        let had_copy = match &self.copies {
            Some(copies) => copies.forget(&key)?,
            None => false,
        };
        let removed = match &self.store {
            Store::Directory(directory) => Removed::from(directory.remove(&key)?),
            Store::S3(bucket) => bucket.remove(&key)?,
        };
        Ok(match removed {
            Removed::Before if had_copy => Removed::Now,
            removed => removed,
        })
    }

    /// Reads the object that `blob_url` names, or a part of it. The bytes come while they are read.
    ///
    /// # Errors
    /// [`StorageError::Missing`] if the store does not have it, [`StorageError::Unreadable`] if it may not be read, the
    /// dump's as for [`Storage::remove`] if the URL leads elsewhere; else the store's. The reader has errors of its
    /// own: of a connection that breaks or falls silent.
    pub fn get(&self, blob_url: &str, range: ByteRange) -> Result<Content, StorageError> {
        let key = self.key_of(blob_url)?;
        match &self.store {
            Store::Directory(directory) => directory.get(&key, range),
            Store::S3(bucket) => bucket.get(&key, range),
        }
    }

    /// Checks that `blob_url` leads to where this configuration stores objects.
    ///
    /// # Errors
    /// The dump's, as for [`Storage::remove`], if it leads elsewhere.
    pub fn check(&self, blob_url: &str) -> Result<(), StorageError> {
        self.key_of(blob_url).map(drop)
    }

    fn key_of(&self, blob_url: &str) -> Result<String, StorageError> {
        match &self.store {
            Store::Directory(directory) => directory.key_of(blob_url),
            Store::S3(bucket) => bucket.key_of(blob_url),
        }
    }

    /// Makes what a server makes when it starts: the folder. A remote store is made by the operator.
    ///
    /// # Errors
    /// The file system's. The server can go on, because every put will report the same.
    pub fn prepare(&self) -> Result<(), StorageError> {
        match &self.store {
            Store::Directory(directory) => directory.prepare(),
            Store::S3(bucket) => {
                bucket.announce();
                Ok(())
            }
        }
    }

    /// Removes the parts of an unfinished upload, as the next `put` would.
    ///
    /// # Errors
    /// Those of `put`.
    pub fn abandon(&self, key: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
        match &self.store {
            Store::Directory(_) => Ok(()),
            Store::S3(bucket) => bucket.abandon(key, upload),
        }
    }

    /// The same for an object of which no upload was noted, by its URL.
    ///
    /// # Errors
    /// Those of `put`, and the dump's for a URL that leads elsewhere.
    pub fn abandon_unnoted(&self, url: &str) -> Result<(), StorageError> {
        self.abandon(&self.key_of(url)?, &mut Upload::unnoted(&mut |_| Ok(())))
    }

    /// The URL that `put` returns for this key.
    ///
    /// # Errors
    /// No template could have rendered this key.
    pub fn url(&self, key: &str) -> Result<String, StorageError> {
        match &self.store {
            Store::Directory(directory) => directory.url(key),
            Store::S3(bucket) => bucket.url(key),
        }
    }

    /// Tests whether an object could be stored now, and leaves nothing behind.
    ///
    /// # Errors
    /// What the first `put` would probably meet.
    pub fn probe(&self) -> Result<(), StorageError> {
        match &self.store {
            Store::Directory(directory) => directory.probe(),
            Store::S3(bucket) => bucket.probe(),
        }
    }

    /// Tries the whole way of an object once, from the folder `spool` where dumps are packed, and leaves nothing behind
    /// but the folder that a server would make.
    pub fn rehearse(&self, spool: &Path) -> Vec<Trial> {
        match &self.store {
            Store::Directory(directory) => directory.rehearse(&format!("storage {}", self.describe()), spool),
            Store::S3(bucket) => bucket.rehearse(),
        }
    }

    /// Names the store for an operator, without secrets.
    pub fn describe(&self) -> String {
        match &self.store {
            Store::Directory(directory) => format!("folder {}", directory.root().display()),
            Store::S3(bucket) => bucket.describe().to_owned(),
        }
    }

    /// When what was stored is durable.
    pub fn durability(&self) -> Durability {
        match &self.store {
            Store::Directory(_) if disk::sync_is_offered() => Durability::WithSync,
            Store::Directory(_) | Store::S3(_) => Durability::ByItself,
        }
    }

    /// The folder whose file system must be synced before a stored object is durable; `None` for a store whose objects
    /// are durable at once.
    pub fn synced_directory(&self) -> Option<&Path> {
        match &self.store {
            Store::Directory(directory) => disk::sync_is_offered().then_some(directory.root()),
            Store::S3(_) => None,
        }
    }

    /// Which files of the stored dumps are on this machine now.
    pub fn local(&self) -> Option<Local<'_>> {
        match (&self.copies, &self.store) {
            (Some(copies), _) => copies.are_there().then_some(Local::Copies(copies.root())),
            (None, Store::Directory(directory)) => Some(Local::Objects(directory.root())),
            (None, Store::S3(_)) => None,
        }
    }

    /// Whether such files can be on this machine later: objects, copies that are kept, or copies from earlier.
    pub fn has_local(&self) -> bool {
        let kept = self.copies.as_ref().is_some_and(Copies::may_be_there);
        kept || self.local().is_some()
    }

    /// Removes a file of [`Storage::local`], by the URL that a walk over its folder gives, and first the features
    /// beside it. False if the file itself was gone.
    ///
    /// # Errors
    /// Those of `remove`.
    pub fn remove_local(&self, url: &str) -> Result<bool, StorageError> {
        if let Some(copies) = &self.copies {
            return copies.remove(url);
        }
        if let Some(features) = self.features_url(url)? {
            self.remove(&features)?;
        }
        Ok(self.remove(url)? == Removed::Now)
    }
}
