//! Why the dumps of one instance wait, as the process that holds it knows: a small file that commands read.
//!
//! It is written when a cause changes, and removed when nothing keeps dumps waiting. It is a note for operators and
//! decides nothing: it is not synced, and whoever finds one that cannot be understood does without. It contains what
//! the log contains, and nothing of a dump but its id. Limits: `WHY_IDS_MAX`. Errors are those of the file system.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::files::{DumpState, Instance};
use crate::id::Id;
use crate::time::UnixMs;

/// See the head comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Why {
    /// Why nothing can be packed, or made durable.
    pub spool: Option<Cause>,
    /// Why no object can be stored.
    pub storage: Option<Cause>,
    /// Why no row can be written.
    pub database: Option<Cause>,
    /// Why some dumps wait by themselves: the oldest of them.
    pub dumps: Vec<Refused>,
}

/// What keeps dumps waiting, as in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub text: String,
    pub since: UnixMs,
}

/// Dumps that are refused for the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub cause: Cause,
    pub ids: Vec<Id>,
}

impl Why {
    /// What the process of this instance has noted last; nothing, if no file can be read.
    pub fn read(instance: &Instance) -> Why {
        let text = fs::read(path(instance)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Notes it. Whoever reads at this moment finds the note before or this one.
    ///
    /// # Errors
    /// The file system's. The note before may stay.
    pub fn write(&self, instance: &Instance) -> io::Result<()> {
        let path = path(instance);
        if *self == Why::default() {
            return match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let new = path.with_extension("new");
        fs::write(&new, serde_json::to_vec(self).map_err(io::Error::other)?)?;
        fs::rename(new, path)
    }

    /// Why a dump in this state waits: for a reason of its own, or for what it needs next.
    pub fn of(&self, id: Id, state: DumpState, is_stored: bool) -> Option<&Cause> {
        let own = || self.dumps.iter().find(|refused| refused.ids.contains(&id));
        match state {
            DumpState::Recording | DumpState::Failed => None,
            DumpState::Ready => self.spool.as_ref(),
            DumpState::Packed => {
                let storage = self.storage.as_ref().filter(|_| !is_stored);
                let own = own().map(|refused| &refused.cause);
                own.or(storage).or(self.database.as_ref()).or(self.spool.as_ref())
            }
        }
    }
}

/// Whether a process holds the instance, as far as that can be told without one's own taking it. A process that starts
/// at this very moment may find it taken, and then takes another one.
pub fn is_held(instance: &Instance) -> bool {
    let lock = File::open(instance.lock_file());
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn path(instance: &Instance) -> PathBuf {
    instance.root().join("why")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::Place;

    fn cause(text: &str) -> Cause {
        Cause {
            text: text.to_owned(),
            since: UnixMs(1),
        }
    }

    /// Whether the spool, the store and the database have a cause, whether the dump is stored; who keeps it waiting.
    const CASES: [(DumpState, [bool; 3], bool, Option<&str>); 9] = [
        (DumpState::Recording, [true; 3], false, None),
        (DumpState::Failed, [true; 3], false, None),
        (DumpState::Ready, [true; 3], false, Some("spool")),
        (DumpState::Ready, [false, true, true], false, None),
        (DumpState::Packed, [true; 3], false, Some("storage")),
        (DumpState::Packed, [true; 3], true, Some("database")),
        (DumpState::Packed, [false, false, true], false, Some("database")),
        (DumpState::Packed, [true, false, false], false, Some("spool")),
        (DumpState::Packed, [false; 3], false, None),
    ];

    #[test]
    fn a_dump_waits_for_what_it_needs_next() {
        for (state, [spool, storage, database], is_stored, expected) in CASES {
            let (id, ruled) = (Id::new(), Id::new());
            let why = Why {
                spool: spool.then(|| cause("spool")),
                storage: storage.then(|| cause("storage")),
                database: database.then(|| cause("database")),
                dumps: vec![Refused {
                    cause: cause("rule"),
                    ids: vec![ruled],
                }],
            };
            let of = |id| why.of(id, state, is_stored).map(|cause| cause.text.as_str());
            assert_eq!(of(id), expected, "{why:?}");
            let expected = if state == DumpState::Packed {
                Some("rule")
            } else {
                expected
            };
            assert_eq!(of(ruled), expected, "{why:?}");
        }
    }

    #[test]
    fn what_is_noted_reads_back_and_nothing_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::open(folder.path()).unwrap();
        let mut why = Why::default();
        why.write(&place).unwrap();
        assert_eq!(Why::read(&place), why);
        why.storage = Some(cause("away"));
        why.write(&place).unwrap();
        assert_eq!(Why::read(&place), why);
        for damage in ["", "{", "[]", r#"{"storage": 1}"#] {
            fs::write(path(&place), damage).unwrap();
            assert_eq!(Why::read(&place), Why::default(), "{damage}");
        }
        Why::default().write(&place).unwrap();
        assert!(!path(&place).exists());
    }
}
