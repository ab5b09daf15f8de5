//! The file systems that hold dumps and rows, and the sync of each.
//!
//! Where no file system can be synced as a whole, the files of the instance are synced one by one; a folder of objects
//! makes each object durable itself then, and a catalogue each row. Nothing is removed here, and no file of another
//! folder is opened. Errors are those of the file system, with the folder and the call.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::disk::{self, Known};
use crate::spool::files::{DumpState, Instance};

/// The file systems that hold dumps and rows.
#[derive(Debug)]
pub struct Disks {
    /// The instance whose files are removed.
    pub(super) instance: Instance,
    spool: File,
    /// The device of the spool.
    device: u64,
    /// Whether it was said that nobody knows the free space.
    is_told: AtomicBool,
    /// Where the files of the instance have to be synced one by one.
    known: Mutex<Known>,
    /// Opened anew for each sync, because they may appear, or be mounted, while the server runs.
    others: Vec<PathBuf>,
    /// One folder of each other file system, by device.
    kept: Mutex<HashMap<u64, File>>,
}

/// Why other file systems are not synced.
#[derive(Debug)]
pub enum NotSynced {
    /// A folder cannot be opened, so nothing was asked.
    Unreached(io::Error),
    /// What was written may be lost.
    Failed(io::Error),
}

impl Disks {
    /// # Errors
    /// The instance cannot be opened.
    pub(super) fn open(instance: &Instance, others: &[PathBuf]) -> io::Result<Disks> {
        let spool = File::open(instance.root())?;
        Ok(Disks {
            instance: instance.clone(),
            device: spool.metadata()?.dev(),
            is_told: AtomicBool::new(false),
            known: Mutex::default(),
            spool,
            others: others.to_vec(),
            kept: Mutex::default(),
        })
    }

    /// Opens the other file systems, so that from now on their failures are told. What is not there yet is opened by a
    /// later sync. Such a disk may not answer for ever, as the first sync would find.
    pub(super) fn open_others(&self) {
        let kept = self.others.iter().filter_map(|path| {
            let folder = File::open(path).ok()?;
            Some((folder.metadata().ok()?.dev(), folder))
        });
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(kept);
    }

    pub(super) fn sync_spool(&self) -> io::Result<()> {
        let root = self.instance.root();
        // A walk that ended in the middle has met fewer files, so more are synced by the next one.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        disk::sync_known(&self.spool, root, &mut known).map_err(|error| named("syncfs", root, error))
    }

    /// Syncs the file systems that are not the spool's, each once. Each stays open until another one is in its place:
    /// the kernel tells a failure only to those who had the file system open when it happened.
    pub(super) fn sync_others(&self) -> Result<(), NotSynced> {
        if !disk::sync_is_offered() {
            return Ok(());
        }
        let mut synced = HashSet::from([self.device]);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for path in &self.others {
            sync_other(path, &mut synced, &mut kept)?;
        }
        kept.retain(|device, _| synced.contains(device));
        Ok(())
    }

    /// Whether a recording could be begun, as far as the folder shows without a file being made: it is there, and this
    /// user may write to it.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn takes_recordings(&self) -> io::Result<()> {
        let folder = self.instance.folder(DumpState::Recording);
        match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
            // It cannot be asked here, which says nothing against the folder.
            Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP | Errno::INTR) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Free bytes for this user on the spool's file system. What is not known is not full.
    ///
    /// # Errors
    /// It cannot be told at the moment.
    pub(super) fn free_bytes(&self) -> io::Result<u64> {
        let free = disk::free_bytes(&self.spool).map_err(|error| named("statvfs", self.instance.root(), error))?;
        Ok(free.unwrap_or_else(|| {
            if !self.is_told.swap(true, Ordering::Relaxed) {
                log::warn!(
                    "the file system of {} does not say how much is free (statvfs): spool.min_free has no effect",
                    self.instance.root().display()
                );
            }
            u64::MAX
        }))
    }
}

fn named(call: &str, path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{call} of {}: {error}", path.display()))
}

fn sync_other(path: &Path, synced: &mut HashSet<u64>, kept: &mut HashMap<u64, File>) -> Result<(), NotSynced> {
    let unreached = |error| NotSynced::Unreached(named("open", path, error));
    let folder = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(unreached)?,
    };
    let device = folder.metadata().map_err(unreached)?.dev();
    if !synced.insert(device) {
        return Ok(());
    }
    // Never file by file: a catalogue may lie there.
    let synced = disk::sync_file_system(kept.entry(device).or_insert(folder));
    synced.map_err(|error| NotSynced::Failed(named("syncfs", path, error)))
}
