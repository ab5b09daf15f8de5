//! The spool as an operator sees it, beside running servers: what waits, what failed, and how to put failed dumps back
//! into the queue.
//!
//! It holds a lock only for as long as its moves take, so that no starting server waits longer than that. It changes
//! only what is in `failed`. In the file of a live session it reads nothing but the head, and changes nothing. A dump
//! that is listed may have moved on before it is looked at; that is no error.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::files::{DumpState, Instance, Kind};
use super::manifest::Manifest;
use super::packed::{Packed, Unsound};
use crate::disk;
use crate::dump::header::Ticket;
use crate::dump::reader::Reader;
use crate::id::Id;
use crate::limits::HEAD_LINE_BYTES_MAX;

/// One dump in one state.
#[derive(Debug)]
pub struct Entry {
    pub id: Id,
    pub state: DumpState,
    /// The folder of the process that has, or had, the dump.
    pub instance: Instance,
    /// The kinds of all its files in this state, including the note.
    kinds: Vec<Kind>,
    /// The length of all files together.
    pub bytes: u64,
    /// When the dump came into this state; for a live dump, when it was last written.
    pub changed: SystemTime,
}

/// Whether the lines of a dump in the spool are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    Done,
    Ahead,
}

impl Entry {
    /// Why the dump failed.
    pub fn note(&self) -> Option<String> {
        let note = fs::read(self.file(&[Kind::FailedNote])?).ok()?;
        Some(String::from_utf8_lossy(&note).into_owned())
    }

    /// The manifest with the future row, if the dump was packed. It is masked, like everything that packing writes.
    ///
    /// # Errors
    /// The dump was packed, but its manifest cannot be trusted, or cannot be read at the moment. The packed file is not
    /// looked at.
    pub fn manifest(&self) -> Result<Option<Manifest>, Unsound> {
        let has = |kind| self.kinds.contains(&kind);
        let packed = match self.state {
            DumpState::Packed => Packed::trusted(&self.instance, self.id),
            DumpState::Failed if has(Kind::FailedPacked) || has(Kind::FailedManifest) => {
                Packed::trusted_failed(&self.instance, self.id)
            }
            _ => return Ok(None),
        };
        packed.map(|packed| Some(packed.manifest))
    }

    /// Whose session it was; `None` if no file says so.
    ///
    /// # Errors
    /// Only the manifest says so, and it cannot be trusted, or cannot be read at the moment.
    pub fn ticket(&self) -> Result<Option<Ticket>, Unsound> {
        let unsound = match self.manifest() {
            Ok(Some(manifest)) => return Ok(Some(ticket_of(manifest))),
            Ok(None) | Err(Unsound::Gone) => None,
            Err(unsound) => Some(unsound),
        };
        match (self.ticket_of_lines(), unsound) {
            (Some(ticket), _) => Ok(Some(ticket)),
            (None, Some(unsound)) => Err(unsound),
            (None, None) => {
                // It may have been packed since it was listed.
                let packed = Packed::trusted(&self.instance, self.id);
                Ok(packed.ok().map(|packed| ticket_of(packed.manifest)))
            }
        }
    }

    fn ticket_of_lines(&self) -> Option<Ticket> {
        let lines = self.file(&[Kind::Recording, Kind::Ready, Kind::FailedLines])?;
        let file = File::open(lines).ok()?;
        Reader::new(BufReader::new(file.take(HEAD_LINE_BYTES_MAX))).ticket()
    }

    /// Whether a process may be writing to it at this moment. A recording that no process holds only waits to be taken
    /// over.
    pub fn is_live(&self) -> bool {
        self.state == DumpState::Recording && !matches!(self.instance.lock_existing(), Ok(Some(_)))
    }

    /// Where its files lie, sorted, for messages.
    pub fn paths(&self) -> Vec<PathBuf> {
        let paths = self.kinds.iter().map(|kind| self.instance.path(*kind, self.id));
        let mut paths: Vec<PathBuf> = paths.collect();
        paths.sort();
        paths
    }

