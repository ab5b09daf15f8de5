//! Keeps manifests between two steps of their dumps, so that the next step need not read them again.
//!
//! This only saves time: a manifest that is not here is read from disk. Limits: `MANIFESTS_KEPT_MAX`; a manifest for
//! which there is no room is not kept.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits::MANIFESTS_KEPT_MAX;
use crate::spool::{Id, Manifest};

/// See the head comment.
#[derive(Debug, Default)]
pub struct Shelf {
    manifests: Mutex<HashMap<Id, Manifest>>,
}

impl Shelf {
    /// Keeps the manifest if there is room.
    pub fn put(&self, manifest: Manifest) {
        let mut manifests = self.manifests();
        if manifests.len() < MANIFESTS_KEPT_MAX || manifests.contains_key(&manifest.id) {
            manifests.insert(manifest.id, manifest);
        }
    }

    pub fn take(&self, id: Id) -> Option<Manifest> {
        self.manifests().remove(&id)
    }

    fn manifests(&self) -> MutexGuard<'_, HashMap<Id, Manifest>> {
        // Each call changes one entry, so a panic elsewhere does no harm.
        self.manifests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Labels;
    use crate::time::UnixMs;

    fn manifest(id: Id, end: u64) -> Manifest {
        Manifest {
            id,
            key: String::new(),
            labels: Labels::default(),
            metadata: serde_json::json!({}),
            start: UnixMs(0),
            end: UnixMs(end),
            upload: None,
            stored: None,
            object_crc32: None,
            features: None,
        }
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
