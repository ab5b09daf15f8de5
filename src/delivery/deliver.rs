//! The steps of one dump: judge, pack, put, record, erase; a sync lies behind packing and another behind recording.
//!
//! Every step may be repeated, so a crash between any two of them needs no memory: the next run finds on disk what has
//! been done. Nothing is removed here; the sync thread is told what may go, each time after what replaces it has been
//! written. A failure of a destination gives the dump back, a fault of the dump moves it to failed. Each step opens the
//! dump once. Never here: threads, waiting, a decision what comes next. Reasons in notes and in the log are made of
//! fixed texts and system errors, never of the dump's content.
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::availability::Destination;
use super::shelf::Shelf;
use super::step::{Done, Outcome, Step};
use super::visit::{Parts, Visit};
use crate::fault::{self, Broken};
use crate::spool::recover::{Successor, choose_successor};
use crate::spool::{Id, Kind, PackError, Packed, Unsound, pack};
use crate::storage::StorageError;
use crate::whose::Whose;

/// Takes steps; shared by all hands. No two may take one of the same dump at the same time.
pub struct Steps {
    pub parts: Parts,
    shelf: Shelf,
}

impl Steps {
    pub fn new(parts: Parts) -> Steps {
        Steps {
            parts,
            shelf: Shelf::default(),
        }
    }

    /// Takes this step with each of these dumps: more than one only for `Record` and `Note`.
    pub fn take(&self, step: Step, ids: &[Id]) -> Vec<Done> {
        let visit = self.visit();
        let outcomes = visit.take(step, ids);
        visit.report(ids, outcomes)
    }

    /// As `take`; a panic in a step is that dump's or that destination's, and ends here.
    pub fn take_contained(&self, step: Step, ids: &[Id]) -> Vec<Done> {
        let visit = self.visit();
        let taken = catch_unwind(AssertUnwindSafe(|| visit.take(step, ids)));
        match (taken, ids) {
            (Ok(outcomes), _) => visit.report(ids, outcomes),
            (Err(_), [id]) => {
                let outcome = visit.unwound(*id);
                visit.report(ids, vec![outcome])
            }
            // One of them may be at fault: each by itself shows which.
            (Err(_), ids) => ids.iter().flat_map(|id| self.take_contained(step, &[*id])).collect(),
        }
    }

    fn visit(&self) -> Visit<'_> {
        Visit::new(&self.parts, &self.shelf)
    }
}

impl Visit<'_> {
    fn take(&self, step: Step, ids: &[Id]) -> Vec<Outcome> {
        let each = |take: &dyn Fn(Id) -> Result<Outcome, Outcome>| {
            let end = |id: &Id| take(*id).unwrap_or_else(|outcome| outcome);
            ids.iter().map(end).collect()
        };
        match step {
            Step::Judge => each(&|id| self.judge(id)),
            Step::Pack => each(&|id| Ok(self.pack(id))),
            Step::Put => each(&|id| self.put(id)),
            Step::Record => self.record(ids),
            Step::Note => each(&|id| self.note(id)),
            Step::Erase => each(&|id| self.erase(id)),
        }
    }

    /// What there is of it, and whether that is whole.
    fn judge(&self, id: Id) -> Result<Outcome, Outcome> {
        let Parts { place, sync, .. } = self.parts;
        let is_down = |error| self.is_down(Destination::Spool, &error);
        let exists = |kind| place.exists(kind, id).map_err(is_down);
        match (exists(Kind::Packed)?, exists(Kind::Ready)?) {
            (true, false) => Ok(self.judge_packed(id)),
            (false, true) => Ok(Outcome::Next(Step::Pack)),
            (false, false) => {
                self.shelf.take(id);
                Ok(Outcome::Gone)
            }
            // An earlier process packed it, and may have ended before a sync: then a power cut may have torn it.
            (true, true) => match choose_successor(place, sync, id, Kind::Ready).map_err(is_down)? {
                Successor::Packed => Ok(Outcome::Packed),
                Successor::Lines => Ok(Outcome::Next(Step::Pack)),
            },
        }
    }

    /// What an earlier run packed may have lost bits since, and after the put nothing is left to notice it. The
    /// manifest was written before the packed file was named, so one that cannot be understood now is damaged for good.
    fn judge_packed(&self, id: Id) -> Outcome {
        let place = &self.parts.place;
        match Packed::open(place, id) {
            Ok(Packed { manifest }) => {
                let is_stored = manifest.stored.is_some();
                self.shelf.put(manifest);
                Outcome::Next(if is_stored { Step::Record } else { Step::Put })
            }
            Err(Unsound::Gone) => Outcome::Gone,
            Err(Unsound::Unclear(error)) if !place.is_unreadable(Kind::Packed, id) => {
                self.is_down(Destination::Spool, &error)
            }
            Err(reason) => self.refuse(id, &reason),
        }
    }

    fn pack(&self, id: Id) -> Outcome {
        let Parts {
            place,
            sync,
            pack: options,
            ..
        } = self.parts;
        self.uses(Destination::Spool);
        match pack(place, id, options) {
            Ok(manifest) => {
                self.worked();
                self.shelf.put(manifest);
                sync.remove_replaced(id, Kind::Ready);
                Outcome::Packed
            }
            Err(error) => self.not_packed(id, &error),
        }
    }

    fn not_packed(&self, id: Id, error: &PackError) -> Outcome {
        let place = &self.parts.place;
        match error {
            PackError::Dump(reason) => self.refuse(id, reason),
            PackError::Io(_) if matches!(place.exists(Kind::Ready, id), Ok(false)) => Outcome::Next(Step::Judge),
            PackError::Io(error) if place.is_unreadable(Kind::Ready, id) => self.refuse(id, error),
            PackError::Io(error) => self.is_down(Destination::Spool, error),
        }
    }

    fn put(&self, id: Id) -> Result<Outcome, Outcome> {
        let Parts { place, storage, .. } = self.parts;
        let mut manifest = self.manifest(id)?;
        if !self.erased(&[id])?.is_empty() {
            return Ok(Outcome::Next(Step::Erase));
        }
        if manifest.stored.is_none() && !fault::is_broken(Broken::RecordsUnstored) {
            self.uses(Destination::Storage);
            let (file, key) = (place.path(Kind::Packed, id), manifest.key.clone());
            let crc32 = manifest.object_crc32;
            self.with_upload(&mut manifest, |upload| storage.put(&file, &key, crc32, upload))
                .map_err(|error| self.not_stored(id, &error))?;
            fault::point("put");
            self.worked();
        }
        self.shelf.put(manifest);
        Ok(Outcome::Next(Step::Record))
    }

    fn not_stored(&self, id: Id, error: &StorageError) -> Outcome {
        if error.whose() != Whose::Dump && !fault::is_broken(Broken::RefusesDeferred) {
            return self.is_down(Destination::Storage, error);
        }
        // A folder that is away may come back with the file.
        match self.parts.place.exists(Kind::Packed, id) {
            Ok(false) => Outcome::Next(Step::Judge),
            _ => self.refuse(id, error),
        }
    }
}

#[cfg(test)]
mod tests;
