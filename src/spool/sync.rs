//! When files may be removed: one thread makes the spool durable about once a second, while there is something to sync.
//!
//! A file is removed only after a sync that began after its successor was written, so that a power cut never takes
//! both. There is no fsync per dump: one syncfs covers every session. The thread reports what it has removed. It also
//! watches the free space, so that the loop thread never has to ask the file system for it. Limits: none here; the
//! callers who have files removed bound how many wait. What cannot be removed at the moment is tried again, and logged
//! once.

mod disks;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::files::{Instance, Kind};
use crate::fault::{self, Broken};
use crate::id::Id;
use crate::limits::SLOW_CALL_S_MAX;

pub use disks::Disks;

/// A handle to the sync thread; clones share the thread.
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
    /// The unmasked file of a packed dump. The spool was synced after the packing and before this removal.
    Replaced,
    /// All files that `remove_delivered` was given.
    Delivered,
}

/// What the thread is doing.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// Since when a sync has been under way.
    pub under_way: Option<Instant>,
    /// Why the last turn failed, and since when turns have been failing.
    pub failure: Option<(String, Instant)>,
}

impl Present {
    /// Since when a sync has been under way that takes too long.
    pub fn slow_since(&self, now: Instant) -> Option<Instant> {
        let is_slow = |since: &Instant| now.saturating_duration_since(*since).as_secs() >= SLOW_CALL_S_MAX;
        self.under_way.filter(is_slow)
    }
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    dirty: AtomicBool,
    free: AtomicU64,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Batch,
    stopping: bool,
}

/// What is to be removed after the next sync, in this order.
#[derive(Debug, Default)]
struct Batch {
    /// Files whose successors lie in the spool.
    replaced: Vec<Leaving>,
    /// Files whose successors lie with the destinations.
    delivered: Vec<Leaving>,
}

/// Files of one dump; the first one is removed next.
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
    /// Starts the thread. It watches the free space of `instance`, and syncs the file systems of `instance` and of
    /// `directories`, each once. A directory that does not exist yet has nothing to sync. The thread calls `report`
    /// with what a turn has removed, if it has removed anything.
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
            free: AtomicU64::new(disks.free_bytes().unwrap_or_else(|error| {
                log::warn!("{error}; until it is known, sessions are accepted");
                u64::MAX
            })),
            present: Mutex::default(),
        };
        let shared = Arc::new(shared);
        Ok((Sync { shared }, disks))
    }

    /// Like `start`, but without the thread: the simulation takes its turns itself. So a crash can come between any two
    /// removals, and no thread outlives the crash.
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

    /// Notes that data was written, which must be safe against a power cut within one interval. To be called after the
    /// write: a sync that begins before the write has ended would not cover it.
    pub fn touch(&self) {
        self.shared.dirty.store(true, Ordering::Relaxed);
    }

    /// Removes the files of a delivered dump in the order in which they are named, after a sync of all file systems
    /// that begins after this call. While one file cannot be removed, the next ones stay. Each is removed only after a
    /// sync that has made the removal before it durable: a power cut may undo any removal that is not, and could so
    /// leave a packed dump whose manifest is gone, which nobody could tell from a damaged dump.
    pub fn remove_delivered(&self, id: Id, kinds: &'static [Kind]) {
        self.queue().waiting.delivered.push(Leaving { id, kinds });
    }

    /// Removes the unmasked file of a packed dump after a sync of the spool that begins after this call. It waits for
    /// no other file system: an unmasked file must not stay because a destination cannot be reached.
    pub fn remove_replaced(&self, id: Id, kind: Kind) {
        let kinds = match kind {
            Kind::Recording => &[Kind::Recording],
            _ => &[Kind::Ready],
        };
        self.queue().waiting.replaced.push(Leaving { id, kinds });
    }

    /// Free bytes for this user on the spool's file system, as of one interval ago at most.
    pub fn free_bytes(&self) -> u64 {
        self.shared.free.load(Ordering::Relaxed)
    }

    /// Lets the thread end after one last sync. Joining the thread waits for that.
    pub fn stop(&self) {
        self.queue().stopping = true;
        self.shared.wake.notify_all();
    }

    /// What the thread is doing at the moment.
    pub fn present(&self) -> Present {
        self.note_present().clone()
    }

    /// Notes how a turn has ended, and tells it when that is something new.
    fn note(&self, result: &io::Result<()>) {
        let mut present = self.note_present();
        present.under_way = None;
        let before = present.failure.take();
        match (result, before) {
            (Ok(()), None) => {}
            (Ok(()), Some((_, since))) => {
                let seconds = since.elapsed().as_secs();
                log::info!("the disks are synced again after {seconds} s");
            }
            (Err(error), before) => {
                let text = format!("the disks cannot be synced, or files in the spool not removed: {error}");
                let is_new = before.as_ref().is_none_or(|(told, _)| *told != text);
                let since = before.filter(|_| !is_new).map_or_else(Instant::now, |(_, since)| since);
                if is_new {
                    log::error!("{text}");
                }
                present.failure = Some((text, since));
            }
        }
    }

    fn note_present(&self) -> MutexGuard<'_, Present> {
        self.shared.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Every thread that takes this lock leaves the queue consistent at each step, so a panic elsewhere does no harm
        // to it.
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, interval: Duration, disks: &Disks, report: &dyn Fn(&[Removed])) {
        loop {
            let (batch, stopping) = self.wait(interval);
            self.note_present().under_way = Some(Instant::now());
            let result = self.turn(batch, disks, report);
            self.note(&result);
            // Removals that follow each other are completed, unless the disk refuses one.
            if stopping && (result.is_err() || self.queue().waiting.is_empty()) {
                return;
            }
        }
    }

    /// Sleeps for one interval, or until stopped, and takes what may be removed after the sync that follows.
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
        // If a file system cannot say how full it is, its last answer stays valid: sessions are not refused because of
        // a guess.
        if let Ok(free) = disks.free_bytes() {
            self.shared.free.store(free, Ordering::Relaxed);
        }
    }
}

/// The results of the removals of one turn.
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

    /// Removes the first file of each dump that exists, if the sync before it has worked. Returns what is left.
    fn remove_after(&mut self, synced: io::Result<()>, dumps: Vec<Leaving>, removal: Removal) -> Vec<Leaving> {
        if let Err(error) = synced {
            self.fail(error);
            return dumps;
        }
        let left = |leaving: Leaving| {
            // If the unmasked file were the one that stays, the next start would deliver the dump once more.
            let kinds = &leaving.kinds[self.remove_one(leaving)..];
            let id = leaving.id;
            if kinds.is_empty() {
                self.removed.push(Removed { id, removal });
            }
            (!kinds.is_empty()).then_some(Leaving { id, kinds })
        };
        dumps.into_iter().filter_map(left).collect()
    }

    /// Removes the first file that exists; returns how many of the named ones are gone now.
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
