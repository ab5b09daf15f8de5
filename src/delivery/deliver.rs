//! The steps of one dump: pack, put, row, unlink, with a sync behind the first and another behind the third.
//!
//! Every step may be repeated, so a crash between any two of them needs no memory: the next run finds on disk what has
//! been done. Nothing is unlinked here; the sync thread is told what may go, each time after what replaces it has
//! been written. A failure of a destination gives the dump back, a fault of the dump moves it to failed. Never here:
//! threads, waiting, a queue. Reasons in notes and in the log are made of fixed texts and system errors, never of the
//! dump's content.
use std::cell::Cell;
use std::fmt::Display;
use std::sync::Arc;

use super::backoff::{Destination, Gates, Pass};
use crate::database::{Database, Row};
use crate::fault;
use crate::spool::recover::{Successor, choose_successor};
use crate::spool::{Id, Kind, Manifest, PackError, PackOptions, Packed, Place, Sync, Unsound, pack};
use crate::storage::{Durability, Storage, StorageError, Upload};
use crate::time::UnixMs;
use crate::whose::Whose;

/// What the steps work with; shared by all workers.
pub struct Parts {
    pub place: Arc<Place>,
    pub pack: PackOptions,
    pub storage: Storage,
    pub database: Database,
    pub sync: Sync,
}

/// How far one run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Stored and recorded, or erased on an operator's word; its files go after the next sync.
    Delivered,
    /// There was no such dump: another run had delivered it.
    Gone,
    /// It lies in failed, with a note.
    Refused,
    /// Packed and no further: nothing leaves the spool before a sync has made the packed file durable. Else a power cut
    /// could take what was stored here, or leave less of the dump here than was stored elsewhere, and the next start
    /// would store that in its place.
    Packed,
    /// The destination is down; the dump is to be tried again.
    Held(Destination),
}

/// One run over one dump. It must not run twice at the same time for one id.
pub struct Job<'a> {
    id: Id,
    parts: &'a Parts,
    gates: &'a Gates,
    /// The leave that this run was given last and has not given back with a result.
    using: Cell<Option<Pass>>,
    failed: Cell<bool>,
}