    /// The path of its file that is of one of these kinds.
    fn file(&self, kinds: &[Kind]) -> Option<PathBuf> {
        let kind = self.kinds.iter().find(|kind| kinds.contains(kind))?;
        Some(self.instance.path(*kind, self.id))
    }

    /// The file with its lines, and whether they are masked. None if only a note is left.
    pub fn content(&self) -> Option<(PathBuf, Masking)> {
        let packed = self.file(&[Kind::Packed, Kind::FailedPacked]);
        let lines = || self.file(&[Kind::Recording, Kind::Ready, Kind::FailedLines]);
        match packed {
            Some(packed) => Some((packed, Masking::Done)),
            None => Some((lines()?, Masking::Ahead)),
        }
    }

    fn new(id: Id, state: DumpState, instance: &Instance) -> Entry {
        Entry {
            id,
            state,
            instance: instance.clone(),
            kinds: Vec::new(),
            bytes: 0,
            changed: UNIX_EPOCH,
        }
    }

    fn add(&mut self, kind: Kind, metadata: &fs::Metadata) {
        // A rename changes the time of the last change of status (ctime), not that of the content.
        let changed = Duration::new(
            metadata.ctime().try_into().unwrap_or(0),
            metadata.ctime_nsec().try_into().unwrap_or(0),
        );
        self.changed = self.changed.max(UNIX_EPOCH + changed);
        self.bytes += metadata.len();
        self.kinds.push(kind);
    }
}

/// All dumps in all instances of `spool`, oldest first. A dump that is packed while its unmasked file still waits for a
/// sync is listed as packed. The list is empty if there is no spool yet.
///
/// # Errors
/// A folder cannot be read.
pub fn list(spool: &Path) -> io::Result<Vec<Entry>> {
    let mut found = BTreeMap::new();
    for instance in Instance::all(spool)? {
        // In the order in which a dump passes through them, so that a dump which moves on meanwhile is met twice rather
        // than missed.
        for state in DumpState::ALL {
            for (id, kind) in instance.list(state)? {
                let Ok(metadata) = fs::metadata(instance.path(kind, id)) else {
                    continue;
                };
                found
                    .entry((id, state, instance.clone()))
                    .or_insert_with(|| Entry::new(id, state, &instance))
                    .add(kind, &metadata);
            }
        }
    }
    let mut entries: Vec<Entry> = found.into_values().filter(is_whole).collect();
    let superseded: Vec<(Id, Instance)> = of_state(&entries, DumpState::Packed);
    entries
        .retain(|entry| entry.state != DumpState::Ready || !superseded.contains(&(entry.id, entry.instance.clone())));
    Ok(entries)
}

fn ticket_of(manifest: Manifest) -> Ticket {
    Ticket {
        labels: manifest.labels,
        start: manifest.start,
        ..Ticket::default()
    }
}

fn of_state(entries: &[Entry], state: DumpState) -> Vec<(Id, Instance)> {
    let of_state = entries.iter().filter(|entry| entry.state == state);
    of_state.map(|entry| (entry.id, entry.instance.clone())).collect()
}

/// In `packed`, a manifest or an unfinished file of a pack that is under way is not a dump yet. In `failed`, an earlier
/// version leaves features alone.
fn is_whole(entry: &Entry) -> bool {
    match entry.state {
        DumpState::Packed => entry.kinds.contains(&Kind::Packed),
        DumpState::Failed => entry.kinds != [Kind::FailedFeatures],
        DumpState::Recording | DumpState::Ready => true,
    }
}

