//! The values of the calls that were looked at last, for pages that have not all of them.
//!
//! They stand in memory and in files without names, as they were collected when the page was made, so a part of them is
//! there without reading the dump again. Of a call that is not among them the dump is read anew, one at a time; who
//! comes meanwhile is asked to come again. Limits: `SITE_KEPT_MAX` calls.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::limits::SITE_KEPT_MAX;
use crate::view::Whole;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Shelf {
    /// By the URL of the object; the one that was used last is at the end.
    calls: Mutex<Vec<(String, Values)>>,
    reading: Mutex<()>,
}

/// All values of one call.
pub type Values = Arc<Mutex<Whole>>;

impl Shelf {
    pub fn put(&self, url: &str, whole: Whole) -> Values {
        let values = Arc::new(Mutex::new(whole));
        let mut calls = locked(&self.calls);
        calls.retain(|(own, _)| own != url);
        calls.push((url.to_owned(), Arc::clone(&values)));
        let surplus = calls.len().saturating_sub(SITE_KEPT_MAX);
        calls.drain(..surplus);
        values
    }

    pub fn get(&self, url: &str) -> Option<Values> {
        let mut calls = locked(&self.calls);
        let at = calls.iter().position(|(own, _)| own == url)?;
        calls[at..].rotate_left(1);
        calls.last().map(|(_, values)| Arc::clone(values))
    }

    /// The right to read a dump for its values. `None` while someone else does.
    pub fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.reading.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Nothing is left half-done by a thread that panics.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
