//! The steps that meet the database: the rows of dumps that are stored, the note that one has to wait, and erasing.
//!
//! Rows are written together, and an answer is had for each. Tombstones are looked for before the row and again behind
//! it: whoever lays one and then looks at the database misses nothing.
use super::availability::Destination;
use super::step::{Outcome, Step};
use super::visit::{Parts, Visit};
use crate::database::{DatabaseError, Row};
use crate::fault::{self, Broken};
use crate::spool::{Id, Kind, Manifest};
use crate::storage::Durability;
use crate::time::UnixMs;
use crate::whose::Whose;

/// A dump whose row is to be written.
struct Stored {
    manifest: Manifest,
    url: String,
}

impl Visit<'_> {
    /// Writes the rows of these dumps, in one transaction.
    pub fn record(&self, ids: &[Id]) -> Vec<Outcome> {
        let erased = match self.erased(ids) {
            Ok(erased) => erased,
            Err(outcome) => return vec![outcome; ids.len()],
        };
        let stored: Vec<Result<Stored, Outcome>> = ids.iter().map(|id| self.stored(*id, &erased)).collect();
        let rows = stored.iter().flatten().map(Stored::row).collect();
        let written = match self.insert(rows) {
            Ok(written) => written,
            Err(_) if fault::is_broken(Broken::RemovesUnrecorded) => ids.iter().map(|_| Ok(())).collect(),
            Err(failure) => return self.wait_for_rows(stored, &failure),
        };
        let written_ids = || stored.iter().flatten().map(|stored| stored.manifest.id);
        let recorded = written_ids().zip(&written).filter(|(_, written)| written.is_ok());
        let recorded: Vec<Id> = recorded.map(|(id, _)| id).collect();
        // Behind the commit: whoever has laid one since has not seen the row.
        let erased = self.erased(&recorded);
        let mut written = written.into_iter();
        let end = |stored: Result<Stored, Outcome>| match (stored, &erased) {
            (Err(outcome), _) => outcome,
            (Ok(stored), erased) => match (written.next(), erased) {
                (Some(Ok(())), Ok(erased)) => self.recorded(&stored, erased),
                (Some(Ok(())), Err(failure)) => failure.clone(),
                (Some(Err(refused)), _) => self.refuse(stored.manifest.id, &refused),
                // The database answers for each row; if not, nothing is known of this one.
                (None, _) => Outcome::Next(Step::Judge),
            },
        };
        stored.into_iter().map(end).collect()
    }

    fn wait_for_rows(&self, stored: Vec<Result<Stored, Outcome>>, failure: &Outcome) -> Vec<Outcome> {
        let end = |stored: Result<Stored, Outcome>| match stored {
            Err(outcome) => outcome,
            Ok(stored) => {
                self.note_stored(stored);
                failure.clone()
            }
        };
        stored.into_iter().map(end).collect()
    }

    fn recorded(&self, stored: &Stored, erased: &[Id]) -> Outcome {
        let id = stored.manifest.id;
        if erased.contains(&id) {
            return Outcome::Next(Step::Erase);
        }
        self.parts.sync.remove_delivered(id, Kind::DELIVERED);
        Outcome::Delivered
    }

    fn stored(&self, id: Id, erased: &[Id]) -> Result<Stored, Outcome> {
        if erased.contains(&id) {
            return Err(Outcome::Next(Step::Erase));
        }
        let manifest = self.manifest(id)?;
        let url = match manifest.stored.clone() {
            Some(url) => url,
            None => {
                let url = self.parts.storage.url(&manifest.key);
                url.map_err(|error| self.refuse(id, &error))?
            }
        };
        Ok(Stored { manifest, url })
    }

    /// What became of each, or of all.
    fn insert(&self, rows: Vec<Row>) -> Result<Vec<Result<(), DatabaseError>>, Outcome> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.uses(Destination::Database);
        let written = self.parts.database.insert(&rows);
        let written = written.map_err(|error| self.is_down(Destination::Database, &error))?;
        fault::point("row");
        self.worked();
        Ok(written.into_iter().map(|written| written.map(drop)).collect())
    }

    /// The row has to wait.
    pub fn note(&self, id: Id) -> Result<Outcome, Outcome> {
        if self.parts.storage.durability() == Durability::ByItself {
            self.note_stored(self.stored(id, &[])?);
        }
        Ok(Outcome::Noted)
    }

    /// So that an outage of the database does not have it sent again with each try. A folder store is left out: what
    /// lies there is durable with the next sync only, and to put it again costs nothing.
    fn note_stored(&self, stored: Stored) {
        let Stored { mut manifest, url } = stored;
        if manifest.stored.is_some() || self.parts.storage.durability() == Durability::WithSync {
            return;
        }
        manifest.stored = Some(url);
        if let Err(error) = manifest.rewrite(&self.parts.place) {
            log::warn!(
                "dump {} is stored and will be once more, since that cannot be noted: {error}",
                manifest.id
            );
        }
    }

    /// Object and row of this and of earlier runs go, and its files.
    pub fn erase(&self, id: Id) -> Result<Outcome, Outcome> {
        self.shelf.take(id);
        if let Some(manifest) = self.known(id)? {
            self.erase_stored(manifest)?;
        }
        Ok(self.remove_erased(id))
    }

    fn erase_stored(&self, mut manifest: Manifest) -> Result<(), Outcome> {
        let Parts { storage, database, .. } = self.parts;
        let (id, key) = (manifest.id, manifest.key.clone());
        let url = manifest.stored.clone().map_or_else(|| storage.url(&key), Ok);
        // A key that the store takes for none was never put.
        let Ok(url) = url else { return Ok(()) };
        self.uses(Destination::Storage);
        let abandoned = self.with_upload(&mut manifest, |upload| storage.abandon(&key, upload));
        abandoned.and_then(|()| storage.remove(&url)).map_err(|error| {
            if error.whose() == Whose::Dump {
                self.set_aside(id, &error)
            } else {
                self.is_down(Destination::Storage, &error)
            }
        })?;
        fault::point("object erased");
        self.worked();
        self.uses(Destination::Database);
        let removed = database.remove(&row(&manifest, &url).reference());
        removed.map_err(|error| self.is_down(Destination::Database, &error))?;
        self.worked();
        fault::point("row erased");
        Ok(())
    }
}

impl Stored {
    fn row(&self) -> Row {
        row(&self.manifest, &self.url)
    }
}

pub fn row(manifest: &Manifest, url: &str) -> Row {
    Row {
        id: manifest.id,
        created_at: UnixMs::now(),
        labels: manifest.labels.clone(),
        metadata: manifest.metadata.to_string(),
        blob_url: Some(url.to_owned()),
        features_url: None,
        session_start: manifest.start,
        session_end: manifest.end,
    }
}
