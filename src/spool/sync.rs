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
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

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
    /// Turns so far that had something to remove.
    turns: AtomicU64,
    /// Whom to wake after such a turn.
    watchers: Mutex<Vec<Thread>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Batch,
    stopping: bool,
}

/// Files whose successors are written; they go after the next sync, in this order.
#[derive(Debug, Default)]
struct Batch {
    /// Their successors lie in the spool.
    packed: Vec<Vec<PathBuf>>,
    /// Their successors lie with the destinations.
    delivered: Vec<Vec<PathBuf>>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.packed.is_empty() && self.delivered.is_empty()
    }
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
            turns: AtomicU64::new(0),
            watchers: Mutex::default(),
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
        self.turn(batch, disks)
    }

    /// Notes that data was written which a power cut must not take for longer than the interval. To be called after
    /// the write: a sync that begins in between would not cover it.
    pub fn touch(&self) {
        self.shared.dirty.store(true, Ordering::Relaxed);
    }

    /// Removes the files of a delivered dump after a sync of all file systems that begins after this call, in the
    /// order in which they are named: while one cannot be removed the next ones stay, and each goes after a sync that
    /// has made the removal of the one before durable. A power cut may undo any removal, so without that it could leave
    /// a packed dump whose manifest is gone, which nobody could tell from a damaged one.
    pub fn unlink_delivered(&self, files: &[PathBuf]) {
        self.queue().waiting.delivered.push(files.to_vec());
    }

    /// Removes the unmasked file of a packed dump after a sync of the spool that begins after this call. It waits for
    /// no other file system: what is in the clear must not stay because a destination is away.
    pub fn unlink_packed(&self, ready: PathBuf) {
        self.queue().waiting.packed.push(vec![ready]);
    }

    /// Wakes these threads, and no others, from now on when files have been removed.
    pub fn watch(&self, threads: Vec<Thread>) {
        *self.watchers() = threads;
    }

    fn watchers(&self) -> MutexGuard<'_, Vec<Thread>> {
        self.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes whenever files have been removed.
    pub fn turns(&self) -> u64 {
        self.shared.turns.load(Ordering::Acquire)
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
            let result = self.turn(batch, disks);
            if result.is_err() == healthy {
                healthy = !healthy;
                match &result {
                    Err(error) => log::error!("the spool cannot be synced, or files in it not removed: {error}"),
                    Ok(()) => log::info!("the spool is synced again"),
                }
            }
            // What goes one after the other goes to its end, unless the disk refuses.
            if stopping && (result.is_err() || self.queue().waiting.is_empty()) {
                return;
            }
        }
    }

    /// Sleeps for one interval, or until stopped, and takes what may go after the sync that follows.
    fn wait(&self, interval: Duration) -> (Batch, bool) {
        let queue = self.queue();
        let (mut queue, _) = self
            .shared
            .wake
            .wait_timeout_while(queue, interval, |queue| !queue.stopping)
            .unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut queue.waiting), queue.stopping)
    }

    /// Syncs if there is need, then removes the batch. What cannot be removed is tried again in the next turn.
    fn turn(&self, batch: Batch, disks: &Disks) -> io::Result<()> {
        self.measure(disks);
        let is_empty = batch.is_empty();
        if !self.shared.dirty.swap(false, Ordering::Relaxed) && is_empty {
            return Ok(());
        }
        let spool = disks.sync_spool();
        let durable = spool.is_ok();
        if durable {
            fault::point("sync");
        }
        let (packed, spool) = remove_after(spool, batch.packed);
        let (delivered, others) = match durable {
            true => remove_after(disks.sync_others(), batch.delivered),
            false => (batch.delivered, Ok(())),
        };
        let mut queue = self.queue();
        queue.waiting.packed.extend(packed);
        queue.waiting.delivered.extend(delivered);
        drop(queue);
        if !is_empty {
            self.shared.turns.fetch_add(1, Ordering::Release);
            self.watchers().iter().for_each(Thread::unpark);
        }
        spool.and(others).inspect_err(|_| self.touch())
    }

    fn measure(&self, disks: &Disks) {
        // A file system that cannot say how full it is keeps its last word: sessions are not refused on a guess.
        if let Ok(free) = disks.free_bytes() {
            self.shared.free.store(free, Ordering::Relaxed);
        }
    }
}

