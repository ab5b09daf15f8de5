//! Commands that touch the data folder do so as its owner.
//!
//! An administrator's `sudo rtcstats-server find` must not leave files that the server's user cannot open (SQLite makes
//! some even for reading). So a command that runs as root and finds the folder in the hands of someone else becomes
//! that user for good, before it opens anything. Whoever is not root, or finds no folder yet, stays who they are.
//! Failures: the kernel's refusal, upon which the command must not go on.
use rustix::fs::{Gid, Uid};
use rustix::process::geteuid;
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Becomes the owner of `folder` if that is called for; gives the user id if so. The owner's group is the only one kept.
///
/// The calls below change one thread, as the kernel has it. Threads that are made later inherit it, so this is for
/// the whole process as long as it is called while there is only one, which `cli::run` asks of its caller.
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
    // In this order: a user who is not root may not change groups.
    set_thread_groups(&[group])?;
    set_thread_gid(group)?;
    set_thread_uid(Uid::from_raw(folder.uid()))?;
    Ok(Some(folder.uid()))
}
