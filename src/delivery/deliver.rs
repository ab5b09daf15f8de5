//! The steps of one dump: judge, pack, put, record, erase. A sync follows packing, and another follows recording.
//!
//! Every step may be repeated. So a crash between two steps does no harm: the next run sees on disk what has been done.
//! The steps remove no file. They tell the sync thread what may be removed, each time after the replacement was
//! written. If a destination fails, the dump is given back; if the dump is faulty, it moves to failed. Each step opens
//! the dump once. Threads, waiting, and the choice of what comes next are elsewhere. Reasons in notes and in the log
//! consist of fixed texts and system errors, never of the dump's content.
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::availability::Destination;
use super::calls::{Caller, Calls, patience_of_put};
use super::shelf::Shelf;
use super::step::{Done, Outcome, Step};
use super::suspects::Suspects;
use super::visit::{Parts, Visit};
use crate::fault::{self, Broken};
use crate::spool::successor::{Successor, settle};
use crate::spool::{Id, Kind, Manifest, PackError, Packed, Removal, Removed, Unsound, pack_again, pack_unless_packed};
use crate::storage::StorageError;
use crate::whose::Whose;

/// Takes steps; all hands share it. Two hands must not take a step of the same dump at the same time.
pub struct Steps {
    pub parts: Parts,
    /// What each hand waits for.
    pub calls: Calls,
    shelf: Shelf,
    suspects: Suspects,
}

impl Steps {
    pub fn new(parts: Parts) -> Steps {
        Steps {
            parts,
            calls: Calls::new(Instant::now()),
            shelf: Shelf::default(),
            suspects: Suspects::default(),
        }
    }

    /// A report of the sync thread: the dump may have to be packed once more.
    pub fn note(&self, removed: &Removed) {
        match removed.removal {
            Removal::Unpacked => self.suspects.add(removed.id),
            Removal::Replaced | Removal::Delivered | Removal::Undelivered => {}
        }
    }

    /// Takes this step with each of these dumps. More than one dump is allowed only for `Record` and `Note`. `failures`
    /// are those of the sync that were known when the step was handed out.
    pub fn take(&self, step: Step, ids: &[Id], failures: u64) -> Vec<Done> {
        let visit = self.visit(self.calls.of(0), failures);
        let outcomes = visit.take(step, ids);
        visit.report(ids, outcomes)
    }

    /// Like `take`, by one of several hands. A panic in a step ends here and counts as a failure of that dump or that
    /// destination.
    pub fn take_contained(&self, hand: usize, step: Step, ids: &[Id], failures: u64) -> Vec<Done> {
        let caller = self.calls.of(hand);
        let visit = self.visit(caller, failures);
        let taken = catch_unwind(AssertUnwindSafe(|| visit.take(step, ids)));
        let done = match (taken, ids) {
            (Ok(outcomes), _) => visit.report(ids, outcomes),
            (Err(_), [id]) => {
                let outcome = visit.unwound(*id);
                visit.report(ids, vec![outcome])
            }
            // One of them may be the cause. Trying each alone shows which.
            (Err(_), ids) => ids
                .iter()
                .flat_map(|id| self.take_contained(hand, step, &[*id], failures))
                .collect(),
        };
        caller.end();
        done
    }

    fn visit<'a>(&'a self, caller: Caller<'a>, failures: u64) -> Visit<'a> {
        Visit::new(&self.parts, &self.shelf, &self.suspects, caller, failures)
    }
}

