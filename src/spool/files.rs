//! Every name that a file of a dump can have, and every rename, link and removal of such a file.
//!
//! A state is a folder of an instance, a kind of file is a folder and an ending, and a transition is one rename.
//! Nothing here reads or changes content, keeps a lock, or decides which files may go: the caller does that. The file
//! system is not asked first for what the operation itself will tell. Errors are those of the file system.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::lock::{self, try_lock};
use crate::disk::{self, Linked};
use crate::fault;
use crate::id::Id;

/// What a dump is at present. In each state but the last there is still work to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DumpState {
    /// A live session appends to it.
    Recording,
    /// Sealed: it is complete and not masked yet.
    Ready,
    /// Masked and compressed; it waits for storage and database.
    Packed,
    /// No retry can help it. A note says why.
    Failed,
}

impl DumpState {
    /// In the order in which a dump passes through them.
    pub(super) const ALL: [DumpState; 4] = [
        DumpState::Recording,
        DumpState::Ready,
        DumpState::Packed,
        DumpState::Failed,
    ];

    /// The name that operators see, which is also the folder's.
    pub fn name(self) -> &'static str {
        match self {
            DumpState::Recording => "recording",
            DumpState::Ready => "ready",
            DumpState::Packed => "packed",
            DumpState::Failed => "failed",
        }
    }
}

/// What a file of a dump can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The lines of a live session.
    Recording,
    /// All lines of a session that has ended, not masked.
    Ready,
    /// The masked, compressed dump. If it exists, packing is done.
    Packed,
    /// What is known of a packed dump (`Manifest`). It is written before the packed file appears.
    Manifest,
    /// The features of a packed dump, if they were extracted. They are written before its manifest.
    Features,
    /// One of the three above while it is being written. A crash may leave it, and the next start removes it.
    Partial,
    /// Like `Ready` or `Recording`, for a dump that failed.
    FailedLines,
    /// Like `Packed`, for a dump that failed.
    FailedPacked,
    /// Like `Manifest`, for a dump that failed.
    FailedManifest,
    /// Like `Features`, for a dump that failed.
    FailedFeatures,
    /// Says why the dump failed and what can be done.
    FailedNote,
    /// Says that the operator wants the dump erased (`tombstone`). It lies beside the instances.
    Tombstone,
}

impl Kind {
    const ALL: [Kind; 12] = [
        Kind::Recording,
        Kind::Ready,
        Kind::Packed,
        Kind::Manifest,
        Kind::Features,
        Kind::Partial,
        Kind::FailedLines,
        Kind::FailedPacked,
        Kind::FailedManifest,
        Kind::FailedFeatures,
        Kind::FailedNote,
        Kind::Tombstone,
    ];

    /// The files of a delivered dump, in the order of their removal. The unmasked file goes first: if a crash left that
    /// one, the dump would be delivered again. The manifest goes last: a packed file without a manifest cannot be
    /// delivered, while a manifest without a packed file is only litter, and so are features.
    pub const DELIVERED: &'static [Kind] = &[Kind::Ready, Kind::Packed, Kind::Features, Kind::Manifest];

    /// The same of a dump without features, which saves looking for them.
    pub const DELIVERED_BARE: &'static [Kind] = &[Kind::Ready, Kind::Packed, Kind::Manifest];

