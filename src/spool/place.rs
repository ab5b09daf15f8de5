//! Where dumps lie: the only code that knows the spool's paths and makes its renames.
//!
//! A state is a directory, a transition is one rename. Nothing here reads or changes the content of a dump, and
//! nothing is deleted but what adoption leaves without a dump. One `Place` is one instance directory, held by a lock for as long as the value lives.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::fault;
use crate::id::Id;
use crate::limits::INSTANCES_MAX;

/// What a dump is at present; each state but the last is work still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A live session appends to it.
    Recording,
    /// Sealed: complete, in the clear.
    Ready,
    /// Masked and compressed, waiting for storage and database.
    Packed,
    /// What no retry can mend, with a note that says why.
    Failed,
}

impl State {
    /// In the order of a dump's way.
    pub(super) const ALL: [State; 4] = [State::Recording, State::Ready, State::Packed, State::Failed];

    /// What operators call it, and its directory.
    pub fn name(self) -> &'static str {
        match self {
            State::Recording => "recording",
            State::Ready => "ready",
            State::Packed => "packed",
            State::Failed => "failed",
        }
    }

    /// The directory of this state in an instance.
    pub(super) fn of(self, instance: &Path) -> PathBuf {
        instance.join(self.name())
    }
}

/// One instance directory of the spool, locked by this process.
#[derive(Debug)]
pub struct Place {
    root: PathBuf,
    /// Held, never read: closing it gives the instance back.
    _lock: File,
}

impl Place {
    /// Takes the first instance of `spool` that no other process holds, making it if there is none.
    ///
    /// # Errors
    /// The operator's: the directory cannot be made or written, or all instances are taken.
    pub fn open(spool: &Path) -> io::Result<Place> {
        for number in 0..INSTANCES_MAX {
            let root = spool.join(number.to_string());
            for state in State::ALL {
                fs::create_dir_all(root.join(state.name()))?;
            }
            if let Some(place) = Place::lock(root)? {
                return Ok(place);
            }
        }
        Err(io::Error::other(format!(
            "all {INSTANCES_MAX} instances below {} are taken",
            spool.display()
        )))
    }