impl Visit<'_> {
    fn take(&self, step: Step, ids: &[Id]) -> Vec<Outcome> {
        let each = |take: &dyn Fn(Id) -> Result<Outcome, Outcome>| {
            let end = |id: &Id| take(*id).unwrap_or_else(|outcome| outcome);
            ids.iter().map(end).collect()
        };
        self.begin(step);
        match step {
            Step::Judge => each(&|id| self.judge(id)),
            Step::Pack => each(&|id| Ok(self.pack(id))),
            Step::Put => each(&|id| self.put(id)),
            Step::Record => self.record(ids),
            Step::Note => each(&|id| self.note(id)),
            Step::Erase => each(&|id| self.erase(id)),
        }
    }

    /// Looks which files of the dump exist and whether they are whole.
    fn judge(&self, id: Id) -> Result<Outcome, Outcome> {
        let Parts { place, sync, .. } = self.parts;
        let is_down = |error| self.is_down(Destination::Spool, &error);
        let exists = |kind| place.exists(kind, id).map_err(is_down);
        match (exists(Kind::Packed)?, self.has_lines(id).map_err(is_down)?) {
            (true, false) => self.judge_packed(id),
            // To erase what is not packed yet needs neither space nor a destination. If that is unclear, it is masked.
            (false, true) => match self.erased(&[id]) {
                Ok(erased) if !erased.is_empty() => Ok(self.meet_tombstone(id)),
                _ => Ok(Outcome::Next(Step::Pack)),
            },
            (false, false) => {
                self.shelf.take(id);
                self.suspects.clear(id);
                Ok(Outcome::Gone)
            }
            // A sync has failed, so what was packed may be lost behind the cache that would be judged here.
            (true, true) if self.suspects.has(id) => Ok(Outcome::Next(Step::Pack)),
            // An earlier process packed it and may have ended before the sync. Then a power cut may have torn the file.
            (true, true) => match settle(place, sync, id).map_err(is_down)? {
                Successor::Packed => Ok(Outcome::Packed),
                Successor::Lines => Ok(Outcome::Next(Step::Pack)),
            },
        }
    }

    /// Whether its lines are in `ready`. That they are not is believed only of a folder that is there: what was packed
    /// from them may not be durable.
    fn has_lines(&self, id: Id) -> io::Result<bool> {
        let place = &self.parts.place;
        if place.exists(Kind::Ready, id)? {
            return Ok(true);
        }
        drop(place.ids(Kind::Ready)?);
        place.exists(Kind::Ready, id)
    }

    /// Checks a dump that an earlier run packed. It may have lost bits since, and nothing after the put would notice.
    /// The manifest was written before the packed file got its name, so a manifest that cannot be understood now is
    /// damaged for good.
    fn judge_packed(&self, id: Id) -> Result<Outcome, Outcome> {
        let place = &self.parts.place;
        match Packed::open(place, id) {
            Ok(Packed { mut manifest }) => {
                self.renew_features(&mut manifest)?;
                let is_stored = manifest.stored.is_some();
                self.shelf.put(manifest);
                Ok(Outcome::Next(if is_stored { Step::Record } else { Step::Put }))
            }
            Err(Unsound::Gone) => Ok(Outcome::Gone),
            Err(Unsound::Unclear(error)) if !place.is_unreadable(Kind::Packed, id) => {
                Err(self.is_down(Destination::Spool, &error))
            }
            Err(reason) => Ok(self.refuse(id, &reason)),
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
        let packed = match self.suspects.has(id) {
            true => pack_again(place, id, options).map(Some),
            false => pack_unless_packed(place, id, options),
        };
        match packed {
            // It was taken over from another process in the meantime.
            Ok(None) => {
                self.worked();
                Outcome::Next(Step::Judge)
            }
            Ok(Some(manifest)) => {
                self.worked();
                self.shelf.put(manifest);
                self.suspects.clear(id);
                sync.remove_replaced(id, Kind::Ready, self.failures);
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
            if self.failures > 0 {
                storage.distrust_links();
            }
            self.uses_for(Destination::Storage, patience_of(&manifest));
            let (file, key) = (place.path(Kind::Packed, id), manifest.key.clone());
            let crc32 = manifest.object_crc32;
            self.with_upload(&mut manifest, |upload| storage.put(&file, &key, crc32, upload))
                .map_err(|error| self.not_stored(id, &error))?;
            fault::point("put");
            self.worked();
            self.put_features(&mut manifest)?;
        }
        self.shelf.put(manifest);
        Ok(Outcome::Next(Step::Record))
    }

    fn not_stored(&self, id: Id, error: &StorageError) -> Outcome {
        let is_gone = || matches!(self.parts.place.exists(Kind::Packed, id), Ok(false));
        // If the folder is missing, it may come back with the file in it.
        if error.whose() == Whose::Dump && is_gone() {
            return Outcome::Next(Step::Judge);
        }
        self.not_done(id, Destination::Storage, error.whose(), error)
    }
}

/// How many seconds it may take to store the dump.
fn patience_of(manifest: &Manifest) -> u64 {
    patience_of_put(manifest.metadata["bytes"].as_u64().unwrap_or(0))
}

#[cfg(test)]
mod tests;
