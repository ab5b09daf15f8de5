//! When may what be unlinked: one thread that makes the spool durable about once a second while there is need.
//!
//! A file is unlinked only after a sync that began after its successor was written, so a power cut never finds both
//! gone. There is no fsync per dump: one syncfs covers every session. The thread also watches the free space, so
//! that the loop thread never asks the file system anything.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::id::Id;
use crate::fault;

/// A handle on the sync thread; clones share it.
#[derive(Clone, Debug)]
pub struct Sync {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    dirty: AtomicBool,
    free: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    /// Files whose successors are written; they go after the next sync.
    waiting: Vec<(Id, Vec<PathBuf>)>,
    /// Ids of `waiting` and of the batch that is being synced.
    ids: HashSet<Id>,
    stopping: bool,
}

impl Sync {
    /// Starts the thread. The file systems of `spool`, whose free space is watched, and of `directories` are synced,
    /// each once. A directory that does not exist yet has nothing to sync.
    ///
    /// # Errors
    /// The spool cannot be opened, or no thread can be started.
    pub fn start(interval: Duration, spool: &Path, directories: &[PathBuf]) -> io::Result<(Sync, JoinHandle<()>)> {
        let (sync, disks) = Sync::new(spool, directories)?;
        let thread = sync.clone();
        let handle = std::thread::Builder::new()
            .name("sync".into())
            .spawn(move || thread.run(interval, &disks))?;
        Ok((sync, handle))
    }

    fn new(spool: &Path, directories: &[PathBuf]) -> io::Result<(Sync, Disks)> {
        let disks = Disks {
            spool: File::open(spool)?,
            others: directories.to_vec(),
        };
        let shared = Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            dirty: AtomicBool::new(false),
            free: AtomicU64::new(disks.free_bytes()?),
        };
        let shared = Arc::new(shared);
        Ok((Sync { shared }, disks))
    }

    /// As `start`, but without the thread: the simulation takes its turns itself, so that a crash can come between
    /// any two removals and so that no thread outlives the crash.
    #[cfg(feature = "fault-points")]
    pub fn without_thread(spool: &Path, directories: &[PathBuf]) -> io::Result<(Sync, Disks)> {
        Sync::new(spool, directories)
    }

    /// One turn of the thread that `without_thread` did not start.
    #[cfg(feature = "fault-points")]
    pub fn take_turn(&self, disks: &Disks) -> io::Result<()> {
        let batch = std::mem::take(&mut self.queue().waiting);
        let result = self.turn(&batch, disks);
        self.conclude(batch, result.is_ok());
        result
    }

    /// Notes that data was written which a power cut must not take for longer than the interval.
    pub fn touch(&self) {
        self.shared.dirty.store(true, Ordering::Relaxed);
    }

    /// Removes the files of a delivered dump after a sync that begins after this call.
    pub fn unlink_after(&self, id: Id, files: Vec<PathBuf>) {
        let mut queue = self.queue();
        queue.ids.insert(id);
        queue.waiting.push((id, files));
    }

    /// The dump is delivered, and its files are waiting to be removed.
    pub fn awaits(&self, id: Id) -> bool {
        self.queue().ids.contains(&id)
    }

    /// Free bytes for this user on the spool's file system, at most one interval old.
    pub fn free_bytes(&self) -> u64 {
        self.shared.free.load(Ordering::Relaxed)
    }

    /// Lets the thread end after one last sync, which its handle's `join` waits for.
    pub fn stop(&self) {
        self.queue().stopping = true;
        self.shared.wake.notify_all();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Every holder leaves the queue consistent at each step, so a panic elsewhere does not spoil it.
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, interval: Duration, disks: &Disks) {
        let mut healthy = true;
        loop {
            let (batch, stopping) = self.wait(interval);
            let result = self.turn(&batch, disks);
            if result.is_err() == healthy {
                healthy = !healthy;
                match &result {
                    Err(error) => log::error!("cannot sync the spool, nothing is removed until it works: {error}"),
                    Ok(()) => log::info!("the spool is synced again"),
                }
            }
            self.conclude(batch, result.is_ok());
            if stopping {
                return;
            }
        }
    }

    /// Sleeps for one interval, or until stopped, and takes what may go after the sync that follows.
    fn wait(&self, interval: Duration) -> (Vec<(Id, Vec<PathBuf>)>, bool) {
        let queue = self.queue();
        let (mut queue, _) = self
            .shared
            .wake
            .wait_timeout_while(queue, interval, |queue| !queue.stopping)
            .unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut queue.waiting), queue.stopping)
    }

    /// Forgets a batch that is gone; keeps one that is not for the next turn.
    fn conclude(&self, batch: Vec<(Id, Vec<PathBuf>)>, done: bool) {
        let mut queue = self.queue();
        if done {
            for (id, _) in &batch {
                queue.ids.remove(id);
            }
        } else {
            queue.waiting.extend(batch);
        }
    }

    fn turn(&self, batch: &[(Id, Vec<PathBuf>)], disks: &Disks) -> io::Result<()> {
        self.shared.free.store(disks.free_bytes()?, Ordering::Relaxed);
        if !self.shared.dirty.swap(false, Ordering::Relaxed) && batch.is_empty() {
            return Ok(());
        }
        if let Err(error) = disks.sync() {
            self.touch();
            return Err(error);
        }
        fault::point("sync");
        for file in batch.iter().flat_map(|(_, files)| files) {
            remove(file)?;
        }
        Ok(())
    }
}

/// Removes a file that may be gone already.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => {
            fault::point("unlink");
            Ok(())
        }
    }
}

/// The file systems that hold dumps and rows.
#[derive(Debug)]
pub struct Disks {
    spool: File,
    /// Opened anew for each sync: they may appear, or be mounted, while the server runs.
    others: Vec<PathBuf>,
}

impl Disks {
    fn sync(&self) -> io::Result<()> {
        rustix::fs::syncfs(&self.spool)?;
        let mut synced = HashSet::from([self.spool.metadata()?.dev()]);
        for path in &self.others {
            let disk = match File::open(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened?,
            };
            if synced.insert(disk.metadata()?.dev()) {
                rustix::fs::syncfs(&disk)?;
            }
        }
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let status = rustix::fs::fstatvfs(&self.spool)?;
        Ok(status.f_bavail.saturating_mul(status.f_frsize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn wait_for(condition: impl Fn() -> bool) {
        let guard = Instant::now() + Duration::from_secs(60);
        while !condition() {
            assert!(Instant::now() < guard, "gave up waiting");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn files_go_after_a_sync_and_are_claimed_until_then() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("old");
        fs::write(&file, b"x").unwrap();
        let (sync, thread) = Sync::start(Duration::from_millis(5), directory.path(), &[]).unwrap();
        let id = Id::new();
        sync.unlink_after(id, vec![file.clone(), directory.path().join("never was")]);
        wait_for(|| !sync.awaits(id));
        assert!(!file.exists());
        assert!(sync.free_bytes() > 0);
        sync.stop();
        thread.join().unwrap();
    }

    #[test]
    fn stopping_syncs_and_removes_what_waits() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("old");
        fs::write(&file, b"x").unwrap();
        let (sync, thread) = Sync::start(Duration::from_secs(3600), directory.path(), &[]).unwrap();
        sync.unlink_after(Id::new(), vec![file.clone()]);
        assert!(file.exists());
        sync.stop();
        thread.join().unwrap();
        assert!(!file.exists());
    }
}