/// Removes of each dump the first file that is there, if the sync before it has worked. Returns those that are left, and
/// the last error.
fn remove_after(synced: io::Result<()>, dumps: Vec<Vec<PathBuf>>) -> (Vec<Vec<PathBuf>>, io::Result<()>) {
    if synced.is_err() {
        return (dumps, synced);
    }
    let (mut left, mut result) = (Vec::new(), Ok(()));
    for mut files in dumps {
        // Were the unmasked file the one that stays, the next start would deliver the dump once more.
        let gone = remove_one(&files, &mut result);
        files.drain(..gone);
        if !files.is_empty() {
            left.push(files);
        }
    }
    (left, result)
}

/// Removes the first that is there; how many of them are gone.
fn remove_one(files: &[PathBuf], result: &mut io::Result<()>) -> usize {
    for (gone, file) in files.iter().enumerate() {
        match remove_if_there(file) {
            Ok(false) => {}
            Ok(true) => return gone + 1,
            Err(error) => {
                *result = Err(io::Error::new(error.kind(), format!("{}: {error}", file.display())));
                return gone;
            }
        }
    }
    files.len()
}

/// Removes a file that may be gone already.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    remove_if_there(file).map(drop)
}

/// True if it was there. Where its folder is not there either, the folder is away and may come back with the file.
fn remove_if_there(file: &Path) -> io::Result<bool> {
    let was_there = match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.parent().is_some_and(Path::is_dir) => false,
        removed => removed.map(|()| true)?,
    };
    fault::point("unlink");
    Ok(was_there)
}

/// The file systems that hold dumps and rows.
#[derive(Debug)]
pub struct Disks {
    spool: File,
    /// Opened anew for each sync: they may appear, or be mounted, while the server runs.
    others: Vec<PathBuf>,
}

impl Disks {
    fn sync_spool(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.spool)?)
    }

    /// The file systems that are not the spool's, each once.
    fn sync_others(&self) -> io::Result<()> {
        let mut synced = HashSet::from([self.spool.metadata()?.dev()]);
        for path in &self.others {
            sync_other(path, &mut synced)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
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
    fn files_go_after_a_sync_and_what_is_gone_already_is_no_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("old");
        fs::write(&file, b"x").unwrap();
        let (sync, thread) = Sync::start(Duration::from_millis(5), directory.path(), &[]).unwrap();
        sync.unlink_delivered(&[directory.path().join("never was"), file.clone()]);
        wait_for(|| !file.exists());
        assert!(sync.free_bytes() > 0);
        sync.stop();
        thread.join().unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_removed_does_not_keep_the_others() {
        let directory = tempfile::tempdir().unwrap();
        let (stuck, file) = (directory.path().join("stuck"), directory.path().join("old"));
        fs::create_dir(&stuck).unwrap();
        fs::write(&file, b"x").unwrap();
        let (sync, thread) = Sync::start(Duration::from_millis(5), directory.path(), &[]).unwrap();
        let behind = directory.path().join("behind");
        fs::write(&behind, b"x").unwrap();
        sync.unlink_delivered(&[stuck.clone(), behind.clone()]);
        sync.unlink_delivered(std::slice::from_ref(&file));
        wait_for(|| !file.exists());
        assert!(behind.exists(), "the files of one dump go in their order");
        fs::remove_dir(&stuck).unwrap();
        fs::write(&stuck, b"x").unwrap();
        wait_for(|| !stuck.exists() && !behind.exists());
        sync.stop();
        thread.join().unwrap();
    }

    #[test]
    fn what_is_packed_goes_while_a_destination_is_away() {
        let directory = tempfile::tempdir().unwrap();
        let [blocked, packed, delivered] = ["blocked", "packed", "delivered"].map(|name| directory.path().join(name));
        for file in [&blocked, &packed, &delivered] {
            fs::write(file, b"x").unwrap();
        }
        let away = blocked.join("dumps");
        let (sync, thread) = Sync::start(Duration::from_millis(5), directory.path(), &[away]).unwrap();
        sync.unlink_delivered(std::slice::from_ref(&delivered));
        sync.unlink_packed(packed.clone());
        wait_for(|| !packed.exists());
        assert!(delivered.exists());
        fs::remove_file(&blocked).unwrap();
        wait_for(|| !delivered.exists());
        sync.stop();
        thread.join().unwrap();
    }

    #[test]
    fn stopping_syncs_and_removes_what_waits() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("old");
        fs::write(&file, b"x").unwrap();
        let (sync, thread) = Sync::start(Duration::from_secs(3600), directory.path(), &[]).unwrap();
        sync.unlink_delivered(std::slice::from_ref(&file));
        assert!(file.exists());
        sync.stop();
        thread.join().unwrap();
        assert!(!file.exists());
    }
}
