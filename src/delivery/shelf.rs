//! Manifests between two steps of their dumps, so that the next step need not read them again.
//!
//! Only a convenience: what is not here is read from disk. Limits: `MANIFESTS_KEPT_MAX`; a dump that finds no room is
//! read.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits::MANIFESTS_KEPT_MAX;
use crate::spool::{Id, Manifest};

/// A manifest, and where its dump comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub manifest: Manifest,
    pub origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Packed by this process: when it is stored, a sync has seen the end of its unmasked file.
    Packed,
    /// It lay there, and other files of it may.
    Found,
}

/// See the head comment.
#[derive(Debug, Default)]
pub struct Shelf {
    manifests: Mutex<HashMap<Id, Kept>>,
}

impl Shelf {
    /// Keeps it, if there is room.
    pub fn put(&self, kept: Kept) {
        let mut manifests = self.manifests();
        let id = kept.manifest.id;
        if manifests.len() < MANIFESTS_KEPT_MAX || manifests.contains_key(&id) {
            manifests.insert(id, kept);
        }
    }

    pub fn take(&self, id: Id) -> Option<Kept> {
        self.manifests().remove(&id)
    }

    fn manifests(&self) -> MutexGuard<'_, HashMap<Id, Kept>> {
        // One call changes one entry, so a panic elsewhere does not spoil it.
        self.manifests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Labels;
    use crate::time::UnixMs;

    fn manifest(id: Id, end: u64) -> Kept {
        let manifest = Manifest {
            id,
            key: String::new(),
            labels: Labels::default(),
            metadata: serde_json::json!({}),
            start: UnixMs(0),
            end: UnixMs(end),
            upload: None,
            stored: None,
            object_crc32: None,
        };
        let origin = Origin::Found;
        Kept { manifest, origin }
    }

    #[test]
    fn holds_no_more_than_it_may_and_gives_each_once() {
        let (shelf, id) = (Shelf::default(), Id::new());
        shelf.put(manifest(id, 1));
        (0..2 * MANIFESTS_KEPT_MAX).for_each(|_| shelf.put(manifest(Id::new(), 1)));
        assert_eq!(shelf.manifests().len(), MANIFESTS_KEPT_MAX);
        shelf.put(manifest(id, 2));
        assert_eq!(shelf.take(id), Some(manifest(id, 2)), "it had its place");
        assert_eq!(shelf.take(id), None);
    }
}
