//! Reports of the sync thread to the hands: whose files it has removed. No report is lost, although the sync thread is
//! started before the hands.
//!
//! Limits: one report for each removal that the sync thread was told to make.
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bell::Bell;
use crate::spool::Removed;

/// Reports that nobody has read yet. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Removals {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    removed: Vec<Removed>,
    /// The bell of those who read the reports, once they are started.
    bell: Option<Bell>,
}

impl Removals {
    /// The function that `Sync::start` is given.
    pub fn report(&self) -> impl Fn(&[Removed]) + Send + use<> {
        let removals = self.clone();
        move |removed| {
            let mut shared = removals.shared();
            shared.removed.extend_from_slice(removed);
            let bell = shared.bell.clone();
            drop(shared);
            if let Some(bell) = bell {
                bell.ring();
            }
        }
    }

    /// All reports since the last call.
    pub(super) fn take(&self) -> Vec<Removed> {
        mem::take(&mut self.shared().removed)
    }

    /// From now on rings for those who read the reports.
    pub(super) fn ring(&self, bell: &Bell) {
        self.shared().bell = Some(bell.clone());
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Every holder leaves a valid state at each step, so a panic elsewhere does no harm.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
