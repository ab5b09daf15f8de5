//! What all steps of a dump have in common: its manifest, its tombstone, and what they learn about destinations.
//!
//! A faulty dump moves to failed, unless it is to be erased, because nobody would look for its tombstone in failed. The
//! order of the steps is elsewhere.
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use super::availability::Destination;
use super::calls::{Caller, patience};
use super::shelf::Shelf;
use super::step::{Done, Failure, Outcome, Step};
use super::suspects::Suspects;
use crate::database::Database;
use crate::fault::{self, Broken};
use crate::limits::{SLOW_CALL_S_MAX, SLOW_PACK_S_MAX};
use crate::spool::{Id, Kind, Manifest, PackOptions, Packed, Place, Sync, Unsound, tombstone};
use crate::storage::{Storage, StorageError, Upload};
use crate::whose::Whose;

/// The parts that the steps work with.
pub struct Parts {
    pub place: Arc<Place>,
    pub pack: PackOptions,
    pub storage: Storage,
    pub database: Arc<Database>,
    pub sync: Sync,
}

/// One step of one dump, or of several.
pub struct Visit<'a> {
    pub parts: &'a Parts,
    pub shelf: &'a Shelf,
    pub suspects: &'a Suspects,
    /// The failures of the sync that were known when the step was handed out.
    pub failures: u64,
    caller: Caller<'a>,
    /// The destination that is being used at this moment.
    using: Cell<Option<Destination>>,
    worked: RefCell<Vec<Destination>>,
}

