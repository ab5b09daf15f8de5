//! Calls that a signal has interrupted, made again a bounded number of times.
//!
//! The standard library makes them again without a bound, and a file system that interrupts every call would keep the
//! thread for ever. Errors are those of the call, and at the bound that it was interrupted.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use crate::limits::INTERRUPTIONS_MAX;

/// Makes the call until it is not interrupted.
///
/// # Errors
/// Those of the call.
pub fn uninterrupted<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    for _ in 1..INTERRUPTIONS_MAX {
        match call() {
            Err(Errno::INTR) => {}
            answer => return answer,
        }
    }
    call()
}

/// Opens a file for appending, and makes it if it is not there.
///
/// # Errors
/// The file system's.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND | OFlags::CLOEXEC;
    let opened = uninterrupted(|| openat(CWD, path, flags, Mode::from_raw_mode(0o666)));
    Ok(File::from(opened?))
}

/// Cuts a file off at this length.
///
/// # Errors
/// The file system's.
pub fn cut(file: &File, length: u64) -> io::Result<()> {
    Ok(uninterrupted(|| rustix::fs::ftruncate(file, length))?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_call_is_made_again_up_to_the_bound() {
        for (interruptions, answer) in [
            (0, Ok(7)),
            (INTERRUPTIONS_MAX - 1, Ok(7)),
            (INTERRUPTIONS_MAX, Err(Errno::INTR)),
        ] {
            let mut calls = 0;
            let answered = uninterrupted(|| {
                calls += 1;
                if calls > interruptions { Ok(7) } else { Err(Errno::INTR) }
            });
            assert_eq!(answered, answer);
            assert!(calls <= INTERRUPTIONS_MAX);
        }
        let mut calls = 0;
        let refused: rustix::io::Result<()> = uninterrupted(|| {
            calls += 1;
            Err(Errno::IO)
        });
        assert_eq!((refused, calls), (Err(Errno::IO), 1));
    }

    #[test]
    fn what_is_opened_is_appended_to_and_can_be_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["one", "two"] {
            open_to_append(&path).unwrap().write_all(text.as_bytes()).unwrap();
        }
        cut(&open_to_append(&path).unwrap(), 4).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"onet");
        assert!(open_to_append(&folder.path().join("none/file")).is_err());
    }
}
