//! Copies on this machine of what lies in a bucket: a folder store that nothing depends on.
//!
//! A copy is a hard link where the spool is on the same file system, so it costs what the dump costs once. Never here: a
//! failure that holds a dump up, since the bucket has it. When copies are kept no longer, those that are there can still
//! be removed. Limits and failures: those of `directory`.
use std::path::Path;

use super::directory::Directory;
use super::error::StorageError;

/// The folder, and whether it gets new copies.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: Directory,
    kept: bool,
}

impl Copies {
    pub fn new(folder: Directory, kept: bool) -> Copies {
        Copies { folder, kept }
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.root()
    }

    /// False if there are none and will be none.
    pub(super) fn may_be_there(&self) -> bool {
        self.kept || self.root().exists()
    }

    /// Keeps a copy of an object that is stored. Without one the dump is where it belongs all the same.
    pub(super) fn keep(&self, file: &Path, key: &str) {
        let put = || self.folder.prepare().and_then(|()| self.folder.put(file, key));
        if self.kept
            && let Err(error) = put()
        {
            log::warn!("no copy of a dump is kept on this machine: {error}");
        }
    }

    /// Removes the copy of the object of this key; false: there was none.
    pub(super) fn forget(&self, key: &str) -> Result<bool, StorageError> {
        if !self.root().exists() {
            return Ok(false);
        }
        self.folder.remove(&self.folder.url(key)?)
    }

    /// Removes the copy that a walk over the folder has met.
    pub(super) fn remove(&self, url: &str) -> Result<bool, StorageError> {
        self.folder.remove(url)
    }
}