impl<'a> Job<'a> {
    pub fn new(id: Id, parts: &'a Parts, gates: &'a Gates) -> Job<'a> {
        Job {
            id,
            parts,
            gates,
            using: Cell::new(None),
            failed: Cell::new(false),
        }
    }

    /// Takes every step that is possible now.
    pub fn run(&self) -> Outcome {
        match self.steps() {
            Ok(()) => Outcome::Delivered,
            Err(outcome) => outcome,
        }
    }

    /// What to do after `run` unwound: a fault of this program. Packing depends on the dump alone, so that one steps
    /// aside; the other steps lead through libraries to the world outside, which may behave again.
    pub fn unwound(&self) -> Outcome {
        match self.using.take() {
            Some(pass) if pass.destination != Destination::Spool => self.down(pass, &"the program panicked"),
            pass => {
                self.using.set(pass);
                self.refuse(&"the program panicked at it")
            }
        }
    }

    /// True if a destination failed in this run, not only before it.
    pub fn has_failed(&self) -> bool {
        self.failed.get()
    }

    fn steps(&self) -> Result<(), Outcome> {
        // Before anything else: what is to be erased must not be set aside for a fault that packing finds.
        let known = match Packed::trusted(&self.parts.place, self.id) {
            Ok(packed) => Some(packed.manifest),
            Err(Unsound::Unclear(error)) => return Err(self.is_down(Destination::Spool, &error)),
            Err(_) => None,
        };
        self.unless_erased(known.as_ref())?;
        let mut manifest = self.pack()?;
        self.unless_erased(Some(&manifest))?;
        let blob_url = match manifest.stored.clone() {
            Some(url) => url,
            None => self.put(&mut manifest)?,
        };
        self.unless_erased(Some(&manifest))?;
        if let Err(outcome) = self.record(manifest.clone(), blob_url.clone()) {
            if matches!(outcome, Outcome::Held(_)) {
                self.note_stored(manifest, blob_url);
            }
            return Err(outcome);
        }
        self.unless_erased(Some(&manifest))?;
        self.parts.sync.remove_delivered(self.id, Kind::DELIVERED);
        Ok(())
    }

    fn pack(&self) -> Result<Manifest, Outcome> {
        let place = &self.parts.place;
        let exists = |kind| place.exists(kind, self.id).unwrap_or(false);
        match (exists(Kind::Packed), exists(Kind::Ready)) {
            (true, false) => return self.manifest(),
            (false, false) => return Err(Outcome::Gone),
            // An earlier process packed it, and may have ended before a sync: then a power cut may have torn it.
            (true, true) => match choose_successor(place, &self.parts.sync, self.id, Kind::Ready) {
                Ok(Successor::Packed) => return Err(Outcome::Packed),
                Ok(Successor::Lines) => {}
                Err(error) => return Err(self.is_down(Destination::Spool, &error)),
            },
            (false, true) => {}
        }
        let permit = self.gates.enter_packing();
        self.admit(Destination::Spool)?;
        let packed = pack(place, self.id, &self.parts.pack);
        drop(permit);
        match packed {
            Ok(_) => {
                self.worked();
                self.parts.sync.remove_replaced(self.id, Kind::Ready);
                Err(Outcome::Packed)
            }
            Err(error) => Err(self.not_packed(&error)),
        }
    }

    /// What an earlier run packed may have lost bits since, and after the put nothing is left to notice it. The
    /// manifest was written before the packed file was named, so one that cannot be understood now is damaged for good.
    fn manifest(&self) -> Result<Manifest, Outcome> {
        let place = &self.parts.place;
        match Packed::open(place, self.id) {
            Ok(packed) => Ok(packed.manifest),
            Err(Unsound::Gone) => Err(Outcome::Gone),
            Err(Unsound::Unclear(error)) if !place.is_unreadable(Kind::Packed, self.id) => {
                Err(self.is_down(Destination::Spool, &error))
            }
            Err(reason) => Err(self.refuse(&reason)),
        }
    }

    fn not_packed(&self, error: &PackError) -> Outcome {
        let place = &self.parts.place;
        match error {
            PackError::Dump(reason) => self.refuse(reason),
            PackError::Io(_) if !place.exists(Kind::Ready, self.id).unwrap_or(false) => {
                self.told_nothing();
                Outcome::Gone
            }
            PackError::Io(error) if place.is_unreadable(Kind::Ready, self.id) => self.refuse(error),
            PackError::Io(error) => self.is_down(Destination::Spool, error),
        }
    }

    fn put(&self, manifest: &mut Manifest) -> Result<String, Outcome> {
        self.admit(Destination::Storage)?;
        let file = self.parts.place.path(Kind::Packed, self.id);
        let key = manifest.key.clone();
        let crc32 = manifest.object_crc32;
        let url = self.with_upload(manifest, |upload| self.parts.storage.put(&file, &key, crc32, upload))?;
        fault::point("put");
        self.worked();
        Ok(url)
    }

    /// Lets the store know of the upload that an earlier try began, and write down the one it begins.
    fn with_upload<T>(
        &self,
        manifest: &mut Manifest,
        ask: impl FnOnce(&mut Upload<'_>) -> Result<T, StorageError>,
    ) -> Result<T, Outcome> {
        let id = manifest.upload.clone();
        let mut note = |id: Option<&str>| {
            manifest.upload = id.map(str::to_owned);
            manifest.rewrite(&self.parts.place)
        };
        ask(&mut Upload { id, note: &mut note }).map_err(|error| self.not_stored(&error))
    }

    fn not_stored(&self, error: &StorageError) -> Outcome {
        match error.whose() {
            Whose::Dump => self.refuse(error),
            Whose::Destination | Whose::Machine => self.is_down(Destination::Storage, error),
        }
    }

    /// The row has to wait. A folder store is left out: what lies there is durable with the next sync only, and to put
    /// it again costs nothing.
    fn note_stored(&self, mut manifest: Manifest, blob_url: String) {
        if manifest.stored.is_some() || self.parts.storage.durability() == Durability::WithSync {
            return;
        }
        manifest.stored = Some(blob_url);
        if let Err(error) = manifest.rewrite(&self.parts.place) {
            log::warn!(
                "dump {} is stored and will be once more, since that cannot be noted: {error}",
                self.id
            );
        }
    }

    fn record(&self, manifest: Manifest, blob_url: String) -> Result<(), Outcome> {
        self.admit(Destination::Database)?;
        let rows = [row(manifest, blob_url)];
        match self.parts.database.insert(&rows) {
            Ok(written) => match written.into_iter().collect::<Result<Vec<_>, _>>() {
                Ok(_) => {
                    fault::point("row");
                    self.worked();
                    Ok(())
                }
                Err(error) => Err(self.refuse(&error)),
            },
            Err(error) => Err(self.is_down(Destination::Database, &error)),
        }
    }

    /// Where an operator has asked for it to be erased, object and row of this and of earlier runs go, and its files.
    /// Without a manifest it was never put, or nothing says where.
    fn unless_erased(&self, manifest: Option<&Manifest>) -> Result<(), Outcome> {
        let place = &self.parts.place;
        match place.exists(Kind::Tombstone, self.id) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => return Err(self.is_down(Destination::Spool, &error)),
        }
        if let Some(manifest) = manifest {
            self.erase(manifest)?;
        }
        self.parts.sync.remove_delivered(self.id, Kind::ERASED);
        log::info!("dump {} is erased, as it was asked for", self.id);
        Err(Outcome::Delivered)
    }

    fn erase(&self, manifest: &Manifest) -> Result<(), Outcome> {
        let Parts { storage, database, .. } = self.parts;
        let url = manifest.stored.clone().map_or_else(|| storage.url(&manifest.key), Ok);
        // A key that the store takes for none was never put.
        let Ok(url) = url else { return Ok(()) };
        self.admit(Destination::Storage)?;
        self.with_upload(&mut manifest.clone(), |upload| storage.abandon(&manifest.key, upload))?;
        storage.remove(&url).map_err(|error| self.not_stored(&error))?;
        fault::point("object erased");
        self.worked();
        self.admit(Destination::Database)?;
        match database.remove(&row(manifest.clone(), url).reference()) {
            Ok(()) => self.worked(),
            Err(error) => return Err(self.is_down(Destination::Database, &error)),
        }
        fault::point("row erased");
        Ok(())
    }

    fn admit(&self, destination: Destination) -> Result<(), Outcome> {
        let pass = self.gates.admit(destination).ok_or(Outcome::Held(destination))?;
        self.using.set(Some(pass));
        Ok(())
    }

    fn worked(&self) {
        self.using
            .take()
            .into_iter()
            .for_each(|pass| self.gates.succeeded(pass));
    }

    fn told_nothing(&self) {
        self.using.take().into_iter().for_each(|pass| self.gates.unclear(pass));
    }

    /// Where the failure was met on a path that needs no leave, one is asked for here: a failure that is not counted
    /// would be met again at once.
    fn is_down(&self, destination: Destination, cause: &dyn Display) -> Outcome {
        match self.using.take().or_else(|| self.gates.admit(destination)) {
            Some(pass) => self.down(pass, cause),
            None => Outcome::Held(destination),
        }
    }

    fn down(&self, pass: Pass, cause: &dyn Display) -> Outcome {
        let destination = pass.destination;
        self.gates.failed(pass, cause);
        self.failed.set(true);
        Outcome::Held(destination)
    }

    /// The dump steps aside, which takes the spool: another name for its files, and room for a note.
    fn refuse(&self, reason: &dyn Display) -> Outcome {
        self.told_nothing();
        if let Err(held) = self.admit(Destination::Spool) {
            return held;
        }
        let note = format!(
            "Dump {} cannot be delivered: {reason}.\n\
             When that is mended, put it back into the queue: rtcstats-server spool retry {}\n",
            self.id, self.id
        );
        match self.parts.place.fail(self.id, &note) {
            Ok(()) => {
                self.worked();
                self.parts.sync.touch();
                log::error!("dump {} goes to failed: {reason}", self.id);
                Outcome::Refused
            }
            Err(error) => self.is_down(Destination::Spool, &error),
        }
    }
}

fn row(manifest: Manifest, blob_url: String) -> Row {
    Row {
        id: manifest.id,
        created_at: UnixMs::now(),
        labels: manifest.labels,
        metadata: manifest.metadata.to_string(),
        blob_url: Some(blob_url),
        features_url: None,
        session_start: manifest.start,
        session_end: manifest.end,
    }
}

#[cfg(test)]
mod tests;
