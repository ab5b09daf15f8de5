//! The spool as an operator sees it, beside running servers: what waits, what failed, and back into the queue with it.
//!
//! Takes part in no lock that a start waits for longer than a move takes, changes only what is in failed, and never
//! reads or touches what a live session writes. What is listed may have moved on when it is looked at; that is no error.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::place::State;
use super::sound;
use super::ticket::{Manifest, Ticket};
use crate::dump::header;
use crate::id::Id;
use crate::limits::HEAD_LINE_BYTES_MAX;

/// One dump in one state.
#[derive(Debug)]
pub struct Entry {
    pub id: Id,
    pub state: State,
    /// The folder of the process that has, or had, the dump.
    pub instance: PathBuf,
    /// All its files in this state, sorted, the note included.
    pub files: Vec<PathBuf>,
    /// Their length.
    pub bytes: u64,
    /// When the dump came into this state; of a live one, when it was last written.
    pub changed: SystemTime,
}

impl Entry {
    /// Why the dump failed.
    pub fn note(&self) -> Option<String> {
        let note = self.file("txt")?;
        fs::read(note)
            .ok()
            .map(|note| String::from_utf8_lossy(&note).into_owned())
    }

    /// What is to become its row, if it was packed. Masked, as everything that packing writes.
    pub fn manifest(&self) -> Option<Manifest> {
        let text = fs::read(self.file("json")?).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Whose session it was; `None` where nothing readable says so.
    pub fn ticket(&self) -> Option<Ticket> {
        if let Some(manifest) = self.manifest() {
            return Some(Ticket {
                user: manifest.user,
                conference: manifest.conference,
                session: manifest.session,
                start: manifest.start,
                ..Ticket::default()
            });
        }
        let mut input = BufReader::new(File::open(self.file("jsonl")?).ok()?.take(HEAD_LINE_BYTES_MAX));
        let mut line = Vec::new();
        input.read_until(b'\n', &mut line).ok()?;
        line.clear();
        input.read_until(b'\n', &mut line).ok()?;
        let (_, ticket) = header::read_head(&line).ok()?;
        serde_json::from_value(ticket?).ok()
    }

    /// A process may write to it at this moment. What nobody holds is only waiting to be taken over.
    pub fn is_live(&self) -> bool {
        let lock = || {
            File::options()
                .write(true)
                .open(self.instance.join("lock"))?
                .try_lock()
                .map_err(io::Error::from)
        };
        self.state == State::Recording && lock().is_err()
    }

    fn file(&self, extension: &str) -> Option<&PathBuf> {
        let name = format!("{}.{extension}", self.id);
        self.files
            .iter()
            .find(|file| file.file_name().is_some_and(|file| *file == *name))
    }

    fn new(id: Id, state: State, instance: &Path) -> Entry {
        Entry {
            id,
            state,
            instance: instance.to_owned(),
            files: Vec::new(),
            bytes: 0,
            changed: UNIX_EPOCH,
        }
    }

    fn add(&mut self, file: PathBuf, metadata: &fs::Metadata) {
        // A rename sets the time of the last change of state, not that of the content.
        let changed = Duration::new(
            metadata.ctime().try_into().unwrap_or(0),
            metadata.ctime_nsec().try_into().unwrap_or(0),
        );
        self.changed = self.changed.max(UNIX_EPOCH + changed);
        self.bytes += metadata.len();
        self.files.push(file);
        self.files.sort();
    }
}

/// All dumps in all instances of `spool`, oldest first. One that is packed while its unmasked file still waits for a
/// sync is listed as packed. None where there is no spool yet.
///
/// # Errors
/// A folder cannot be read.
pub fn list(spool: &Path) -> io::Result<Vec<Entry>> {
    let mut found = BTreeMap::new();
    for instance in instances(spool)? {
        // In the order of a dump's way, so that one which moves on meanwhile is met twice rather than missed.
        for state in State::ALL {
            for (id, file) in files(&instance, state)? {
                let Ok(metadata) = fs::metadata(&file) else { continue };
                found
                    .entry((id, state, instance.clone()))
                    .or_insert_with(|| Entry::new(id, state, &instance))
                    .add(file, &metadata);
            }
        }
    }
    let mut entries: Vec<Entry> = found.into_values().filter(is_whole).collect();
    let superseded: Vec<(Id, PathBuf)> = of_state(&entries, State::Packed);
    entries.retain(|entry| entry.state != State::Ready || !superseded.contains(&(entry.id, entry.instance.clone())));
    Ok(entries)
}

fn of_state(entries: &[Entry], state: State) -> Vec<(Id, PathBuf)> {
    let of_state = entries.iter().filter(|entry| entry.state == state);
    of_state.map(|entry| (entry.id, entry.instance.clone())).collect()
}

/// In packed, the manifest and the unfinished file of a pack under way are no dump yet.
fn is_whole(entry: &Entry) -> bool {
    entry.state != State::Packed || entry.file("jsonl.gz").is_some()
}

/// The instance folders. Anything else that lies in the spool is not ours.
fn instances(spool: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(spool) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| Ok(entry?.path()));
    let mut instances: Vec<PathBuf> = paths.collect::<io::Result<_>>()?;
    instances.retain(|instance| State::ALL.iter().all(|state| state.of(instance).is_dir()));
    instances.sort();
    Ok(instances)
}