impl<'a> Visit<'a> {
    pub fn new(
        parts: &'a Parts,
        shelf: &'a Shelf,
        suspects: &'a Suspects,
        caller: Caller<'a>,
        failures: u64,
    ) -> Visit<'a> {
        Visit {
            parts,
            shelf,
            suspects,
            failures,
            caller,
            using: Cell::new(None),
            worked: RefCell::default(),
        }
    }

    /// The reports for the manager. That a destination worked is said only once: of a dump that does not wait for one,
    /// if there is such a dump, because a failure says more than that.
    pub fn report(self, ids: &[Id], outcomes: Vec<Outcome>) -> Vec<Done> {
        let waits = |outcome: &Outcome| matches!(outcome, Outcome::Deferred(_) | Outcome::Ruled(_));
        let witness = outcomes.iter().position(|outcome| !waits(outcome)).unwrap_or(0);
        let done = |(id, outcome): (&Id, Outcome)| Done {
            id: *id,
            outcome,
            worked: Vec::new(),
        };
        let mut reports: Vec<Done> = ids.iter().zip(outcomes).map(done).collect();
        if let Some(witness) = reports.get_mut(witness) {
            witness.worked = self.worked.into_inner();
        }
        reports
    }

    /// What to do after the step has panicked, which is a fault of this program. Packing depends on the dump alone, so
    /// that dump is set aside. Storage and database use libraries and the world outside, where the next try may
    /// succeed.
    pub fn unwound(&self, id: Id) -> Outcome {
        match self.using.take() {
            Some(destination) if destination != Destination::Spool => {
                self.is_down(destination, &"the program panicked")
            }
            _ => self.refuse(id, &"the program panicked at it"),
        }
    }

    /// From now on a failure is one of this destination.
    pub fn uses(&self, destination: Destination) {
        self.uses_for(destination, patience(destination));
    }

    /// Like `uses`, for a call that may take so many seconds.
    pub fn uses_for(&self, destination: Destination, seconds: u64) {
        self.using.set(Some(destination));
        self.caller.begin(destination, seconds, Instant::now());
    }

    /// The destination has done what was asked.
    pub fn worked(&self) {
        self.worked.borrow_mut().extend(self.using.take());
        self.waits_for_files(SLOW_CALL_S_MAX);
    }

    /// Each step begins with files of the spool.
    pub fn begin(&self, step: Step) {
        match step {
            Step::Judge | Step::Pack => self.waits_for_files(SLOW_PACK_S_MAX),
            Step::Put | Step::Record | Step::Note | Step::Erase => self.waits_for_files(SLOW_CALL_S_MAX),
        }
    }

    /// Where no destination is used, files of the spool are.
    fn waits_for_files(&self, seconds: u64) {
        self.caller.begin(Destination::Spool, seconds, Instant::now());
    }

    /// The destination failed in a way that another dump would have met as well.
    pub fn is_down(&self, destination: Destination, cause: &dyn Display) -> Outcome {
        self.using.set(None);
        self.waits_for_files(SLOW_CALL_S_MAX);
        let cause = cause.to_string();
        Outcome::Deferred(Failure { destination, cause })
    }

    /// The destination works, but a rule of its own refuses this dump.
    pub fn is_ruled_out(&self, destination: Destination, cause: &dyn Display) -> Outcome {
        self.uses(destination);
        self.worked();
        let cause = cause.to_string();
        Outcome::Ruled(Failure { destination, cause })
    }

    /// What becomes of a dump for which the destination did not do what was asked.
    pub fn not_done(&self, id: Id, destination: Destination, whose: Whose, error: &dyn Display) -> Outcome {
        match whose {
            Whose::Dump => self.refuse(id, error),
            Whose::Rule => self.is_ruled_out(destination, error),
            Whose::Destination | Whose::Machine if fault::is_broken(Broken::RefusesDeferred) => self.refuse(id, error),
            Whose::Destination | Whose::Machine => self.is_down(destination, error),
        }
    }

    /// The manifest of a packed dump, which was judged before. If something is wrong with it now, judging it again will
    /// tell.
    ///
    /// # Errors
    /// The dump is to be judged again.
    pub fn manifest(&self, id: Id) -> Result<Manifest, Outcome> {
        if let Some(manifest) = self.shelf.take(id) {
            return Ok(manifest);
        }
        match Packed::trusted(&self.parts.place, id) {
            Ok(packed) => Ok(packed.manifest),
            Err(Unsound::Unclear(error)) => Err(self.is_down(Destination::Spool, &error)),
            Err(_) => Err(Outcome::Next(Step::Judge)),
        }
    }

    /// The manifest, if there is one that can be trusted.
    ///
    /// # Errors
    /// It cannot be read now, and may contain the place of an object.
    pub fn known(&self, id: Id) -> Result<Option<Manifest>, Outcome> {
        match Packed::trusted(&self.parts.place, id) {
            Ok(packed) => Ok(Some(packed.manifest)),
            Err(Unsound::Unclear(error)) => Err(self.is_down(Destination::Spool, &error)),
            Err(_) => Ok(None),
        }
    }

    /// Which of these an operator has asked to erase.
    ///
    /// # Errors
    /// That cannot be found out now.
    pub fn erased(&self, ids: &[Id]) -> Result<Vec<Id>, Outcome> {
        tombstone::of(self.parts.place.spool(), ids).map_err(|error| self.is_down(Destination::Spool, &error))
    }

    /// Tells the store about the upload that an earlier try began, and lets it note the one that it begins now.
    pub fn with_upload<T>(
        &self,
        manifest: &mut Manifest,
        ask: impl FnOnce(&mut Upload<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let id = manifest.upload.clone();
        let mut note = |id: Option<&str>| {
            manifest.upload = id.map(str::to_owned);
            manifest.rewrite(&self.parts.place)
        };
        ask(&mut Upload { id, note: &mut note })
    }

    /// The dump is faulty: it is set aside, unless it is to be erased.
    pub fn refuse(&self, id: Id, reason: &dyn Display) -> Outcome {
        self.using.set(None);
        match self.erased(&[id]) {
            Ok(erased) if erased.is_empty() => self.set_aside(id, reason),
            Ok(_) => self.meet_tombstone(id),
            Err(outcome) => outcome,
        }
    }

    /// Without a manifest, the dump was never put, or nothing says where it was put.
    pub fn meet_tombstone(&self, id: Id) -> Outcome {
        match self.known(id) {
            Ok(Some(_)) => Outcome::Next(Step::Erase),
            Ok(None) => self.remove_erased(id),
            Err(outcome) => outcome,
        }
    }

    pub fn remove_erased(&self, id: Id) -> Outcome {
        self.parts.sync.remove_delivered(id, Kind::ERASED, self.failures);
        log::info!("dump {id} is erased, as it was asked for");
        Outcome::Delivered
    }

    /// Sets the dump aside. This needs the spool: its files get other names, and the note needs space.
    pub fn set_aside(&self, id: Id, reason: &dyn Display) -> Outcome {
        let note = format!(
            "Dump {id} cannot be delivered: {reason}.\n\
             When that is mended, put it back into the queue: rtcstats-server spool retry {id}\n"
        );
        self.uses(Destination::Spool);
        match self.parts.place.fail(id, &note) {
            Ok(()) => {
                self.worked();
                self.shelf.take(id);
                self.parts.sync.touch();
                log::error!("dump {id} goes to failed: {reason}");
                Outcome::Refused
            }
            Err(error) => self.is_down(Destination::Spool, &error),
        }
    }
}
