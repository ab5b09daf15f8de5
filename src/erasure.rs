//! How a dump is erased for good, wherever it is at that moment.
//!
//! ```text
//!   command                                          delivery, of this or another process
//!
//!   1  lays tombstones and syncs them                looks for a tombstone before the put,
//!   2  searches the database                         before the row, and once behind its COMMIT;
//!   3  of each row: see below                        if there is one: see below, then the files,
//!   4  of what failed: object, then files            the tombstone before the manifest
//!   5  syncs, and lifts the tombstones of dumps
//!      that are nowhere in the spool any more
//!
//!   would the row go? ──yes──► object: is it gone? ──yes──► row: is it gone? ──yes──► erased
//!     (DELETE, ROLLBACK)          │                           │
//!          no                     no                          no
//!     nothing is touched     the row stays              the row stays
//!          └──────────────────────┴───────────────────────────┴──► told, and tried again
//! ```
//!
//! Nothing is missed: either the row is there at 2, or its COMMIT comes after 1, and delivery then meets the tombstone.
//! The object goes before its row, so that an interrupted erasure is found again by its row. No transaction is open
//! while the store is asked. A row that cannot go keeps its object, and an object that is kept (a version, a lock)
//! keeps its row: what cannot be erased is still found, and nothing counts as erased of which something is left. Both
//! sides use this file; the steps of delivery, with what they tell about destinations, stand in `delivery::record`. An
//! object outside the configured store is never touched. Limit: the entries of the spool are held in memory.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::database::{Database, DatabaseError, Found, RowRemoval};
use crate::disk;
use crate::fault;
use crate::id::Id;
use crate::spool::queue::{self, Entry};
use crate::spool::{DumpState, Manifest, Unsound, tombstone};
use crate::storage::{Removed, Storage, StorageError, Upload};

/// Why a row and its objects were not erased, or not all of them.
#[derive(Debug)]
pub enum RowError {
    /// An object could not be removed, or its URL leads outside the store. The row stays.
    Object {
        url: String,
        error: StorageError,
    },
    Database(DatabaseError),
    /// The row would not go, for this reason. Nothing was touched.
    Fixed(String),
    /// The objects are gone, and the row is still there, for this reason.
    Left(String),
}

/// What came of erasing what a row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    Now,
    /// Somebody else has erased it meanwhile.
    Before,
}

/// What was done about dumps in the spool.
#[derive(Debug, Default)]
pub struct Spooled {
    /// Those that are left to delivery, which meets their tombstones.
    pub left: HashSet<Id>,
    /// Dumps that had failed and could not be erased, with the reason.
    pub refused: Vec<(Id, String)>,
}

/// Erases the objects of a row, then the row, in the order that the head comment shows.
///
/// # Errors
/// See [`RowError`]; the erasure can be repeated.
pub fn erase_row(storage: &Storage, database: &Database, row: &Found) -> Result<Erased, RowError> {
    let told = |url: &String, error| RowError::Object {
        url: url.clone(),
        error,
    };
    let mut urls = Vec::new();
    for url in [&row.blob_url, &row.features_url].into_iter().flatten() {
        urls.push(url.clone());
        urls.extend(storage.features_url(url).map_err(|error| told(url, error))?);
    }
    urls.dedup();
    let reference = row.reference();
    if let RowRemoval::Kept(why) = database.would_remove(&reference).map_err(RowError::Database)? {
        return Err(RowError::Fixed(why));
    }
    let mut erased = Erased::Before;
    for url in &urls {
        let removed = storage.remove(url).map_err(|error| told(url, error))?;
        if removed == Removed::Now {
            erased = Erased::Now;
        }
        removed.or_kept().map_err(|error| told(url, error))?;
        fault::point("stored object erased");
    }
    match database.remove(&reference).map_err(RowError::Database)? {
        RowRemoval::Done => Ok(Erased::Now),
        RowRemoval::Absent => Ok(erased),
        RowRemoval::Kept(why) => Err(RowError::Left(why)),
    }
}

