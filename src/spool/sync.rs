//! When may what be removed: one thread that makes the spool durable about once a second while there is need.
//!
//! A file goes only after a sync that began after its successor was written, so a power cut never finds both gone.
//! There is no fsync per dump: one syncfs covers every session. The thread says what it has removed, and watches the
//! free space, so that the loop thread never asks the file system anything. Limits: none of its own; whoever has files
//! removed bounds how many wait. What cannot be removed now is tried again, and said once.

mod disks;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::files::{Instance, Kind};
use crate::fault::{self, Broken};
use crate::id::Id;

pub use disks::Disks;

/// A handle on the sync thread; clones share it.
#[derive(Clone, Debug)]
pub struct Sync {
    shared: Arc<Shared>,
}

/// What the thread has done for a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    pub id: Id,
    pub removal: Removal,
}

/// Which files of a dump are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The unmasked file of a packed dump; a sync of the spool behind packing came before.
    Replaced,
    /// All files that `remove_delivered` was given.
    Delivered,
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
    waiting: Batch,
    stopping: bool,
}

/// What goes after the next sync, in this order.
#[derive(Debug, Default)]
struct Batch {
    /// Their successors lie in the spool.
    replaced: Vec<Leaving>,
    /// Their successors lie with the destinations.
    delivered: Vec<Leaving>,
}

/// Files of one dump, of which the first goes next.
#[derive(Clone, Copy, Debug)]
struct Leaving {
    id: Id,
    kinds: &'static [Kind],
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.delivered.is_empty()
    }
}

impl Sync {
    /// Starts the thread. The file systems of `instance`, whose free space is watched, and of `directories` are synced,
    /// each once. A directory that does not exist yet has nothing to sync. `report` is called on the thread with what a
    /// turn has removed, if that is anything.
    ///
    /// # Errors
    /// The instance cannot be opened, or no thread can be started.
    pub fn start(
        interval: Duration,
        instance: &Instance,
        directories: &[PathBuf],
        report: impl Fn(&[Removed]) + Send + 'static,
    ) -> io::Result<(Sync, JoinHandle<()>)> {
        let (sync, disks) = Sync::new(instance, directories)?;
        let thread = sync.clone();
        let handle = std::thread::Builder::new()
            .name("sync".into())
            .spawn(move || thread.run(interval, &disks, &report))?;
        Ok((sync, handle))
    }

    fn new(instance: &Instance, directories: &[PathBuf]) -> io::Result<(Sync, Disks)> {
        let disks = Disks::open(instance, directories)?;
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
    pub fn without_thread(instance: &Instance, directories: &[PathBuf]) -> io::Result<(Sync, Disks)> {
        Sync::new(instance, directories)
    }

    /// One turn of the thread that `without_thread` did not start.
    #[cfg(feature = "fault-points")]
    pub fn take_turn(&self, disks: &Disks, report: &dyn Fn(&[Removed])) -> io::Result<()> {
        let batch = std::mem::take(&mut self.queue().waiting);
        self.turn(batch, disks, report)
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
    pub fn remove_delivered(&self, id: Id, kinds: &'static [Kind]) {
        self.queue().waiting.delivered.push(Leaving { id, kinds });
    }

    /// Removes the unmasked file of a packed dump after a sync of the spool that begins after this call. It waits for
    /// no other file system: what is in the clear must not stay because a destination is away.
    pub fn remove_replaced(&self, id: Id, kind: Kind) {
        let kinds = match kind {
            Kind::Recording => &[Kind::Recording],
            _ => &[Kind::Ready],
        };
        self.queue().waiting.replaced.push(Leaving { id, kinds });
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

    fn run(&self, interval: Duration, disks: &Disks, report: &dyn Fn(&[Removed])) {
        let mut healthy = true;
        loop {
            let (batch, stopping) = self.wait(interval);
            let result = self.turn(batch, disks, report);
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
    fn turn(&self, batch: Batch, disks: &Disks, report: &dyn Fn(&[Removed])) -> io::Result<()> {
        self.measure(disks);
        if !self.shared.dirty.swap(false, Ordering::Relaxed) && batch.is_empty() {
            return Ok(());
        }
        let mut turn = Turn::new(&disks.instance);
        let mut left = Batch::default();
        let spool = match fault::is_broken(Broken::UnlinksUnsynced) {
            true => Ok(()),
            false => disks.sync_spool().inspect(|()| fault::point("sync")),
        };
        let durable = spool.is_ok();
        left.replaced = turn.remove_after(spool, batch.replaced, Removal::Replaced);
        left.delivered = match durable {
            true => turn.remove_after(disks.sync_others(), batch.delivered, Removal::Delivered),
            false => batch.delivered,
        };
        let Turn { removed, result, .. } = turn;
        if !left.is_empty() {
            let mut queue = self.queue();
            queue.waiting.replaced.extend(left.replaced);
            queue.waiting.delivered.extend(left.delivered);
        }
        if !removed.is_empty() {
            report(&removed);
        }
        result.inspect_err(|_| self.touch())
    }

    fn measure(&self, disks: &Disks) {
        // A file system that cannot say how full it is keeps its last word: sessions are not refused on a guess.
        if let Ok(free) = disks.free_bytes() {
            self.shared.free.store(free, Ordering::Relaxed);
        }
    }
}

/// What comes of the removals of one turn.
struct Turn<'a> {
    instance: &'a Instance,
    removed: Vec<Removed>,
    /// The first error.
    result: io::Result<()>,
}

impl<'a> Turn<'a> {
    fn new(instance: &'a Instance) -> Turn<'a> {
        Turn {
            instance,
            removed: Vec::new(),
            result: Ok(()),
        }
    }

    /// Removes of each dump the first file that is there, if the sync before it has worked. Returns what is left.
    fn remove_after(&mut self, synced: io::Result<()>, dumps: Vec<Leaving>, removal: Removal) -> Vec<Leaving> {
        if let Err(error) = synced {
            self.fail(error);
            return dumps;
        }
        let left = |leaving: Leaving| {
            // Were the unmasked file the one that stays, the next start would deliver the dump once more.
            let kinds = &leaving.kinds[self.remove_one(leaving)..];
            let id = leaving.id;
            if kinds.is_empty() {
                self.removed.push(Removed { id, removal });
            }
            (!kinds.is_empty()).then_some(Leaving { id, kinds })
        };
        dumps.into_iter().filter_map(left).collect()
    }

    /// Removes the first that is there; how many of them are gone.
    fn remove_one(&mut self, Leaving { id, kinds }: Leaving) -> usize {
        for (gone, kind) in kinds.iter().enumerate() {
            match self.instance.remove(*kind, id) {
                Ok(false) => {}
                Ok(true) => return gone + 1,
                Err(error) => {
                    let file = self.instance.path(*kind, id);
                    self.fail(io::Error::new(error.kind(), format!("{}: {error}", file.display())));
                    return gone;
                }
            }
        }
        kinds.len()
    }

    fn fail(&mut self, error: io::Error) {
        if self.result.is_ok() {
            self.result = Err(error);
        }
    }
}

#[cfg(test)]
mod tests;
