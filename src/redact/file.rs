//! Files with a secret or a key: only regular files are read, and an error names the file and the user.
//!
//! Nothing here waits: a pipe or a device is refused and not read. Errors contain no part of a file.
use std::fmt::Display;
use std::fs::{FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::OFlags;
use rustix::process::geteuid;

use super::clean::{Unclean, decoded};
use super::printable::shown_path;
use super::secret::Secret;

/// The length of a file with a secret, a key or root certificates. A key takes a few KiB; the 150 authorities of a
/// whole system, with comments, about 250 KiB.
const SECRET_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Why a file gives no secret: the file, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} {what}")]
pub struct Unreadable {
    file: String,
    what: String,
}

impl Unreadable {
    fn new(path: &Path, what: impl Display) -> Unreadable {
        Unreadable {
            file: shown_path(path),
            what: what.to_string(),
        }
    }
}

/// The whole text of a file, such as a key in PEM format, without a byte order mark.
///
/// # Errors
/// As [`read_bytes`], and no UTF-8.
pub fn read_text(path: &Path) -> Result<String, Unreadable> {
    let bytes = read_bytes(path)?;
    let text = decoded(&bytes).map_err(|why| Unreadable::new(path, why))?;
    Ok(text.to_owned())
}

/// What a file holds.
///
/// # Errors
/// It cannot be read by this process's user, is no regular file, or too long.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let user = geteuid().as_raw();
    let refused = |error: io::Error| Unreadable::new(path, format!("cannot be read by user {user}: {error}"));
    // Without O_NONBLOCK, opening a pipe waits until somebody writes.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .map_err(refused)?;
    let kind = file.metadata().map_err(refused)?.file_type();
    if !kind.is_file() {
        let what = format!("is {}; name a regular file", named(kind));
        return Err(Unreadable::new(path, what));
    }
    let mut bytes = Vec::new();
    let limited = &mut (&file).take(SECRET_FILE_BYTES_MAX + 1);
    limited.read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > SECRET_FILE_BYTES_MAX {
        let what = format!("is longer than {SECRET_FILE_BYTES_MAX} bytes");
        return Err(Unreadable::new(path, what));
    }
    Ok(bytes)
}

fn named(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

impl Secret {
    /// The secret that a file holds.
    ///
    /// # Errors
    /// As [`read_text`], and what [`Secret::clean`] refuses.
    pub fn read(path: &Path) -> Result<Secret, Unreadable> {
        let text = read_text(path)?;
        Secret::clean(&text).map_err(|why: Unclean| Unreadable::new(path, why))
    }
}

/// A secret in a file that is read anew whenever it is needed, since it may be replaced while this process runs.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    last: Secret,
    is_told: Told,
}

/// Whether the present failure was returned already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}

impl SecretFile {
    /// A file that has just been read. It need not be readable any more: the process may have changed its user.
    pub fn new(path: &Path, last: Secret) -> SecretFile {
        SecretFile {
            path: path.to_owned(),
            state: Mutex::new(State {
                last,
                is_told: Told::No,
            }),
        }
    }

    /// What the file holds now; its last value if it cannot be read any more or is empty. The failure is returned once,
    /// for the log, and again only after the file could be read in between. This reads a disk: not for the loop's
    /// thread.
    pub fn current(&self) -> (Secret, Option<Unreadable>) {
        let read = Secret::read(&self.path).and_then(|secret| match secret.expose() {
            "" => Err(Unreadable::new(&self.path, "is empty")),
            _ => Ok(secret),
        });
        // A panic of another holder does no harm: each step leaves a whole state.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(secret) => {
                *state = State {
                    last: secret.clone(),
                    is_told: Told::No,
                };
                (secret, None)
            }
            Err(error) => {
                let first = state.is_told == Told::No;
                state.is_told = Told::Yes;
                (state.last.clone(), first.then_some(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};

    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, socket] = ["pipe", "socket"].map(|name| folder.path().join(name));
        mknodat(CWD, &pipe, Kind::Fifo, Mode::RUSR, 0).unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        let told = |path: &Path| Secret::read(path).unwrap_err().to_string();
        assert!(told(&pipe).ends_with("/pipe is a pipe; name a regular file"));
        assert!(told(folder.path()).contains(" is a folder; "));
        assert!(told(Path::new("/dev/null")).contains("/dev/null is a device; "));
        assert!(told(&socket).contains("/socket cannot be read by user "));
        let missing = told(Path::new("/nonexistent/file"));
        assert!(
            missing.starts_with("/nonexistent/file cannot be read by user "),
            "{missing}"
        );
    }

    #[test]
    fn a_file_that_is_gone_or_spoilt_keeps_its_last_value_and_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "one\n").unwrap();
        let file = SecretFile::new(&path, Secret::read(&path).unwrap());
        fs::write(&path, "two\n").unwrap();
        assert_eq!(file.current(), (Secret::new("two"), None));
        for spoilt in ["", "a\nb", "'two'"] {
            fs::write(&path, spoilt).unwrap();
            let (secret, told) = file.current();
            assert_eq!((secret, told.is_some()), (Secret::new("two"), true), "{spoilt}");
            assert_eq!(file.current(), (Secret::new("two"), None));
            fs::write(&path, "two").unwrap();
            assert_eq!(file.current(), (Secret::new("two"), None));
        }
        fs::remove_file(&path).unwrap();
        assert!(file.current().1.is_some() && file.current().1.is_none());
    }
}