    /// The files of an erased dump, in the order of their removal. The manifest goes after the tombstone: alone it is
    /// litter, and while it is there, recovery finds a tombstone that a crash has left.
    pub const ERASED: &'static [Kind] = &[
        Kind::Ready,
        Kind::Packed,
        Kind::Features,
        Kind::Tombstone,
        Kind::Manifest,
    ];

    /// The files of a dump in `failed`, in the order of their removal: the note goes last.
    pub(super) const FAILED: &'static [Kind] = &[
        Kind::FailedLines,
        Kind::FailedPacked,
        Kind::FailedFeatures,
        Kind::FailedManifest,
        Kind::FailedNote,
    ];

    /// The state that the file belongs to; `None` for a tombstone, which can lie beside any state.
    pub fn state(self) -> Option<DumpState> {
        match self {
            Kind::Recording => Some(DumpState::Recording),
            Kind::Ready => Some(DumpState::Ready),
            Kind::Packed | Kind::Manifest | Kind::Features | Kind::Partial => Some(DumpState::Packed),
            Kind::FailedLines | Kind::FailedPacked | Kind::FailedManifest | Kind::FailedFeatures | Kind::FailedNote => {
                Some(DumpState::Failed)
            }
            Kind::Tombstone => None,
        }
    }

    /// Whether the next file of the dump may go without a sync behind this one: in any order that a power cut leaves
    /// these removals, what is left is litter.
    pub(super) fn goes_with_the_next(self) -> bool {
        self == Kind::Features
    }

    /// What follows the id in the file's name.
    fn ending(self) -> &'static str {
        match self {
            Kind::Recording | Kind::Ready | Kind::FailedLines => ".jsonl",
            Kind::Packed | Kind::FailedPacked => ".jsonl.gz",
            Kind::Manifest | Kind::FailedManifest => ".json",
            Kind::Features | Kind::FailedFeatures => ".features.json",
            Kind::Partial => ".part",
            Kind::FailedNote => ".txt",
            Kind::Tombstone => "",
        }
    }

    fn name(self, id: Id) -> String {
        format!("{id}{}", self.ending())
    }

    /// The id of the dump, if a file of this kind can have this name.
    fn id_of(self, name: &OsStr) -> Option<Id> {
        name.to_str()?.strip_suffix(self.ending())?.parse().ok()
    }
}

/// Where the tombstone of a dump lies, if there is one.
pub(super) fn tombstone(spool: &Path, id: Id) -> PathBuf {
    tombstones(spool).join(Kind::Tombstone.name(id))
}

/// The folder of all tombstones, if there ever was one.
pub(super) fn tombstones(spool: &Path) -> PathBuf {
    spool.join("erased")
}

/// Removes a tombstone. It is no error if the file, or its folder too, is gone already.
pub(super) fn remove_tombstone(spool: &Path, id: Id) -> io::Result<()> {
    match disk::remove(&tombstone(spool, id)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map(drop),
    }
}

/// One instance directory of a spool: a folder for each state. Another process may hold its lock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    root: PathBuf,
}

impl Instance {
    /// The instance of this number, whether it exists or not.
    pub(super) fn number(spool: &Path, number: usize) -> Instance {
        Instance {
            root: spool.join(number.to_string()),
        }
    }

    /// All instances that exist, sorted. Anything else in the spool is not ours.
    ///
    /// # Errors
    /// The spool cannot be read. A spool that does not exist has no instances.
    pub(super) fn all(spool: &Path) -> io::Result<Vec<Instance>> {
        let entries = match fs::read_dir(spool) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let roots = entries.map(|entry| Ok(Instance { root: entry?.path() }));
        let mut instances: Vec<Instance> = roots.collect::<io::Result<_>>()?;
        instances.retain(|instance| DumpState::ALL.iter().all(|state| instance.folder(*state).is_dir()));
        instances.sort();
        Ok(instances)
    }

    /// The other instances that have a lock file. Other processes may or may not hold their locks.
    pub(super) fn others(&self) -> io::Result<Vec<Instance>> {
        let entries = fs::read_dir(self.spool())?;
        let roots = entries.map(|entry| Ok(Instance { root: entry?.path() }));
        let mut others: Vec<Instance> = roots.collect::<io::Result<_>>()?;
        others.retain(|other| other != self && other.lock_file().exists());
        Ok(others)
    }

    pub(super) fn make(&self) -> io::Result<()> {
        let mut states = DumpState::ALL.iter();
        states.try_for_each(|state| {
            let folder = self.folder(*state);
            disk::make_folders(&folder).map_err(|error| lock::named("the folder", &folder, &error))
        })
    }