/// Whether a dump is packed and its packed file not yet removed. Whether it is stored and recorded is for delivery to
/// decide.
///
/// # Errors
/// A folder cannot be read.
pub fn holds_packed(spool: &Path, id: Id) -> io::Result<bool> {
    // Twice: a process that takes an instance over may move the file from a folder that is still to be looked at into
    // one that was looked at before.
    for _ in 0..2 {
        for instance in Instance::all(spool)? {
            if instance.exists(Kind::Packed, id)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Removes the files of a failed dump, its note last.
///
/// # Errors
/// The disk's; a file that is already gone is no error.
pub fn remove_failed(spool: &Path, id: Id) -> io::Result<()> {
    for instance in Instance::all(spool)? {
        for kind in Kind::FAILED {
            instance.remove(*kind, id)?;
        }
    }
    Ok(())
}

/// Why a dump was not put back.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    #[error("there is no such dump in failed")]
    NotFailed,
    #[error("it is being set aside at this moment; try again")]
    Moving,
    #[error("what is left of it cannot be delivered: {0}")]
    Damaged(Unsound),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Puts failed dumps back into the queue of their instance: those that are packed and sound go to `packed`, others to
/// `ready`. If a server runs on that instance, it finds them when it next looks at its disk; if not, any other server
/// takes them over.
///
/// It may be interrupted anywhere and repeated. The order is that of `Place::fail` reversed: the manifest is in
/// `packed` before the packed file, and keeps its name in `failed` until the rest is durable. The reason: a server that
/// starts at this moment treats a manifest without a packed file as litter.
pub fn retry(spool: &Path, ids: &[Id]) -> io::Result<Vec<(Id, Result<(), RetryError>)>> {
    let mut done = Vec::new();
    let mut manifests = Vec::new();
    for instance in Instance::all(spool)? {
        // Prevents another process from taking a free instance over in the middle of a move. If the instance is not
        // free, it has a server.
        let _held = instance.lock_existing();
        for id in ids {
            let result = put_back(&instance, *id, &mut manifests);
            if !matches!(result, Err(RetryError::NotFailed)) {
                done.push((*id, result));
            }
        }
    }
    if !manifests.is_empty() {
        disk::sync_whole(&File::open(spool)?, spool)?;
    }
    for (instance, id) in manifests {
        instance.remove(Kind::FailedFeatures, id)?;
        instance.remove(Kind::FailedManifest, id)?;
    }
    let missing = ids.iter().filter(|id| !done.iter().any(|(known, _)| known == *id));
    let missing: Vec<Id> = missing.copied().collect();
    done.extend(missing.into_iter().map(|id| (id, Err(RetryError::NotFailed))));
    Ok(done)
}

fn put_back(instance: &Instance, id: Id, manifests: &mut Vec<(Instance, Id)>) -> Result<(), RetryError> {
    let exists = |kind| instance.path(kind, id).exists();
    // First the queue, then `failed`: files only move from the queue to `failed`, so none is missed on its way.
    let is_moving = [Kind::Recording, Kind::Ready, Kind::Packed].into_iter().any(exists);
    let (lines, object) = (exists(Kind::FailedLines), exists(Kind::FailedPacked));
    if !lines && !object {
        return Err(RetryError::NotFailed);
    }
    if is_moving {
        return Err(RetryError::Moving);
    }
    let is_packed = match Packed::open_failed(instance, id) {
        Ok(_) => true,
        Err(Unsound::Unclear(error)) if object => return Err(error.into()),
        Err(reason) if !lines => return Err(RetryError::Damaged(reason)),
        Err(_) => false,
    };
    // The note goes first: were it removed last, it could be a note that another failure has written meanwhile.
    instance.remove(Kind::FailedNote, id)?;
    if is_packed {
        link_beside(instance, id)?;
        instance.rename(id, Kind::FailedPacked, Kind::Packed)?;
        link_beside(instance, id)?;
        manifests.push((instance.clone(), id));
    }
    if lines {
        instance.rename(id, Kind::FailedLines, Kind::Ready)?;
    }
    Ok(())
}

/// Gives what lies beside a packed dump in `failed` its name in the queue as well. Features it need not have.
fn link_beside(instance: &Instance, id: Id) -> io::Result<()> {
    instance.link(id, Kind::FailedManifest, Kind::Manifest)?;
    match instance.link(id, Kind::FailedFeatures, Kind::Features) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        linked => linked.map(drop),
    }
}

#[cfg(test)]
mod tests;
