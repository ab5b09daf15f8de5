//! What is in a folder store, for the code that decides what to remove: a walk that holds one folder's listing at a
//! time.
//!
//! The walk follows no links and changes no files. Hidden files (an unfinished copy, a probe) are not objects. Folders
//! deeper than a key can be are skipped. If something disappears during the walk, that is not an error.
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::directory::file_url;
use super::name::FEATURES_ENDING;
use crate::limits::KEY_BYTES_MAX;

/// One file of the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// When the file was written: a linked one when the dump was packed, a copied one when it was copied.
    pub modified: SystemTime,
    pub path: PathBuf,
    pub bytes: u64,
}

impl Object {
    /// Whether it holds the features of a dump, which go with that dump.
    pub fn is_of_features(&self) -> bool {
        self.path.as_os_str().as_bytes().ends_with(FEATURES_ENDING.as_bytes())
    }

    /// The URL that [`super::Storage::put`] returned for it.
    pub fn url(&self) -> String {
        file_url(&self.path)
    }
}

/// Calls `each` for every file below `root`, an absolute path, in no particular order.
///
/// # Errors
/// A folder cannot be read.
pub fn each_object(root: &Path, each: &mut dyn FnMut(Object)) -> io::Result<()> {
    // A key has at most half as many folders as bytes.
    let deepest = root.components().count() + KEY_BYTES_MAX / 2;
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound && folder != root => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(metadata) = entry.metadata() else { continue };
            let path = entry.path();
            if entry.file_name().as_bytes().starts_with(b".") {
                continue;
            }
            if metadata.is_dir() && path.components().count() < deepest {
                folders.push(path);
            } else if metadata.is_file() {
                each(Object {
                    modified: metadata.modified()?,
                    path,
                    bytes: metadata.len(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_met_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("store");
        fs::create_dir_all(root.join("a/b")).unwrap();
        for name in ["one", "a/two", "a/b/three", "a/.two.tmp"] {
            fs::write(root.join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("outside")).unwrap();
        fs::write(folder.path().join("outside/four"), "four").unwrap();
        std::os::unix::fs::symlink(folder.path().join("outside"), root.join("link")).unwrap();
        let mut found = Vec::new();
        each_object(&root, &mut |object| found.push((object.path, object.bytes))).unwrap();
        found.sort();
        assert_eq!(
            found,
            [("a/b/three", 9), ("a/two", 5), ("one", 3)].map(|(name, bytes)| (root.join(name), bytes))
        );
        assert!(each_object(&folder.path().join("nothing"), &mut |_| ()).is_err());
    }
}
