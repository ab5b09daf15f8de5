//! Marks a dump that an operator wants erased while it is still being delivered: an empty file with the dump's name
//! beside the instances.
//!
//! Delivery looks for it before each step that leaves the spool, and once after the last step. So whoever lays a
//! tombstone and then looks at the database misses nothing: either the row is there by then, or delivery meets the
//! tombstone. It lies beside the instances, so that it stays valid if another process takes the dump over.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::files;
use crate::disk;
use crate::fault;
use crate::id::Id;

/// Lays one for each of `ids`. They are durable when this returns.
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
    disk::sync_whole(&File::open(spool)?, spool)
}

/// Which of `ids` have a tombstone. If there are no tombstones at all, one look at their folder answers for all ids.
///
/// # Errors
/// The disk's.
pub fn of(spool: &Path, ids: &[Id]) -> io::Result<Vec<Id>> {
    if ids.len() > 1 && is_empty(&files::tombstones(spool))? {
        return Ok(Vec::new());
    }
    let mut erased = Vec::new();
    for id in ids {
        if files::tombstone(spool, *id).try_exists()? {
            erased.push(*id);
        }
    }
    Ok(erased)
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        entries => Ok(entries?.next().transpose()?.is_none()),
    }
}

/// Removes one that nothing waits for any more.
///
/// # Errors
/// The disk's; it is no error if the tombstone is gone already.
pub fn lift(spool: &Path, id: Id) -> io::Result<()> {
    files::remove_tombstone(spool, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_were_laid_are_found_among_many_or_one() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, ids) = (folder.path(), [(); 3].map(|()| Id::new()));
        let of = |ids: &[Id]| super::of(spool, ids).unwrap();
        assert_eq!(of(&ids), [], "there is no folder");
        lay(spool, &ids[1..2]).unwrap();
        assert_eq!(of(&ids), ids[1..2]);
        assert_eq!(of(&ids[1..2]), ids[1..2]);
        assert_eq!(of(&[]), []);
        lift(spool, ids[1]).unwrap();
        assert_eq!(of(&ids), [], "an empty folder");
    }
}