/// Removes dumps that had failed, except those that are `kept` because something of them that is stored could not go.
/// Of the others it removes only the tombstones that nobody needs any more.
///
/// # Errors
/// The disk's. Some may be erased; the erasure can be repeated.
pub fn erase_spooled(spool: &Path, ids: &[Id], kept: &HashSet<Id>, storage: &Storage) -> io::Result<Spooled> {
    let (mut done, mut over) = (Spooled::default(), Vec::new());
    let entries = list(spool)?;
    for id in ids {
        let (failed, waiting): (Vec<&Entry>, Vec<&Entry>) = entries
            .iter()
            .filter(|entry| entry.id == *id)
            .partition(|entry| entry.state == DumpState::Failed);
        if !failed.is_empty() && kept.contains(id) {
            continue;
        }
        if let Err(reason) = failed.iter().try_for_each(|entry| erase_object_of(entry, storage)) {
            done.refused.push((*id, reason));
            continue;
        }
        if !failed.is_empty() {
            queue::remove_failed(spool, *id)?;
        }
        if waiting.is_empty() {
            over.push(*id);
        } else {
            done.left.insert(*id);
        }
    }
    // A power cut could undo the removal of a dump but not that of its tombstone.
    if !over.is_empty() {
        disk::sync_whole(&File::open(spool)?, spool)?;
    }
    over.iter().try_for_each(|id| tombstone::lift(spool, *id))?;
    Ok(done)
}

/// All dumps in the spool. It is listed twice, and the second list adds what the first has missed: a process that takes
/// an instance over may move a dump from a folder that is still to be listed into one that was listed before.
///
/// # Errors
/// A folder cannot be read.
pub fn list(spool: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = queue::list(spool)?;
    let seen: HashSet<Id> = entries.iter().map(|entry| entry.id).collect();
    let again = queue::list(spool)?.into_iter();
    entries.extend(again.filter(|entry| !seen.contains(&entry.id)));
    Ok(entries)
}

/// Where the object of a packed dump is, if it was put. `None`: the store does not accept its key, so no object was
/// ever put under it.
pub fn object_url(storage: &Storage, manifest: &Manifest) -> Option<String> {
    manifest.stored.clone().or_else(|| storage.url(&manifest.key).ok())
}

/// Removes what a put of this dump may have left: the parts of an upload that was not ended, then the object.
///
/// # Errors
/// The store's, also that the object is still there, or those of noting that the upload is gone.
pub fn remove_object(storage: &Storage, key: &str, url: &str, upload: &mut Upload<'_>) -> Result<(), StorageError> {
    storage.abandon(key, upload)?;
    storage.remove(url)?.or_kept()
}

/// Removes the features of the dump whose object is, or was, at `url`. Nobody knows whether there are any: the row may
/// have been written before they were stored, or is not written yet.
///
/// # Errors
/// Those of [`remove_object`].
pub fn remove_features(storage: &Storage, url: &str) -> Result<(), StorageError> {
    let Some(url) = storage.features_url(url)? else {
        return Ok(());
    };
    storage.abandon_unnoted(&url)?;
    storage.remove(&url)?.or_kept()
}

/// A failed dump whose row was refused has an object in the store.
fn erase_object_of(failed: &Entry, storage: &Storage) -> Result<(), String> {
    let manifest = match failed.manifest() {
        Ok(Some(manifest)) => manifest,
        Err(Unsound::Unclear(error)) => return Err(format!("its manifest cannot be read: {error}")),
        // Nothing says where the object would be.
        Ok(None) | Err(_) => return Ok(()),
    };
    let Some(url) = object_url(storage, &manifest) else {
        return Ok(());
    };
    let mut upload = Upload {
        id: manifest.upload,
        note: &mut |_| Ok(()),
    };
    let removed = remove_object(storage, &manifest.key, &url, &mut upload);
    let removed = removed.and_then(|()| remove_features(storage, &url));
    removed.map_err(|error| error.to_string())
}
