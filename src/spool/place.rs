//! One instance of the spool, locked by this process: the steps that a dump takes in it, and what other processes have
//! left.
//!
//! Nothing here reads or changes the content of a dump. Nothing is deleted but the files that adoption finds to belong
//! to no dump. Limits: `INSTANCES_MAX`. Errors are for the operator to solve: a folder cannot be read, a file cannot be
//! moved.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::files::{Instance, Kind};
use super::lock::{self, Works};
use crate::disk;
use crate::fault;
use crate::id::Id;
use crate::limits::INSTANCES_MAX;
use crate::news::{News, Standing};

/// An instance directory of the spool. Its lock is held for as long as the value lives.
#[derive(Debug)]
pub struct Place {
    instance: Instance,
    /// Kept open but never read; closing it releases the instance.
    _lock: File,
    /// What goes wrong from one try to the next.
    pub(super) standing: Mutex<Standing>,
}

impl Deref for Place {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.instance
    }
}

impl Place {
    /// Takes the first instance of `spool` that no other process holds, and makes it if it does not exist.
    ///
    /// # Errors
    /// For the operator to solve: the directory cannot be made or written, its file system keeps no locks, or all
    /// instances are taken.
    pub fn open(spool: &Path) -> io::Result<Place> {
        for number in 0..INSTANCES_MAX {
            let instance = Instance::number(spool, number);
            instance.make()?;
            if let Some(place) = Place::lock(instance)? {
                return Ok(place);
            }
            // Otherwise one folder after the other would be made.
            if number == 0 && lock::works(spool)? == Works::ForNobody {
                return Err(io::Error::other(format!(
                    "flock below {} refuses every lock, also of a file that nobody else has: this file system keeps no \
                     locks; mount it with locks, or use another one",
                    spool.display()
                )));
            }
        }
        Err(io::Error::other(format!(
            "all {INSTANCES_MAX} instances below {} are taken",
            spool.display()
        )))
    }

    /// What is here before a packed file comes from elsewhere.
    const BESIDE_PACKED: [Kind; 2] = [Kind::Manifest, Kind::Features];

    fn lock(instance: Instance) -> io::Result<Option<Place>> {
        let lock = instance.lock()?;
        Ok(lock.map(|lock| Place {
            instance,
            _lock: lock,
            standing: Mutex::default(),
        }))
    }

