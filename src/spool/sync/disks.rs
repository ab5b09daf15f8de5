//! The file systems that hold dumps and rows, and the sync of each.
//!
//! Nothing is removed here. Errors are those of the file system; they name the directory, except for the spool's.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::spool::files::Instance;

/// The file systems that hold dumps and rows.
#[derive(Debug)]
pub struct Disks {
    /// The instance whose files are removed.
    pub(super) instance: Instance,
    spool: File,
    /// The device of the spool.
    device: u64,
    /// Opened anew for each sync, because they may appear, or be mounted, while the server runs.
    others: Vec<PathBuf>,
}

impl Disks {
    /// # Errors
    /// The instance cannot be opened.
    pub(super) fn open(instance: &Instance, others: &[PathBuf]) -> io::Result<Disks> {
        let spool = File::open(instance.root())?;
        Ok(Disks {
            instance: instance.clone(),
            device: spool.metadata()?.dev(),
            spool,
            others: others.to_vec(),
        })
    }

    pub(super) fn sync_spool(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.spool)?)
    }

    /// Syncs the file systems that are not the spool's, each once.
    pub(super) fn sync_others(&self) -> io::Result<()> {
        let mut synced = HashSet::from([self.device]);
        for path in &self.others {
            sync_other(path, &mut synced)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }

    /// Free bytes for this user on the spool's file system.
    pub(super) fn free_bytes(&self) -> io::Result<u64> {
        let status = rustix::fs::fstatvfs(&self.spool)?;
        Ok(status.f_bavail.saturating_mul(status.f_frsize))
    }
}

fn sync_other(path: &Path, synced: &mut HashSet<u64>) -> io::Result<()> {
    let disk = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    if synced.insert(disk.metadata()?.dev()) {
        rustix::fs::syncfs(&disk)?;
    }
    Ok(())
}
