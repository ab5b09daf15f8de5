//! Commands that touch the data folder, or read what the server reads, run as the owner of the folder.
//!
//! An administrator's `sudo rtcstats-server find` must not leave files that the server's user cannot open (SQLite makes
//! some even for reading). So a command that runs as root, and finds that the folder belongs to someone else, becomes
//! that user for good before it opens anything. A command that does not run as root, or finds no folder yet, stays as
//! it is. Failures: the kernel may refuse, and then the command must not continue.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Gid, Uid};
use rustix::process::geteuid;
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};

use super::failure::Failure;

/// [`become_owner`] for a command, which cannot go on without.
///
/// # Errors
/// The kernel refuses.
pub fn settle(folder: &Path) -> Result<(), Failure> {
    become_owner(folder)
        .map(drop)
        .map_err(|error| Failure::runtime(folder.display(), error))
}

/// Becomes the owner of `folder` if necessary, and returns the user id if so. Of all groups only the owner's is kept.
///
/// In the kernel, the calls below change a single thread. Threads that are made later inherit the change, so it holds
/// for the whole process if there is only one thread at the time of the call. `cli::run` requires that of its caller.
pub fn become_owner(folder: &Path) -> io::Result<Option<u32>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let folder = match fs::metadata(folder) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if folder.uid() == 0 {
        return Ok(None);
    }
    let group = Gid::from_raw(folder.gid());
    // This order is necessary: a user who is not root may not change groups.
    set_thread_groups(&[group])?;
    set_thread_gid(group)?;
    set_thread_uid(Uid::from_raw(folder.uid()))?;
    Ok(Some(folder.uid()))
}