    /// Hears what is wrong with `subject`, or `None`, and logs what is new of that: what is tried again and again is
    /// told once, once more when its cause changes, and when it is over. `example` goes with the line; another one is
    /// no news.
    pub fn tell(&self, subject: &str, trouble: Option<&str>, example: &str) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match (standing.hear(subject, trouble), trouble) {
            (News::Wrong, Some(trouble)) => log::error!("{trouble}{example}"),
            (News::Over, _) => log::info!("{subject}: what was wrong is over"),
            _ => {}
        }
    }

    /// Turns a recording, whose file is open, into a ready dump.
    ///
    /// # Errors
    /// It is not done; whoever has the recording tries again.
    pub fn seal(&self, id: Id, recording: &File) -> io::Result<()> {
        self.rename_open(recording, id, Kind::Recording, Kind::Ready)?;
        fault::point("seal");
        Ok(())
    }

    /// Turns the partial file, which is open, into the packed one: this commits the packing.
    pub fn commit(&self, id: Id, partial: &File) -> io::Result<()> {
        self.rename_open(partial, id, Kind::Partial, Kind::Packed)?;
        fault::point("commit");
        Ok(())
    }

    /// Moves every file of `id` to `failed`, and puts `note` beside them, which says why and what can be done.
    pub fn fail(&self, id: Id, note: &str) -> io::Result<()> {
        fs::write(self.path(Kind::FailedNote, id), note)?;
        fault::point("fail note");
        for (from, to) in [
            (Kind::Manifest, Kind::FailedManifest),
            (Kind::Features, Kind::FailedFeatures),
            (Kind::Packed, Kind::FailedPacked),
            (Kind::Recording, Kind::FailedLines),
            (Kind::Ready, Kind::FailedLines),
        ] {
            match self.rename(id, from, to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                moved => moved?,
            }
            fault::point("fail move");
        }
        Ok(())
    }

    /// The `count` oldest ids that wait for delivery and that `skip` does not exclude. The memory is bounded by
    /// `count`.
    pub fn oldest(&self, count: usize, skip: &dyn Fn(Id) -> bool) -> io::Result<Vec<Id>> {
        let mut oldest = BTreeSet::new();
        for id in self.ids(Kind::Ready)?.chain(self.ids(Kind::Packed)?) {
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

    /// The number of dumps in any state before delivery, without those that `is_leaving` knows. A folder that cannot be
    /// read counts as empty: this number is only shown to an operator.
    pub fn count(&self, is_leaving: &dyn Fn(Id) -> bool) -> usize {
        let ids = |kind| {
            let ids = self.ids(kind).into_iter().flatten().flatten();
            ids.filter(|id| !is_leaving(*id))
        };
        let is_packed = |id: &Id| self.exists(Kind::Packed, *id).unwrap_or(false);
        ids(Kind::Recording).count() + ids(Kind::Ready).filter(|id| !is_packed(id)).count() + ids(Kind::Packed).count()
    }

    /// Moves the dumps of every instance that no process holds into this one; returns how many files were moved.
    ///
    /// The sessions among them that were cut off are added to `recordings`, since nobody else will seal them. If there
    /// is an error, those that were moved before it are added, too. A packed dump is never anywhere without its
    /// manifest, and all of `packed` is moved before `ready`. So a crash in between leaves nothing that recovery or
    /// another process could mistake for something else.
    ///
    /// Trouble with one instance is logged (see [`tell`](Place::tell)), and keeps nobody from the others. What was
    /// moved stays moved; another call goes on with the rest.
    ///
    /// # Errors
    /// The spool cannot be listed.
    pub fn adopt_others(&self, recordings: &mut Vec<Id>) -> io::Result<usize> {
        let mut files = 0;
        for other in self.others()? {
            let root = other.root().to_owned();
            let root = root.display();
            let trouble = match self.adopt(other, recordings) {
                Ok(adopted) => {
                    files += adopted;
                    None
                }
                // A separate mount is not an instance of ours, and no later call could move anything out of it.
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => Some(format!(
                    "{root} is another file system, its dumps are left there: {error}"
                )),
                Err(error) => Some(format!(
                    "what another process left in {root} cannot be taken over now, this is tried again: {error}"
                )),
            };
            self.tell(&root.to_string(), trouble.as_deref(), "");
        }
        Ok(files)
    }

    /// Moves the dumps of one instance, unless another process holds it.
    fn adopt(&self, other: Instance, recordings: &mut Vec<Id>) -> io::Result<usize> {
        let Some(other) = Place::lock(other)? else {
            return Ok(0);
        };
        let packed = self.adopt_packed(&other)?;
        Ok(packed + self.adopt_lines(&other, recordings)?)
    }

    fn adopt_packed(&self, other: &Place) -> io::Result<usize> {
        let mut files = 0;
        for id in other.ids(Kind::Packed)? {
            let id = id?;
            for kind in Place::BESIDE_PACKED {
                match self.link_from(other, kind, id) {
                    // Without a manifest, delivery will refuse the dump. Features it need not have.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    linked => drop(linked?),
                }
                fault::point("adopt manifest");
            }
            self.take(other, Kind::Packed, id)?;
            fault::point("adopt");
            files += 1;
        }
        // A power cut could keep the removal of a manifest but lose the second name that it has got here.
        let is_there = |kind| Ok::<_, io::Error>(other.ids(kind)?.next().is_some());
        if is_there(Kind::Manifest)? || is_there(Kind::Features)? {
            disk::sync_whole(&File::open(self.root())?, self.root())?;
        }
        // What is left belongs to no packed dump: second names, and litter from packing and removing.
        for kind in [Kind::Features, Kind::Manifest, Kind::Partial] {
            for id in other.ids(kind)? {
                let id = id?;
                if kind != Kind::Partial && (other.exists(Kind::Packed, id)? || self.lacks(kind, other, id)?) {
                    return Err(io::Error::other("a file that was moved or linked is not there"));
                }
                other.remove(kind, id)?;
                fault::point("adopt litter");
            }
        }
        Ok(files)
    }

    /// Whether a dump that is here now has no such file, even if it is linked once more. Nobody could deliver the dump
    /// without its manifest.
    fn lacks(&self, kind: Kind, other: &Place, id: Id) -> io::Result<bool> {
        if !self.exists(Kind::Packed, id)? {
            return Ok(false);
        }
        self.link_from(other, kind, id)?;
        Ok(!self.exists(kind, id)?)
    }

    fn adopt_lines(&self, other: &Place, recordings: &mut Vec<Id>) -> io::Result<usize> {
        let mut files = 0;
        for kind in [Kind::Ready, Kind::Recording] {
            for id in other.ids(kind)? {
                let id = id?;
                // Noted first: if it cannot be told now whether the move was done, whoever looks for the recording here
                // later finds it, or not.
                recordings.extend((kind == Kind::Recording).then_some(id));
                self.take(other, kind, id)?;
                fault::point("adopt");
                files += 1;
            }
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests;
