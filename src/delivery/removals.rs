//! What the sync thread, which is started first, tells the hands: whose files it has removed. No report is lost.
//!
//! Limits: as many as the sync thread was told to remove.
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bell::Bell;
use crate::spool::Removed;

/// Reports that are not taken note of yet; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Removals {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    removed: Vec<Removed>,
    /// Of those who take note, once they are started.
    bell: Option<Bell>,
}

impl Removals {
    /// What `Sync::start` is given.
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

    /// All that have come since the last call.
    pub(super) fn take(&self) -> Vec<Removed> {
        mem::take(&mut self.shared().removed)
    }

    /// Rings for those who take note from now on.
    pub(super) fn ring(&self, bell: &Bell) {
        self.shared().bell = Some(bell.clone());
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Every holder leaves it whole at each step, so a panic elsewhere does not spoil it.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
