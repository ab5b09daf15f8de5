//! The lock that makes an instance one process's own.
//!
//! It is held as long as its file is open. Errors name the file, the call, and what to do. A lock that is waited for is
//! in the log (`disk::patiently`). Limits: `INTERRUPTIONS_MAX`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::disk::{self, patiently};
use crate::id::Id;
use crate::limits::INTERRUPTIONS_MAX;

/// Opens the file and takes its lock; `None` if another process has it.
///
/// # Errors
/// The file cannot be opened, or the file system keeps no locks.
pub fn try_lock(options: &OpenOptions, path: &Path) -> io::Result<Option<File>> {
    let file = options.open(path).map_err(|error| named("the lock", path, &error))?;
    let lock = || -> Result<(), TryLockError> {
        for _ in 0..INTERRUPTIONS_MAX {
            match file.try_lock() {
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
                answer => return answer,
            }
        }
        file.try_lock()
    };
    match patiently(&format!("the lock {}", path.display()), lock) {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(io::Error::new(
            error.kind(),
            format!(
                "flock of {}: {error}; this file system keeps no locks: mount it with locks, or use another one",
                path.display()
            ),
        )),
    }
}

/// Whether locks in this folder can be had, and keep others out. A file is made for that and removed.
///
/// # Errors
/// As for [`try_lock`].
pub fn works(folder: &Path) -> io::Result<Works> {
    let path = folder.join(format!(".lock-{}", Id::new()));
    let mut options = File::options();
    let options = options.create(true).truncate(false).write(true);
    let judge = || -> io::Result<Works> {
        // Nobody else knows this file.
        let Some(_held) = try_lock(options, &path)? else {
            return Ok(Works::ForNobody);
        };
        Ok(match try_lock(options, &path)? {
            Some(_) => Works::ForEverybody,
            None => Works::AsItShould,
        })
    };
    let judged = judge();
    disk::remove(&path)?;
    judged
}

/// What locks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Works {
    AsItShould,
    /// A lock that nobody holds is refused.
    ForNobody,
    /// A lock that is held is given once more.
    ForEverybody,
}

/// The same error with what it is about. Its number is in the text only.
pub fn named(what: &str, path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_lock_keeps_others_out_until_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(works(folder.path()).unwrap(), Works::AsItShould);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
        let path = folder.path().join("lock");
        let error = try_lock(File::options().write(true), &path).unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        fs::write(&path, "").unwrap();
        let lock = || try_lock(File::options().write(true), &path).unwrap();
        let held = lock();
        assert!(held.is_some() && lock().is_none());
        drop(held);
        assert!(lock().is_some());
    }
}
