//! The features of a dump on their way: made whole again if they were damaged, and stored behind the dump.
//!
//! Nothing here holds a dump back for good. If a store is down, the dump waits, as it would without features. What only
//! the features meet (they are refused, or cannot be made again) is noted in the manifest, and the row says it.
use std::fmt::Display;
use std::fs;
use std::sync::Arc;

use super::availability::Destination;
use super::step::{Outcome, Step};
use super::visit::{Parts, Visit};
use crate::fault;
use crate::limits::FEATURE_TABLES_BYTES_MAX;
use crate::spool::{Kind, Manifest, NotRenewed, PackedFeatures, ToExtract};
use crate::storage::{StorageError, features_key};
use crate::whose::{Whose, machine_is_short};

impl Visit<'_> {
    /// Makes features again that are not whole, unless they are stored or not wanted.
    ///
    /// # Errors
    /// The dump has to wait for the spool.
    pub fn renew_features(&self, manifest: &mut Manifest) -> Result<(), Outcome> {
        let (place, id) = (&self.parts.place, manifest.id);
        let is_needed = manifest.features.as_ref().is_some_and(PackedFeatures::are_to_be_stored);
        if !is_needed || manifest.has_whole_features(place) {
            return Ok(());
        }
        let findings = self.parts.pack.findings.clone();
        let what = findings.map_or(ToExtract::Features, ToExtract::Both);
        match PackedFeatures::renewed(place, id, &what) {
            Ok(renewed) if manifest.features.as_ref() == Some(&renewed.features) => Ok(()),
            // Another version has packed it, or one that was configured otherwise.
            Ok(renewed) => {
                manifest.features = Some(renewed.features);
                renewed
                    .findings
                    .iter()
                    .for_each(|findings| manifest.tell_findings(findings));
                self.write_anew(manifest)
            }
            Err(NotRenewed::Io(error)) if machine_is_short(&error) => Err(self.is_down(Destination::Spool, &error)),
            Err(error) => {
                let reason = format!("they were damaged in the spool and could not be made again: {error}");
                self.go_without_features(manifest, &reason)
            }
        }
    }

    /// Stores the features beside the dump, which is stored.
    ///
    /// # Errors
    /// The store or the spool is down, or the dump is to be judged again.
    pub fn put_features(&self, manifest: &mut Manifest) -> Result<(), Outcome> {
        let Parts { place, storage, .. } = self.parts;
        let Some(features) = manifest
            .features
            .as_ref()
            .filter(|features| features.are_to_be_stored())
        else {
            return Ok(());
        };
        let Some(key) = features_key(&manifest.key) else {
            return self.go_without_features(manifest, &"their name would be that of the dump");
        };
        self.uses(Destination::Storage);
        let file = place.path(Kind::Features, manifest.id);
        match storage.put_features(&file, &key, features.crc32) {
            Ok(_) => {
                fault::point("put features");
                self.worked();
                Ok(())
            }
            Err(error) => self.features_not_stored(manifest, &error),
        }
    }

    /// The text of the features, if tables of the database get them. One that is too long for them is left out.
    pub fn for_tables(&self, manifest: &Manifest) -> Option<Arc<[u8]>> {
        let Parts { place, pack, .. } = self.parts;
        if !pack.features.tables || manifest.features.is_none() || !manifest.has_whole_features(place) {
            return None;
        }
        let (id, file) = (manifest.id, place.path(Kind::Features, manifest.id));
        if fs::metadata(&file).ok()?.len() > FEATURE_TABLES_BYTES_MAX {
            log::warn!("the features of dump {id} are too many for their tables, which do without them");
            return None;
        }
        fs::read(file).ok().map(Arc::from)
    }

    fn features_not_stored(&self, manifest: &mut Manifest, error: &StorageError) -> Result<(), Outcome> {
        match error.whose() {
            // Another process has taken the dump over, its folder is away, or the file has lost a bit.
            Whose::Dump if !manifest.has_whole_features(&self.parts.place) => Err(Outcome::Next(Step::Judge)),
            Whose::Dump | Whose::Rule => {
                self.worked();
                self.go_without_features(manifest, &format!("the store refused them: {error}"))
            }
            Whose::Destination | Whose::Machine => Err(self.is_down(Destination::Storage, error)),
        }
    }

    /// Noted at once: the manifest may be read from the disk before the row is written.
    fn go_without_features(&self, manifest: &mut Manifest, reason: &dyn Display) -> Result<(), Outcome> {
        log::warn!("dump {} goes without features: {reason}", manifest.id);
        manifest.refuse_features(&reason.to_string());
        self.write_anew(manifest)
    }

    fn write_anew(&self, manifest: &Manifest) -> Result<(), Outcome> {
        let written = manifest.rewrite(&self.parts.place);
        written.map_err(|error| self.is_down(Destination::Spool, &error))
    }
}
