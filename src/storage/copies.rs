//! Copies, on this machine, of dumps that are in another store: a folder that nothing depends on.
//!
//! If the spool is on the same file system, a copy is a hard link, so the dump takes its space only once. A failure
//! here never holds up a dump, because the store has it. When copies are no longer kept, the existing ones can still be
//! removed. A mark in the folder says that it belongs to this program. Without the mark, nothing in the folder is
//! touched, because an operator may have put it there. Limits and failures: those of `directory`.
use std::fs::File;
use std::path::Path;

use super::directory::Directory;
use super::error::StorageError;
use super::name::features_key;
use crate::disk;

/// The folder, and whether new copies are made.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: Directory,
    copying: Copying,
}

/// Whether new objects are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copying {
    On,
    /// Copies from earlier may still be there.
    Off,
}

impl Copies {
    pub fn new(folder: Directory, copying: Copying) -> Copies {
        Copies { folder, copying }
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.root()
    }

    /// Whether there are any copies, or were.
    pub(super) fn are_there(&self) -> bool {
        self.root().join(MARK).exists()
    }

    /// False if there are no copies and will be none.
    pub(super) fn may_be_there(&self) -> bool {
        self.copying == Copying::On || self.are_there()
    }

    /// Keeps a copy of an object that is stored. If that fails, the dump is still stored where it belongs.
    pub(super) fn keep(&self, file: &Path, key: &str, crc32: Option<u32>) {
        if self.copying == Copying::On
            && let Err(error) = self.mark().and_then(|()| self.folder.put(file, key, crc32))
        {
            log::warn!("no copy of a dump is kept on this machine: {error}");
        }
    }

    /// Makes the folder if it does not exist, and puts the mark into it.
    fn mark(&self) -> Result<(), StorageError> {
        if self.are_there() {
            return Ok(());
        }
        let made = disk::make_folders(self.root()).and_then(|()| File::create(self.root().join(MARK)));
        made.map(drop).map_err(|cause| StorageError::Destination {
            root: self.root().to_owned(),
            cause,
        })
    }

    /// Removes the copy of the object with this key. False if there was none.
    pub(super) fn forget(&self, key: &str) -> Result<bool, StorageError> {
        if !self.are_there() {
            return Ok(false);
        }
        self.folder.remove(key)
    }

    /// Removes a copy that a walk over the folder has found, and first the features beside it.
    pub(super) fn remove(&self, url: &str) -> Result<bool, StorageError> {
        let key = self.folder.key_of(url)?;
        if let Some(features) = features_key(&key) {
            self.folder.remove(&features)?;
        }
        self.folder.remove(&key)
    }
}

/// Hidden, so that no walk over the folder takes it for a dump.
const MARK: &str = ".copies-of-stored-dumps";
