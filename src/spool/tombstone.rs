//! What an operator wants erased while it is still on its way: an empty file of the dump's name beside the instances.
//!
//! Delivery looks for it before each step that leaves the spool and once behind the last, so that whoever lays one and
//! then looks at the database misses nothing: either the row is there by then, or delivery meets the tombstone.
//! It lies beside the instances, so that a dump which another process takes over takes it along.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::files;
use crate::fault;
use crate::id::Id;

/// Lays one for each of `ids`, durable when this returns.
///
/// # Errors
/// The disk's; some may have been laid.
pub fn lay(spool: &Path, ids: &[Id]) -> io::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(files::tombstones(spool))?;
    for id in ids {
        File::create(files::tombstone(spool, *id))?;
        fault::point("tombstone laid");
    }
    Ok(rustix::fs::syncfs(File::open(spool)?)?)
}

/// Takes one away again that nothing waits for.
///
/// # Errors
/// The disk's; one that is gone is none.
pub fn lift(spool: &Path, id: Id) -> io::Result<()> {
    files::remove_tombstone(spool, id)
}
