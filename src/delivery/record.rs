//! The steps that use the database: writing the rows of stored dumps, noting that a row has to wait, and erasing.
//!
//! Rows are written together, and the database answers for each of them. The steps look for tombstones before they
//! write the row and again after it. So whoever lays a tombstone and then looks at the database misses nothing.
use std::fmt::Display;

use super::availability::Destination;
use super::step::{Outcome, Step};
use super::visit::{Parts, Visit};
use crate::database::{DatabaseError, Row, RowRemoval};
use crate::erasure;
use crate::fault::{self, Broken};
use crate::spool::{Id, Kind, Manifest};
use crate::storage::{Durability, features_key};
use crate::time::UnixMs;
use crate::whose::Whose;

/// A dump whose row is to be written.
struct Stored {
    manifest: Manifest,
    url: String,
    features_url: Option<String>,
}

impl Visit<'_> {
    /// Writes the rows of these dumps in one transaction.
    pub fn record(&self, ids: &[Id]) -> Vec<Outcome> {
        let erased = self.erased(ids);
        let known = erased.as_deref().unwrap_or_default();
        let stored: Vec<Result<Stored, Outcome>> = ids.iter().map(|id| self.stored(*id, known)).collect();
        if let Err(failure) = &erased {
            return self.wait_for_rows(stored, failure);
        }
        let with_features = |stored: &Stored| Row {
            features: self.for_tables(&stored.manifest),
            ..stored.row()
        };
        let rows = stored.iter().flatten().map(with_features).collect();
        let written = match self.insert(rows) {
            Ok(written) => written,
            Err(_) if fault::is_broken(Broken::RemovesUnrecorded) => ids.iter().map(|_| Ok(())).collect(),
            Err(failure) => return self.wait_for_rows(stored, &failure),
        };
        let written_ids = || stored.iter().flatten().map(|stored| stored.manifest.id);
        let recorded = written_ids().zip(&written).filter(|(_, written)| written.is_ok());
        let recorded: Vec<Id> = recorded.map(|(id, _)| id).collect();
        // After the commit: whoever laid a tombstone before it may not have seen the row.
        let erased = self.erased(&recorded);
        let mut written = written.into_iter();
        let end = |stored: Result<Stored, Outcome>| match (stored, &erased) {
            (Err(outcome), _) => outcome,
            (Ok(stored), erased) => match (written.next(), erased) {
                (Some(Ok(())), Ok(erased)) => self.recorded(&stored, erased),
                (Some(Ok(())), Err(failure)) => {
                    self.note_stored(stored);
                    failure.clone()
                }
                (Some(Err(refused)), _) => self.row_refused(stored, &refused),
                // The database answers for each row. Without an answer, nothing is known of this one.
                (None, _) => Outcome::Next(Step::Judge),
            },
        };
        stored.into_iter().map(end).collect()
    }

    /// A dump that only a rule refuses comes again, and so it is noted as stored.
    fn row_refused(&self, stored: Stored, refused: &DatabaseError) -> Outcome {
        let (id, whose) = (stored.manifest.id, refused.whose());
        if whose != Whose::Dump {
            self.note_stored(stored);
        }
        self.not_done(id, Destination::Database, whose, refused)
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
        let kinds = match stored.manifest.features {
            Some(_) => Kind::DELIVERED,
            None => Kind::DELIVERED_BARE,
        };
        self.parts.sync.remove_delivered(id, kinds, self.failures);
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
        let features_url = self.features_url(&manifest);
        Ok(Stored {
            manifest,
            url,
            features_url,
        })
    }

    /// Where the features are that the put of the dump has stored.
    fn features_url(&self, manifest: &Manifest) -> Option<String> {
        let features = manifest.features.as_ref()?;
        if manifest.stored.is_some() || features.refused.is_some() {
            return features.stored.clone();
        }
        self.parts.storage.url(&features_key(&manifest.key)?).ok()
    }

    /// The result for each row, or one result for all.
    fn insert(&self, rows: Vec<Row>) -> Result<Vec<Result<(), DatabaseError>>, Outcome> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.uses(Destination::Database);
        let database = &self.parts.database;
        let renewed = self.suspects.renew(self.failures, || database.renew());
        let written = renewed.and_then(|()| database.insert(&rows));
        let written = written.map_err(|error| self.is_down(Destination::Database, &error))?;
        fault::point("row");
        self.worked();
        Ok(written.into_iter().map(|written| written.map(drop)).collect())
    }

    /// Notes that the row has to wait.
    pub fn note(&self, id: Id) -> Result<Outcome, Outcome> {
        if self.parts.storage.durability() == Durability::ByItself {
            self.note_stored(self.stored(id, &[])?);
        }
        Ok(Outcome::Noted)
    }

    /// Notes that the dump is stored, so that it is not sent again with each try while the database is down. Dumps in a
    /// folder store are left out: they become durable only with the next sync, and putting them again costs nothing.
    fn note_stored(&self, stored: Stored) {
        let Stored {
            mut manifest,
            url,
            features_url,
        } = stored;
        if manifest.stored.is_some() || self.parts.storage.durability() == Durability::WithSync {
            return;
        }
        manifest.stored = Some(url);
        if let Some(features) = &mut manifest.features {
            features.stored = features_url;
        }
        if let Err(error) = manifest.rewrite(&self.parts.place) {
            log::warn!(
                "dump {} is stored and will be once more, since that cannot be noted: {error}",
                manifest.id
            );
        }
    }

    /// Removes object and row, of this and of earlier runs, and then the dump's files.
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
        let Some(url) = erasure::object_url(storage, &manifest) else {
            return Ok(());
        };
        let reference = row(&manifest, &url, None).reference();
        self.uses(Destination::Database);
        let would_go = database.would_remove(&reference);
        self.row_gone(id, would_go, "its row would stay, so that its object stays too")?;
        self.uses(Destination::Storage);
        let removed = self.with_upload(&mut manifest, |upload| {
            erasure::remove_object(storage, &key, &url, upload)
        });
        removed.map_err(|error| self.not_erased(id, Destination::Storage, error.whose(), &error))?;
        fault::point("object erased");
        let features = erasure::remove_features(storage, &url);
        features.map_err(|error| self.not_erased(id, Destination::Storage, error.whose(), &error))?;
        fault::point("features erased");
        self.worked();
        self.uses(Destination::Database);
        let removed = database.remove(&reference);
        self.row_gone(id, removed, "its object is gone, and its row stays")?;
        fault::point("row erased");
        Ok(())
    }
}

