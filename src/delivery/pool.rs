//! The pool of workers, seen from outside: start, submit, stop.
//!
//! The loop thread only ever calls `submit`, which takes no lock: it puts the id into a bounded channel and unparks the
//! workers. Never here: what a worker does. Limits: `NOTICES_IDS_MAX`. Failures: only a thread that cannot be started.
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::deliver::Parts;
use super::removals::Removals;
use super::tempo::Tempo;
use super::worker::Shared;
use crate::database::Database;
use crate::limits::NOTICES_IDS_MAX;
use crate::retention::Retention;
use crate::spool::{Id, PackOptions, Place, Sync};
use crate::storage::Storage;

/// What a pool is started with.
pub struct Options {
    /// At least one.
    pub workers: usize,
    pub place: Arc<Place>,
    /// The recordings that were there before this process recorded anything; sealed before anything is delivered.
    pub orphans: Vec<Id>,
    pub pack: PackOptions,
    pub storage: Storage,
    pub database: Database,
    pub sync: Sync,
    /// The one whose report `sync` was started with.
    pub removals: Removals,
    pub tempo: Tempo,
    pub retention: Retention,
}

/// A running pool.
pub struct Delivery {
    shared: Arc<Shared>,
    notices: SyncSender<Id>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    /// Disconnected when the last worker has ended.
    ended: Mutex<Receiver<()>>,
}

impl Delivery {
    /// Starts the threads; one of them recovers the spool first, and nothing is delivered before that has succeeded.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(options: Options) -> io::Result<Delivery> {
        let (notices, receiver) = mpsc::sync_channel(NOTICES_IDS_MAX);
        let (alive, ended) = mpsc::channel();
        let Options {
            workers,
            place,
            orphans,
            pack,
            storage,
            database,
            sync,
            removals,
            tempo,
            retention,
        } = options;
        let sweeps = !retention.is_off() && storage.has_local();
        let parts = Parts {
            place,
            pack,
            storage,
            database,
            sync,
        };
        let shared = Arc::new(Shared::new(parts, removals, tempo, orphans, receiver));
        let mut handles = Vec::new();
        for number in 0..workers.max(1) {
            let (shared, alive) = (Arc::clone(&shared), alive.clone());
            let thread = thread::Builder::new().name(format!("deliver-{number}"));
            handles.push(thread.spawn(move || {
                shared.work();
                drop(alive);
            })?);
        }
        if sweeps {
            let (shared, alive) = (Arc::clone(&shared), alive.clone());
            let thread = thread::Builder::new().name("retention".to_owned());
            handles.push(thread.spawn(move || {
                shared.sweep(retention);
                drop(alive);
            })?);
        }
        shared.started(handles.iter().map(|handle| handle.thread().clone()).collect());
        Ok(Delivery {
            shared,
            notices,
            workers: Mutex::new(handles),
            ended: Mutex::new(ended),
        })
    }

    /// Says that a dump is in ready. Never blocks; a notice that finds no room is dropped, and the dump is found on
    /// disk when the window has run empty.
    pub fn submit(&self, id: Id) {
        if self.notices.try_send(id).is_err() {
            self.shared.missed_notice();
        }
        self.shared.wake();
    }

    /// Lets the steps under way end, for at most `limit`, and starts no others. Returns how many dumps wait on disk.
    ///
    /// A worker that hangs longer is left behind; whatever it does then may be repeated by the next process.
    pub fn stop(&self, limit: Duration) -> usize {
        let deadline = Instant::now() + limit;
        self.shared.stop();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let left = deadline.saturating_duration_since(Instant::now());
        if ended.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
            log::warn!("a delivery is still under way and is left to the next start");
        } else {
            let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
            // Workers contain panics, so there is nothing to learn from the results.
            workers.drain(..).for_each(|worker| drop(worker.join()));
        }
        self.shared.count_on_disk()
    }
}

#[cfg(test)]
mod tests;
