//! Which files of the folder are to go: the rules of one sweep, applied to what a walk over the folder finds.
//!
//! Never here: changing anything. Limits: `RETENTION_OBJECTS_MAX` files are held, the oldest ones.
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::age::Since;
use crate::id::Id;
use crate::limits::RETENTION_OBJECTS_MAX;
use crate::storage::{Object, each_object};

/// The rules, as far as they hold for one sweep.
pub struct Pass {
    pub now: SystemTime,
    pub max_age: Option<Duration>,
    pub max_bytes: Option<u64>,
}

/// A file with the time since when it has been there. The order is that of removal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aged {
    since: Since,
    pub object: Object,
}

/// The oldest files after a position, and what is counted of all.
#[derive(Default)]
pub struct Overview {
    pub bytes: u64,
    /// Dumps whose age is not known.
    pub ahead: usize,
    pub oldest: BTreeSet<Aged>,
}

impl Pass {
    /// Why the file is to go, where `surplus` bytes are too many. If it may stay, so may all that come behind it.
    pub fn reason(&self, aged: &Aged, surplus: u64) -> Option<&'static str> {
        if self.is_too_old(aged) {
            return Some("max_age");
        }
        (surplus > 0).then_some("max_bytes")
    }

    fn is_too_old(&self, aged: &Aged) -> bool {
        let older = |most: Duration| most.is_zero() || aged.since.age(self.now).is_some_and(|age| age > most);
        self.max_age.is_some_and(older)
    }

    fn aged(&self, object: Object) -> Aged {
        let since = Since::of(id_in(&object.path), object.modified, self.now);
        Aged { since, object }
    }

    /// How many dumps are too old, and how many bytes they have.
    pub fn too_old(&self, root: &Path) -> io::Result<(usize, u64)> {
        let (mut dumps, mut bytes) = (0, 0);
        each_object(root, &mut |object| {
            let (is_dump, length) = (is_dump(&object), object.bytes);
            if is_dump && self.is_too_old(&self.aged(object)) {
                dumps += 1;
                bytes += length;
            }
        })?;
        Ok((dumps, bytes))
    }

    /// Walks the folder once, for the oldest files behind this one.
    pub fn survey(&self, root: &Path, behind: Option<&Aged>) -> io::Result<Overview> {
        let mut survey = Overview::default();
        each_object(root, &mut |object| {
            survey.bytes += object.bytes;
            let aged = self.aged(object);
            if matches!(aged.since, Since::Ahead(_)) && is_dump(&aged.object) {
                survey.ahead += 1;
            }
            if behind.is_none_or(|behind| *behind < aged) {
                survey.oldest.insert(aged);
                if survey.oldest.len() > RETENTION_OBJECTS_MAX {
                    survey.oldest.pop_last();
                }
            }
        })?;
        Ok(survey)
    }
}

/// Whether it is a dump, by its name.
pub fn is_dump(object: &Object) -> bool {
    id_in(&object.path).is_some() && !object.is_of_features()
}

/// The id in the name. The template ensures that there is one.
pub fn id_in(path: &Path) -> Option<Id> {
    Id::in_name(path.file_name()?.to_str()?)
}