    fn lock(root: PathBuf) -> io::Result<Option<Place>> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Place { root, _lock: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The instance directory, for messages and for finding its file system.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The uncompressed lines of a dump in `Recording`, `Ready` or `Failed`.
    pub fn line_file(&self, state: State, id: Id) -> PathBuf {
        self.file(state, id, "jsonl")
    }

    /// The masked, compressed dump. Its existence says that packing is done.
    pub fn packed_file(&self, id: Id) -> PathBuf {
        self.file(State::Packed, id, "jsonl.gz")
    }

    /// What is known of a packed dump (`Manifest`), written before the packed file appears.
    pub fn manifest_file(&self, id: Id) -> PathBuf {
        self.file(State::Packed, id, "json")
    }

    /// A packed dump that is still being written; a crash may leave it, and the next start removes it.
    pub fn partial_file(&self, id: Id) -> PathBuf {
        self.file(State::Packed, id, "part")
    }

    /// The folder of all instances.
    pub fn spool(&self) -> &Path {
        self.root.parent().unwrap_or(&self.root)
    }

    fn file(&self, state: State, id: Id, extension: &str) -> PathBuf {
        self.root.join(state.name()).join(format!("{id}.{extension}"))
    }

    /// `Recording` → `Ready`.
    pub fn seal(&self, id: Id) -> io::Result<()> {
        fs::rename(self.line_file(State::Recording, id), self.line_file(State::Ready, id))?;
        fault::point("seal");
        Ok(())
    }

    /// The partial file becomes the packed one: the commit of packing.
    pub fn commit(&self, id: Id) -> io::Result<()> {
        fs::rename(self.partial_file(id), self.packed_file(id))?;
        fault::point("commit");
        Ok(())
    }

    /// Moves every file of `id` to `Failed`, with `note` beside them saying why and what can be done.
    pub fn fail(&self, id: Id, note: &str) -> io::Result<()> {
        fs::write(self.file(State::Failed, id, "txt"), note)?;
        fault::point("fail note");
        for (state, extension) in [
            (State::Packed, "json"),
            (State::Packed, "jsonl.gz"),
            (State::Recording, "jsonl"),
            (State::Ready, "jsonl"),
        ] {
            move_if_there(
                &self.file(state, id, extension),
                &self.file(State::Failed, id, extension),
            )?;
            fault::point("fail move");
        }
        Ok(())
    }

    /// The ids of all files in the directory of `state` with this extension, in no order, read as they are asked for.
    pub fn ids(&self, state: State, extension: &'static str) -> io::Result<impl Iterator<Item = io::Result<Id>>> {
        let entries = fs::read_dir(self.root.join(state.name()))?;
        Ok(entries.filter_map(move |entry| match entry {
            Ok(entry) => id_of(&entry.file_name(), extension).map(Ok),
            Err(error) => Some(Err(error)),
        }))
    }

    /// The `count` oldest ids that wait for delivery and that `skip` does not claim. Memory is bounded by `count`.
    pub fn oldest(&self, count: usize, skip: &dyn Fn(Id) -> bool) -> io::Result<Vec<Id>> {
        let mut oldest = BTreeSet::new();
        for id in self
            .ids(State::Ready, "jsonl")?
            .chain(self.ids(State::Packed, "jsonl.gz")?)
        {
            let id = id?;
            if skip(id) || (oldest.len() == count && oldest.last().is_some_and(|last| *last < id)) {
                continue;
            }
            oldest.insert(id);
            if oldest.len() > count {
                oldest.pop_last();
            }
        }
        Ok(oldest.into_iter().collect())
    }

    /// Dumps in any state before delivery, but for those that `is_leaving` knows. A folder that cannot be read counts as
    /// empty: this is for an operator's eye.
    pub fn count(&self, is_leaving: &dyn Fn(Id) -> bool) -> usize {
        let ids = |state, extension| {
            let ids = self.ids(state, extension).into_iter().flatten().flatten();
            ids.filter(|id| !is_leaving(*id))
        };
        let is_packed = |id: &Id| self.packed_file(*id).exists();
        ids(State::Recording, "jsonl").count()
            + ids(State::Ready, "jsonl").filter(|id| !is_packed(id)).count()
            + ids(State::Packed, "jsonl.gz").count()
    }

    /// Moves the dumps of every instance that no process holds into this one; returns how many files these were.
    ///
    /// The sessions among them that were cut off are added to `recordings`, since nobody else will seal them; also
    /// those that were moved before an error. A packed dump never lies anywhere without its ID.json, and all of packed
    /// goes before ready, so that a crash in between leaves nothing that recovery or another process would take for
    /// something else.
    ///
    /// # Errors
    /// The operator's. What was moved is moved; another call goes on with the rest.
    pub fn adopt_others(&self, recordings: &mut Vec<Id>) -> io::Result<usize> {
        let mut files = 0;
        let spool = self.root.parent().ok_or(io::ErrorKind::NotFound)?;
        for entry in fs::read_dir(spool)? {
            let other = entry?.path();
            if other == self.root || !other.join("lock").exists() {
                continue;
            }
            let Some(other) = Place::lock(other)? else { continue };
            let packed = self.adopt_packed(&other);
            match packed.and_then(|packed| Ok(packed + self.adopt_lines(&other, recordings)?)) {
                Ok(adopted) => files += adopted,
                // A mount of its own is no instance of ours, and no later call could move anything out of it.
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    log::error!(
                        "{} is another file system, its dumps are left there: {error}",
                        other.root.display()
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }

    fn adopt_packed(&self, other: &Place) -> io::Result<usize> {
        let mut files = 0;
        for id in other.ids(State::Packed, "jsonl.gz")? {
            let id = id?;
            let (theirs, ours) = (other.manifest_file(id), self.manifest_file(id));
            match fs::hard_link(&theirs, &ours) {
                Ok(()) => {}
                // An adoption that a crash ended came this far; or there is none, and delivery will refuse the dump.
                Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {}
                Err(error) if knows_no_links(&error) => copy_durably(&theirs, &ours)?,
                Err(error) => return Err(error),
            }
            fault::point("adopt manifest");
            fs::rename(other.packed_file(id), self.packed_file(id))?;
            fault::point("adopt");
            files += 1;
        }
        // A power cut could keep the removal of a manifest and lose the other name that it has got here.
        if other.ids(State::Packed, "json")?.next().is_some() {
            rustix::fs::syncfs(File::open(&self.root)?)?;
        }
        // What is left belongs to no packed dump: second names, and the litter of packing and of removing.
        for extension in ["json", "part"] {
            for id in other.ids(State::Packed, extension)? {
                fs::remove_file(other.file(State::Packed, id?, extension))?;
                fault::point("adopt litter");
            }
        }
        Ok(files)
    }

    fn adopt_lines(&self, other: &Place, recordings: &mut Vec<Id>) -> io::Result<usize> {
        let mut files = 0;
        for state in [State::Ready, State::Recording] {
            for id in other.ids(state, "jsonl")? {
                let id = id?;
                fs::rename(other.line_file(state, id), self.line_file(state, id))?;
                recordings.extend((state == State::Recording).then_some(id));
                fault::point("adopt");
                files += 1;
            }
        }
        Ok(files)
    }
}

/// File systems without hard links answer so (link(2)).
fn knows_no_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
    )
}

fn copy_durably(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::open(to)?.sync_all()
}

fn id_of(name: &std::ffi::OsStr, extension: &str) -> Option<Id> {
    name.to_str()?.strip_suffix(extension)?.strip_suffix('.')?.parse().ok()
}

fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests;
