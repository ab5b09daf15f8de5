//! Which file of a dump counts where both its lines and a packed dump are there, since an earlier process has ended
//! between packing and the sync.
//!
//! A power cut can leave the packed file's name without its content, so the name alone proves nothing. And what can be
//! read is not what is durable: a sync may have failed in that process, which the kernel told it alone. So the packed
//! dump is written anew before anything relies on it. The lines are removed by nobody but the sync thread. Errors are
//! for the operator to solve: a file cannot be looked at, written or removed. What cannot be read at the moment is
//! neither trusted nor given up.

use std::fs::File;
use std::io::{self, ErrorKind};

use super::features::PackedFeatures;
use super::files::Kind;
use super::packed::{Packed, Unsound};
use super::place::Place;
use super::sync::Sync;
use crate::disk;
use crate::fault::{self, Broken};
use crate::id::Id;

/// Which of the files of a dump counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Successor {
    /// The packed file counts. What it was packed from is to be removed after the next sync.
    Packed,
    /// The unmasked lines count. They are to be packed, for the first time or again.
    Lines,
}

/// Chooses between the packed dump and its lines in `ready`. If the packed one counts, it is written anew, and the
/// lines go after the next sync. This may be repeated while that sync is under way: the files that get the names are
/// synced before.
///
/// # Errors
/// See the head comment.
pub fn settle(place: &Place, sync: &Sync, id: Id) -> io::Result<Successor> {
    let failures = sync.health().failures;
    match choose(place, id)? {
        None => return Ok(Successor::Lines),
        Some(_) if fault::is_broken(Broken::TrustsTheCache) => {}
        Some(packed) => match write_anew(place, id, &packed) {
            // Packing the lines again needs as much room, and the packed file's own is free then.
            Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                undo(place, id)?;
                return Ok(Successor::Lines);
            }
            written => written?,
        },
    }
    sync.remove_replaced(id, Kind::Ready, failures);
    Ok(Successor::Packed)
}

/// The packed dump, if it counts: all of it, with its features. If it does not, it is removed.
///
/// # Errors
/// See the head comment.
pub fn choose(place: &Place, id: Id) -> io::Result<Option<Packed>> {
    if !place.exists(Kind::Packed, id)? {
        return Ok(None);
    }
    match Packed::open(place, id) {
        Ok(packed) if packed.manifest.has_whole_features(place) => Ok(Some(packed)),
        Err(Unsound::Unclear(error)) => Err(error),
        Ok(_) | Err(Unsound::Gone | Unsound::Manifest(_) | Unsound::Object) => undo(place, id).map(|()| None),
    }
}

fn undo(place: &Place, id: Id) -> io::Result<()> {
    for kind in [Kind::Packed, Kind::Features, Kind::Manifest] {
        place.remove(kind, id)?;
    }
    Ok(())
}

fn write_anew(place: &Place, id: Id, packed: &Packed) -> io::Result<()> {
    if packed.manifest.features.is_some() {
        PackedFeatures::write_anew(place, id)?;
    }
    packed.manifest.rewrite(place)?;
    let write = || {
        let mut new = disk::create_anew(&place.path(Kind::Partial, id))?;
        io::copy(&mut File::open(place.path(Kind::Packed, id))?, &mut new)?;
        new.0.sync_all()?;
        fault::point("partial");
        place.commit(id, &new.0)
    };
    write().inspect_err(|_| {
        // A full disk must not stay full of it. The first error is the one that says what is wrong.
        let _ = place.remove(Kind::Partial, id);
    })
}

#[cfg(test)]
mod tests;
