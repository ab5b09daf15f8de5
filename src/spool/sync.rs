//! When files may be removed: one thread makes the spool durable about once a second, while there is something to sync.
//!
//! A file is removed only after a sync that began after its successor was written, so that a power cut never takes
//! both. There is no fsync per dump: one syncfs covers every session. The thread reports what it has removed. It also
//! watches the free space and the folder of recordings, so that the loop thread never has to ask the file system.
//! Limits: none here; the callers who have files removed bound how many wait. What cannot be removed at the moment is
//! tried again, and logged once.
//!
//! A sync that fails says that something was lost which was written since the last one, but not what, and Linux says it
//! once (fsync(2)): a later sync that works covers only what is written then. So everything that was to be removed then
//! stays, and is reported as unsafe: whoever wrote its successors has to write them again. For this, each removal
//! carries the number of failures that were known when its successors began to be written. Processes that come later
//! are told as well (`noted`).

mod disks;
mod noted;
mod turn;
mod unsafe_lines;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rustix::io::Errno;

use super::files::{Instance, Kind};
use crate::fault::{self, Broken};
use crate::id::Id;
use crate::limits::SLOW_CALL_S_MAX;

pub use disks::Disks;
use disks::NotSynced;
use turn::{Leaving, Turn};
pub use turn::{Removal, Removed};
use unsafe_lines::tell_unsafe_lines;

/// A handle to the sync thread; clones share the thread.
#[derive(Clone, Debug)]
pub struct Sync {
    shared: Arc<Shared>,
}

