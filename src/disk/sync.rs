//! Makes written files and their names durable: all of a file system at once or, where that call is not offered (old
//! kernels, sandboxes), file by file and folder by folder.
//!
//! The walk follows no links. What disappears meanwhile is no error: nothing that is removed has to become durable.
//! Files that this user may not open were not written by this process. Limits: one folder's listing for each level, and
//! for `Known` some 40 bytes for each file.

use std::collections::HashSet;
use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::interrupted::uninterrupted;

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

/// Syncs the file system of an open file as a whole, and opens nothing. A file that stays open is told of what went
/// wrong between two calls, one that is opened anew may not be.
///
/// # Errors
/// The disk's, and that the call is refused. What was written before may be lost then, even if a later call succeeds.
pub fn sync_file_system(disk: &File) -> io::Result<()> {
    Ok(uninterrupted(|| rustix::fs::syncfs(disk))?)
}

/// Syncs the file system of `folder`, whose open file is `disk`, or whatever is below it. Not for folders with files
/// that this process has locked with fcntl(2): it opens and closes each file, which releases such locks.
///
/// # Errors
/// The disk's. What was written before may be lost then, even if a later call succeeds.
pub fn sync_whole(disk: &File, folder: &Path) -> io::Result<()> {
    match sync_at_once(disk) {
        Some(synced) => synced,
        None => sync_below(folder, &mut Known::default()),
    }
}

/// Like [`sync_whole`] with whatever lies below, again and again for one folder. A file that was synced and has not
/// changed since is left out, because each sync costs a flush of the disk. For files that only grow or are written
/// once: a change that leaves length and time as they were is not seen.
///
/// # Errors
/// As for `sync_whole`; the next call syncs every file.
pub fn sync_known(disk: &File, folder: &Path, known: &mut Known) -> io::Result<()> {
    if let Some(synced) = sync_at_once(disk) {
        return synced;
    }
    let synced = sync_below(folder, known);
    known.synced = std::mem::take(&mut known.met);
    if synced.is_err() {
        known.synced.clear();
    }
    synced
}

/// Files that were synced one by one. Its size is that of the folder's listing.
#[derive(Debug, Default)]
pub struct Known {
    synced: HashSet<State>,
    /// Those that the present walk has met.
    met: HashSet<State>,
}

/// Number, length, and time of the last change of a file.
type State = (u64, u64, i64, i64);

impl Known {
    /// Syncs the file, unless it is known in this state. The state is looked at before, so that what is written
    /// meanwhile is not taken for synced.
    fn sync(&mut self, entry: &DirEntry) -> io::Result<()> {
        let now = entry.metadata()?;
        let state = (now.ino(), now.len(), now.ctime(), now.ctime_nsec());
        if !self.synced.contains(&state) {
            File::open(entry.path())?.sync_all()?;
        }
        self.met.insert(state);
        Ok(())
    }
}

/// `None` if the call is not offered.
fn sync_at_once(disk: &File) -> Option<io::Result<()>> {
    let sync = || match uninterrupted(|| rustix::fs::syncfs(disk)) {
        Err(error) if is_refusal(error) => None,
        synced => Some(synced.map_err(io::Error::from)),
    };
    sync_is_offered().then(sync)?
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

fn sync_below(folder: &Path, known: &mut Known) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) if kind.is_file() => unless_gone(known.sync(&entry))?,
            Ok(kind) if kind.is_dir() => unless_gone(sync_below(&entry.path(), known))?,
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
        sync_below(folder.path(), &mut Known::default()).unwrap();
        sync_whole(&File::open(folder.path()).unwrap(), folder.path()).unwrap();
        sync_file_system(&File::open(folder.path()).unwrap()).unwrap();
        assert!(sync_below(&folder.path().join("gone"), &mut Known::default()).is_err());
        let mut known = Known::default();
        sync_below(folder.path(), &mut known).unwrap();
        assert!(
            known.met.len() == 1 && known.synced.is_empty(),
            "one file, and no folder or link"
        );
        assert!(sync_is_offered(), "a machine that runs these tests has syncfs");
    }
}
