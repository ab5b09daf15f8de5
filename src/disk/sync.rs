//! Makes written files and their names durable: all of a file system at once or, where that call is not offered (old
//! kernels, sandboxes), file by file and folder by folder.
//!
//! The walk follows no links. What disappears meanwhile is no error: nothing that is removed has to become durable.
//! Files that this user may not open were not written by this process. Limits: one folder's listing for each level.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// How far a sync file by file reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The files directly in the folder.
    Shallow,
    /// Whatever lies below it.
    Deep,
}

/// Whether the kernel offers to sync a whole file system. It is asked once, with a descriptor that cannot be synced, so
/// that nothing is written and nothing waits.
pub fn sync_is_offered() -> bool {
    static OFFERED: OnceLock<bool> = OnceLock::new();
    *OFFERED.get_or_init(|| {
        let Ok(nothing) = rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) else {
            return true;
        };
        match rustix::fs::syncfs(&nothing) {
            Err(error) if is_refusal(error) => {
                log::warn!(
                    "syncfs is not offered here ({}): files and folders are synced one by one, which is slower",
                    io::Error::from(error)
                );
                false
            }
            _ => true,
        }
    })
}

/// Syncs the file system of `folder`, whose open file is `disk`, or what is below it as far as `scope` reaches. A file
/// that stays open is told of what went wrong between two calls, one that is opened anew may not be.
///
/// # Errors
/// The disk's. What was written before may be lost then, even if a later call succeeds.
pub fn sync_whole(disk: &File, folder: &Path, scope: Scope) -> io::Result<()> {
    if sync_is_offered() {
        match rustix::io::retry_on_intr(|| rustix::fs::syncfs(disk)) {
            Err(error) if is_refusal(error) => {}
            synced => return Ok(synced?),
        }
    }
    sync_below(folder, scope)
}

/// Syncs the names in a folder. A file system that syncs no folders keeps names by rules of its own.
///
/// # Errors
/// The disk's.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if Errno::from_io_error(&error).is_some_and(|errno| is_refusal(errno) || errno == Errno::BADF) => {
            Ok(())
        }
        synced => synced,
    }
}

fn is_refusal(error: Errno) -> bool {
    matches!(
        error,
        Errno::NOSYS | Errno::INVAL | Errno::PERM | Errno::OPNOTSUPP | Errno::ACCESS
    )
}

fn sync_below(folder: &Path, scope: Scope) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) if kind.is_file() => unless_gone(File::open(entry.path()).and_then(|file| file.sync_all()))?,
            Ok(kind) if kind.is_dir() && scope == Scope::Deep => unless_gone(sync_below(&entry.path(), scope))?,
            _ => {}
        }
    }
    sync_folder(folder)
}

fn unless_gone(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_syncs_what_is_there_and_misses_nothing_that_went() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/file"), "x").unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        for scope in [Scope::Shallow, Scope::Deep] {
            sync_below(folder.path(), scope).unwrap();
            sync_whole(&File::open(folder.path()).unwrap(), folder.path(), scope).unwrap();
        }
        assert!(sync_below(&folder.path().join("gone"), Scope::Deep).is_err());
        assert!(sync_is_offered(), "a machine that runs these tests has syncfs");
    }
}