fn files(instance: &Path, state: State) -> io::Result<Vec<(Id, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(state.of(instance))? {
        let entry = entry?;
        let name = entry.file_name();
        let id = name
            .to_str()
            .and_then(|name| name.split_once('.'))
            .and_then(|(id, _)| id.parse().ok());
        files.extend(id.map(|id| (id, entry.path())));
    }
    Ok(files)
}

/// True while a dump is packed and not yet let go: whether it is stored and recorded is delivery's to decide.
///
/// # Errors
/// A folder cannot be read.
pub fn holds_packed(spool: &Path, id: Id) -> io::Result<bool> {
    // Twice: a process that takes an instance over may move the file from where was not looked yet to where was.
    for _ in 0..2 {
        for instance in instances(spool)? {
            if State::Packed
                .of(&instance)
                .join(format!("{id}.jsonl.gz"))
                .try_exists()?
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Removes what failed of a dump, its note last.
///
/// # Errors
/// The disk's; what is gone is none.
pub fn remove_failed(spool: &Path, id: Id) -> io::Result<()> {
    for instance in instances(spool)? {
        for extension in ["jsonl", "jsonl.gz", "json", "txt"] {
            remove_if_there(&State::Failed.of(&instance).join(format!("{id}.{extension}")))?;
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
    Damaged(&'static str),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Puts failed dumps back into the queue of their instance: those that are packed and sound to packed, others to ready.
/// A server that runs there finds them when it next looks at its disk; any other takes them over.
///
/// It may be interrupted anywhere and repeated. The order is that of `Place::fail` turned round: the manifest is in packed
/// before the packed file, and keeps its name in failed until the rest is durable, since a server that starts just now
/// takes a manifest without a packed file for litter.
pub fn retry(spool: &Path, ids: &[Id]) -> io::Result<Vec<(Id, Result<(), RetryError>)>> {
    let mut done = Vec::new();
    let mut manifests = Vec::new();
    for instance in instances(spool)? {
        // A free instance is kept from being taken over in the middle of a move. One that is held has a server.
        let lock = File::options().write(true).open(instance.join("lock"));
        let _held = lock.as_ref().map(File::try_lock);
        for id in ids {
            let result = put_back(&instance, *id, &mut manifests);
            if !matches!(result, Err(RetryError::NotFailed)) {
                done.push((*id, result));
            }
        }
    }
    if !manifests.is_empty() {
        rustix::fs::syncfs(File::open(spool)?)?;
    }
    for manifest in manifests {
        remove_if_there(&manifest)?;
    }
    let missing = ids.iter().filter(|id| !done.iter().any(|(known, _)| known == *id));
    let missing: Vec<Id> = missing.copied().collect();
    done.extend(missing.into_iter().map(|id| (id, Err(RetryError::NotFailed))));
    Ok(done)
}

fn put_back(instance: &Path, id: Id, manifests: &mut Vec<PathBuf>) -> Result<(), RetryError> {
    let path = |state: State, extension: &str| state.of(instance).join(format!("{id}.{extension}"));
    let failed = |extension| path(State::Failed, extension);
    // First the queue, then failed: files only move from there to here, so that none is missed on its way.
    let queued = [
        path(State::Recording, "jsonl"),
        path(State::Ready, "jsonl"),
        path(State::Packed, "jsonl.gz"),
    ];
    let is_moving = queued.iter().any(|file| file.exists());
    let (lines, object) = (failed("jsonl").exists(), failed("jsonl.gz").exists());
    if !lines && !object {
        return Err(RetryError::NotFailed);
    }
    if is_moving {
        return Err(RetryError::Moving);
    }
    let packed = object.then(|| check_packed(instance, id)).transpose()?;
    match packed {
        Some(Err(reason)) if !lines => return Err(RetryError::Damaged(reason)),
        _ => {}
    }
    // The note goes first: were it last, it could be the one that another failure has written meanwhile.
    remove_if_there(&failed("txt"))?;
    if packed == Some(Ok(())) {
        let manifest = path(State::Packed, "json");
        link(&failed("json"), &manifest)?;
        fs::rename(failed("jsonl.gz"), path(State::Packed, "jsonl.gz"))?;
        link(&failed("json"), &manifest)?;
        manifests.push(failed("json"));
    }
    if lines {
        fs::rename(failed("jsonl"), path(State::Ready, "jsonl"))?;
    }
    Ok(())
}

/// Whether the packed file and the manifest in failed are what packing wrote.
fn check_packed(instance: &Path, id: Id) -> io::Result<Result<(), &'static str>> {
    let file = |extension: &str| State::Failed.of(instance).join(format!("{id}.{extension}"));
    let manifest = match fs::read(file("json")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err("its manifest is missing")),
        text => Manifest::parse(&text?),
    };
    match manifest
        .ok_or("its manifest is damaged")
        .and_then(|manifest| manifest.check(id))
    {
        Ok(()) if !sound::unpacks(&file("jsonl.gz"))? => Ok(Err("its packed file is damaged")),
        checked => Ok(checked),
    }
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // No hard links here; whoever reads it before it is whole refuses the dump, which can be retried again.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            fs::copy(from, to).map(drop)
        }
        done => done,
    }
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests;
