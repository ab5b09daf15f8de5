//! Where a page goes.
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::cli::failure::Failure;
use crate::cli::visible::visible;

/// Writes a page to the file of this name, or to standard output. A file appears whole or not at all.
pub fn to(path: &Path, page: &[u8]) -> Result<(), Failure> {
    if path == Path::new("-") {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(page).and_then(|()| stdout.flush());
        return written.map_err(|error| Failure::output(&error));
    }
    let is_special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    let written = match is_special {
        true => OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(page)),
        false => whole(path, page),
    };
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Unread,
        _ => Failure::runtime(visible(&path.to_string_lossy()), error),
    })
}

/// A file that is there is replaced where a link to it leads, and keeps who may read it. A new one is its owner's
/// alone, as all files that this program makes.
fn whole(path: &Path, page: &[u8]) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or(path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = Builder::new()
        .prefix(".rtcstats-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    if let Ok(metadata) = fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.write_all(page)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes a page of the dump of this name to the folder for temporary files.
pub fn beside(name: &str, page: &[u8]) -> Result<PathBuf, Failure> {
    let written = (|| {
        let prefix = format!("rtcstats-{}-", stem(name));
        let mut file = Builder::new().prefix(&prefix).suffix(".html").tempfile()?;
        file.write_all(page)?;
        file.keep().map(|(_, path)| path).map_err(|error| error.error)
    })();
    written.map_err(|error: io::Error| Failure::runtime(visible(&std::env::temp_dir().to_string_lossy()), error))
}

/// What of the name of a dump is good for the name of a file.
fn stem(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    let first = last.split('.').next().unwrap_or_default();
    let letters = first
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    letters.take(60).collect()
}
