//! What has to be written once more because a sync has failed: dumps that are packed, and the database.
//!
//! Nothing here writes. After a crash nothing of this is needed: every packed dump beside its lines is written anew
//! then (`spool::successor`), and that a sync has failed is noted for the next process (`spool::sync`). Limits: a dump
//! for each removal that waited for the sync.
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::id::Id;

/// See the head comment.
#[derive(Debug, Default)]
pub struct Suspects {
    /// Their packed files may be lost.
    packed: Mutex<HashSet<Id>>,
    /// The failures that were known when the database was opened anew.
    renewed: Mutex<u64>,
}

impl Suspects {
    pub fn add(&self, id: Id) {
        self.packed().insert(id);
    }

    /// Whether the dump is to be packed once more.
    pub fn has(&self, id: Id) -> bool {
        self.packed().contains(&id)
    }

    /// The dump is packed once more, or is no longer here.
    pub fn clear(&self, id: Id) {
        self.packed().remove(&id);
    }

    /// Calls `renew` if a sync has failed since the last call that returned success.
    ///
    /// # Errors
    /// That of `renew`.
    pub fn renew<E>(&self, failures: u64, renew: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if *renewed < failures {
            renew()?;
            *renewed = failures;
        }
        Ok(())
    }

    fn packed(&self) -> MutexGuard<'_, HashSet<Id>> {
        // Each call changes one entry, so a panic elsewhere does no harm.
        self.packed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_renewed_once_for_each_failure_unless_that_fails() {
        let (suspects, calls) = (Suspects::default(), std::cell::Cell::new(0));
        let renew = |failures, result: Result<(), ()>| {
            suspects.renew(failures, || {
                calls.set(calls.get() + 1);
                result
            })
        };
        assert_eq!((renew(0, Ok(())), calls.get()), (Ok(()), 0));
        assert_eq!((renew(1, Err(())), calls.get()), (Err(()), 1));
        assert_eq!((renew(1, Ok(())), calls.get()), (Ok(()), 2));
        assert_eq!((renew(1, Ok(())), calls.get()), (Ok(()), 2));
        assert_eq!((renew(3, Ok(())), calls.get()), (Ok(()), 3));
    }

    #[test]
    fn a_dump_is_packed_once_more() {
        let (suspects, id) = (Suspects::default(), Id::new());
        assert!(!suspects.has(id));
        suspects.add(id);
        assert!(suspects.has(id) && !suspects.has(Id::new()));
        suspects.clear(id);
        assert!(!suspects.has(id));
    }
}
