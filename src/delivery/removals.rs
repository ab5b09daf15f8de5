//! How the sync thread, which is started first, tells the workers that it has removed files.
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use crate::spool::Removed;

/// Counts the reports; clones share one count.
#[derive(Clone, Debug, Default)]
pub struct Removals {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    reports: AtomicU64,
    /// Whom to wake.
    watchers: Mutex<Vec<Thread>>,
}

impl Removals {
    /// What `Sync::start` is given.
    pub fn report(&self) -> impl Fn(&[Removed]) + Send + use<> {
        let removals = self.clone();
        move |_| {
            removals.shared.reports.fetch_add(1, Ordering::Release);
            removals.watchers().iter().for_each(Thread::unpark);
        }
    }

    /// Wakes these threads, and no others, from now on.
    pub(super) fn watch(&self, threads: Vec<Thread>) {
        *self.watchers() = threads;
    }

    fn watchers(&self) -> MutexGuard<'_, Vec<Thread>> {
        self.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes whenever files have been removed.
    pub(super) fn reports(&self) -> u64 {
        self.shared.reports.load(Ordering::Acquire)
    }
}