impl Visit<'_> {
    /// Goes on if the row is gone, or would go; otherwise the dump waits by itself.
    fn row_gone(&self, id: Id, gone: Result<RowRemoval, DatabaseError>, else_what: &str) -> Result<(), Outcome> {
        let removal = gone.map_err(|error| self.not_erased(id, Destination::Database, error.whose(), &error))?;
        self.worked();
        match removal {
            RowRemoval::Done | RowRemoval::Absent => Ok(()),
            RowRemoval::Kept(why) => {
                let cause = format!("it is to be erased, but {else_what}: {why}");
                Err(self.is_ruled_out(Destination::Database, &cause))
            }
        }
    }

    /// Whoever refuses to erase a dump is asked again, unless no answer can come: its object cannot be named.
    fn not_erased(&self, id: Id, destination: Destination, whose: Whose, error: &dyn Display) -> Outcome {
        match whose {
            Whose::Dump if destination == Destination::Storage => self.set_aside(id, error),
            Whose::Dump | Whose::Rule => self.is_ruled_out(destination, error),
            Whose::Destination | Whose::Machine => self.is_down(destination, error),
        }
    }
}

impl Stored {
    fn row(&self) -> Row {
        row(&self.manifest, &self.url, self.features_url.clone())
    }
}

pub fn row(manifest: &Manifest, url: &str, features_url: Option<String>) -> Row {
    Row {
        id: manifest.id,
        created_at: UnixMs::now(),
        labels: manifest.labels.clone(),
        metadata: manifest.metadata.to_string(),
        blob_url: Some(url.to_owned()),
        features_url,
        session_start: manifest.start,
        session_end: manifest.end,
        features: None,
    }
}