    /// Takes the lock, which is held until the file is closed; `None` if another process has it. A missing lock file is
    /// made.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        let mut options = File::options();
        try_lock(options.create(true).truncate(false).write(true), &self.lock_file())
    }

    /// Like [`lock`](Instance::lock), but an instance without a lock file is left as it is.
    pub(super) fn lock_existing(&self) -> io::Result<Option<File>> {
        try_lock(File::options().write(true), &self.lock_file())
    }

    /// The directory, for messages and for finding its file system.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of all instances.
    pub fn spool(&self) -> &Path {
        self.root.parent().unwrap_or(&self.root)
    }

    /// Where the file lies or would lie.
    pub fn path(&self, kind: Kind, id: Id) -> PathBuf {
        match kind.state() {
            Some(state) => self.folder(state).join(kind.name(id)),
            None => tombstone(self.spool(), id),
        }
    }

    /// # Errors
    /// The file system cannot tell at the moment.
    pub fn exists(&self, kind: Kind, id: Id) -> io::Result<bool> {
        self.path(kind, id).try_exists()
    }

    /// Whether the file itself, and not the disk, is at fault, so that even reading it alone fails. To be asked only
    /// after something else has failed, since it reads the whole file.
    ///
    /// A file of another owner (put back with `sudo cp`) is such a case. If it were counted against the disk, it would
    /// be met again and again as the oldest dump, and hold up all others.
    pub fn is_unreadable(&self, kind: Kind, id: Id) -> bool {
        let read = File::open(self.path(kind, id)).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
        read.is_err_and(|error| {
            matches!(
                Errno::from_io_error(&error),
                Some(Errno::IO | Errno::ISDIR | Errno::ACCESS | Errno::PERM | Errno::UCLEAN)
            )
        })
    }

    /// Renames the file of kind `from` to that of kind `to`, and replaces what may have that name.
    ///
    /// # Errors
    /// `NotFound` if there was no such file; otherwise the file system's, and the file has its old name.
    pub(super) fn rename(&self, id: Id, from: Kind, to: Kind) -> io::Result<()> {
        disk::rename_by_name(&self.path(from, id), &self.path(to, id))
    }

    /// Like [`rename`](Instance::rename), for a file that is open: no call is needed to know it again.
    pub(super) fn rename_open(&self, file: &File, id: Id, from: Kind, to: Kind) -> io::Result<()> {
        disk::rename(file, &self.path(from, id), &self.path(to, id))
    }

    /// Moves a file from another instance into this one.
    pub(super) fn take(&self, other: &Instance, kind: Kind, id: Id) -> io::Result<()> {
        disk::rename_by_name(&other.path(kind, id), &self.path(kind, id))
    }

    /// Gives a file of `other` a second name here, unless there is one. Where links are refused, this is a durable
    /// copy.
    ///
    /// # Errors
    /// `NotFound` if there is none in `other`; otherwise those of the copy.
    pub(super) fn link_from(&self, other: &Instance, kind: Kind, id: Id) -> io::Result<Linked> {
        let (from, to) = (other.path(kind, id), self.path(kind, id));
        disk::link_or_copy(&from, &to, &self.path(Kind::Partial, id))
    }

    /// Gives the file of kind `from` the name of kind `to` as well, unless that exists. Where links are refused, this
    /// is a durable copy.
    pub(super) fn link(&self, id: Id, from: Kind, to: Kind) -> io::Result<Linked> {
        disk::link_or_copy(&self.path(from, id), &self.path(to, id), &self.path(Kind::Partial, id))
    }

    /// Returns true if the file was there. It is no error if it was not.
    ///
    /// # Errors
    /// The file system's. It is also an error if the folder is missing: it may come back later with the file in it.
    pub(super) fn remove(&self, kind: Kind, id: Id) -> io::Result<bool> {
        let path = self.path(kind, id);
        let was_there = match kind {
            // It goes before its dump is delivered, and were it still there, it would only be delivered once more.
            Kind::Ready => disk::remove_rest(&path)?,
            _ => disk::remove(&path)?,
        };
        fault::point("unlink");
        Ok(was_there)
    }

    /// The ids of dumps that have a file of this kind, in no particular order. They are read one by one as they are
    /// asked for.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn ids(&self, kind: Kind) -> io::Result<impl Iterator<Item = io::Result<Id>>> {
        let folder = kind
            .state()
            .map_or(tombstones(self.spool()), |state| self.folder(state));
        let entries = fs::read_dir(folder)?;
        Ok(entries.filter_map(move |entry| match entry {
            Ok(entry) => kind.id_of(&entry.file_name()).map(Ok),
            Err(error) => Some(Err(error)),
        }))
    }

    /// All files of dumps in this state, in no particular order.
    pub(super) fn list(&self, state: DumpState) -> io::Result<Vec<(Id, Kind)>> {
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.state() == Some(state));
        let kinds: Vec<Kind> = kinds.collect();
        let mut files = Vec::new();
        for entry in fs::read_dir(self.folder(state))? {
            let name = entry?.file_name();
            files.extend(kinds.iter().find_map(|kind| Some((kind.id_of(&name)?, *kind))));
        }
        Ok(files)
    }

    pub(super) fn folder(&self, state: DumpState) -> PathBuf {
        self.root.join(state.name())
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }
}

#[cfg(test)]
mod tests;