/// How many syncs have failed, and whether the last one has. What failed in earlier processes since the machine was
/// started counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    pub failures: u64,
    pub is_failing: bool,
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
    /// The errno of the folder of recordings if none could be begun there, else 0.
    shut: AtomicI32,
    /// `Health`: twice the failures, and one more while syncs fail.
    health: AtomicU64,
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
        let handle = std::thread::Builder::new().name("sync".into()).spawn(move || {
            disks.open_others();
            thread.run(interval, &disks, &report);
        })?;
        Ok((sync, handle))
    }

    fn new(instance: &Instance, directories: &[PathBuf]) -> io::Result<(Sync, Disks)> {
        let disks = Disks::open(instance, directories)?;
        let has_failed = noted::is_noted(instance.spool());
        if has_failed {
            log::warn!("a sync failed before this start: what may be lost of it is written anew");
        }
        let shared = Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            dirty: AtomicBool::new(false),
            free: AtomicU64::new(disks.free_bytes().unwrap_or_else(|error| {
                log::warn!("{error}; until it is known, sessions are accepted");
                u64::MAX
            })),
            shut: AtomicI32::new(0),
            health: AtomicU64::new(2 * u64::from(has_failed)),
            present: Mutex::default(),
        };
        let shared = Arc::new(shared);
        let sync = Sync { shared };
        sync.measure(&disks);
        Ok((sync, disks))
    }

    /// Like `start`, but without the thread: the simulation takes its turns itself. So a crash can come between any two
    /// removals, and no thread outlives the crash.
    #[cfg(feature = "fault-points")]
    pub fn without_thread(instance: &Instance, directories: &[PathBuf]) -> io::Result<(Sync, Disks)> {
        let (sync, disks) = Sync::new(instance, directories)?;
        disks.open_others();
        Ok((sync, disks))
    }

    /// One turn of the thread that `without_thread` did not start. If there is a sync in it, that `fails`.
    #[cfg(feature = "fault-points")]
    pub fn take_turn(
        &self,
        disks: &Disks,
        report: &dyn Fn(&[Removed]),
        fails: Option<&dyn Fn() -> io::Error>,
    ) -> io::Result<()> {
        let batch = std::mem::take(&mut self.queue().waiting);
        let sync = || fails.map_or_else(|| disks.sync_spool(), |error| Err(error()));
        self.turn(batch, disks, &sync, report)
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
    ///
    /// `failures` are those of [`Sync::health`] from before the object and the row were written. If a sync has failed
    /// since, nothing is removed.
    pub fn remove_delivered(&self, id: Id, kinds: &'static [Kind], failures: u64) {
        self.queue().waiting.delivered.push(Leaving {
            id,
            kinds,
            whole: kinds.len(),
            failures,
        });
    }

    /// Removes the unmasked file of a packed dump after a sync of the spool that begins after this call. It waits for
    /// no other file system: an unmasked file must not stay because a destination cannot be reached.
    /// `failures` as for `remove_delivered`, from before it was packed.
    pub fn remove_replaced(&self, id: Id, kind: Kind, failures: u64) {
        let kinds = match kind {
            Kind::Recording => &[Kind::Recording],
            _ => &[Kind::Ready],
        };
        self.queue().waiting.replaced.push(Leaving {
            id,
            kinds,
            whole: kinds.len(),
            failures,
        });
    }

    /// How syncs have ended so far.
    pub fn health(&self) -> Health {
        let value = self.shared.health.load(Ordering::SeqCst);
        Health {
            failures: value / 2,
            is_failing: value % 2 == 1,
        }
    }

    /// A sync has failed. Those who come later on this kernel are told, too.
    fn note_failure(&self, instance: &Instance) {
        self.note_health(true);
        noted::note(instance.spool());
    }

    /// A sync has worked, or has failed.
    fn note_health(&self, is_failing: bool) {
        let Health { failures, .. } = self.health();
        let value = match is_failing {
            true => 2 * (failures + 1) + 1,
            false => 2 * failures,
        };
        self.shared.health.store(value, Ordering::SeqCst);
    }

    /// Free bytes for this user on the spool's file system, as of one interval ago at most.
    pub fn free_bytes(&self) -> u64 {
        self.shared.free.load(Ordering::Relaxed)
    }

    /// Whether a recording could be begun, as of one interval ago at most.
    ///
    /// # Errors
    /// Why not: the folder is gone, or may not be written.
    pub fn takes_recordings(&self) -> io::Result<()> {
        match self.shared.shut.load(Ordering::Relaxed) {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
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
        // The begin of the last sync that has worked.
        let mut good = SystemTime::now();
        loop {
            let (batch, stopping) = self.wait(interval);
            self.note_present().under_way = Some(Instant::now());
            let (before, begin) = (self.health(), SystemTime::now());
            let result = self.turn(batch, disks, &|| disks.sync_spool(), report);
            self.note(&result);
            match self.health() {
                health if !health.is_failing => good = begin,
                _ if !before.is_failing => tell_unsafe_lines(&disks.instance, good),
                _ => {}
            }
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
    fn turn(
        &self,
        batch: Batch,
        disks: &Disks,
        sync_spool: &dyn Fn() -> io::Result<()>,
        report: &dyn Fn(&[Removed]),
    ) -> io::Result<()> {
        self.measure(disks);
        if !self.shared.dirty.swap(false, Ordering::Relaxed) && batch.is_empty() {
            return Ok(());
        }
        let mut turn = Turn::new(&disks.instance);
        let mut left = Batch::default();
        let known = self.health().failures;
        let spool = match fault::is_broken(Broken::UnlinksUnsynced) {
            true => Ok(()),
            false => sync_spool().inspect(|()| fault::point("sync")),
        };
        match spool {
            Ok(()) => {
                left.replaced = turn.remove(known, batch.replaced, Removal::Replaced);
                match disks.sync_others() {
                    Ok(()) => {
                        self.note_health(false);
                        left.delivered = turn.remove(known, batch.delivered, Removal::Delivered);
                    }
                    // Nothing was asked of a disk that is not there, so nothing has failed.
                    Err(NotSynced::Unreached(error)) => {
                        turn.fail(error);
                        left.delivered = batch.delivered;
                    }
                    Err(NotSynced::Failed(error)) => {
                        self.note_failure(&disks.instance);
                        turn.fail(error);
                        left.delivered = turn.distrust(batch.delivered, Removal::Undelivered);
                    }
                }
            }
            Err(error) => {
                self.note_failure(&disks.instance);
                turn.fail(error);
                left.replaced = turn.distrust(batch.replaced, Removal::Unpacked);
                left.delivered = turn.distrust(batch.delivered, Removal::Undelivered);
            }
        }
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
        let shut = disks.takes_recordings().err();
        let errno = shut.map_or(0, |error| error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()));
        self.shared.shut.store(errno, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
