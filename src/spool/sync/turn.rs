//! The removals that follow one sync: which files of a dump go next, and which dumps are distrusted instead.
//!
//! Of each dump one file goes, the first that is there; the next one waits for another sync. After a sync that has
//! failed nothing goes whose successors it may have lost: that is reported. Nothing is synced here. Errors are those of
//! the file system, with the file; the first one of a turn is kept.

use std::io;

use crate::fault::{self, Broken};
use crate::id::Id;
use crate::spool::files::{Instance, Kind};

/// What the thread has done for a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    pub id: Id,
    pub removal: Removal,
}

/// Which files of a dump are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The unmasked file of a packed dump. The spool was synced after the packing and before this removal.
    Replaced,
    /// All files that `remove_delivered` was given.
    Delivered,
    /// None: a sync has failed, and the packed file may be lost.
    Unpacked,
    /// None: a sync has failed, and the object or the row may be lost.
    Undelivered,
}

impl Removal {
    /// What is reported where a sync has failed.
    fn undone(self) -> Removal {
        match self {
            Removal::Replaced | Removal::Unpacked => Removal::Unpacked,
            Removal::Delivered | Removal::Undelivered => Removal::Undelivered,
        }
    }
}

/// Files of one dump; the first one is removed next.
#[derive(Clone, Copy, Debug)]
pub struct Leaving {
    pub id: Id,
    pub kinds: &'static [Kind],
    /// All that it had.
    pub whole: usize,
    /// The failures that were known before its successors were written.
    pub failures: u64,
}

impl Leaving {
    /// A removal was made, after a sync that has worked, so what it waited for is durable. Or it is a recording that an
    /// earlier process has packed, which nobody else would look at before the next start.
    fn is_settled(self) -> bool {
        self.kinds.len() < self.whole || self.kinds == [Kind::Recording]
    }
}

/// The results of the removals of one turn.
pub struct Turn<'a> {
    instance: &'a Instance,
    pub removed: Vec<Removed>,
    /// The first error.
    pub result: io::Result<()>,
}

impl<'a> Turn<'a> {
    pub fn new(instance: &'a Instance) -> Turn<'a> {
        Turn {
            instance,
            removed: Vec::new(),
            result: Ok(()),
        }
    }

    /// Removes the first file of each dump that exists, after a sync that has worked. Returns what is left. Those whose
    /// successors were begun before a failure that is known now are reported instead.
    pub fn remove(&mut self, known: u64, dumps: Vec<Leaving>, removal: Removal) -> Vec<Leaving> {
        let is_trusted = |leaving: &Leaving| {
            leaving.is_settled() || leaving.failures == known || fault::is_broken(Broken::TrustsFailedSync)
        };
        let (trusted, others): (Vec<Leaving>, Vec<Leaving>) = dumps.into_iter().partition(is_trusted);
        let kept = self.distrust(others, removal.undone());
        let left = |leaving: Leaving| {
            // If the unmasked file were the one that stays, the next start would deliver the dump once more.
            let kinds = &leaving.kinds[self.remove_one(leaving)..];
            let id = leaving.id;
            if kinds.is_empty() {
                self.removed.push(Removed { id, removal });
            }
            (!kinds.is_empty()).then_some(Leaving { kinds, ..leaving })
        };
        kept.into_iter().chain(trusted.into_iter().filter_map(left)).collect()
    }

    /// A sync has failed: reports those whose successors may be lost, and returns the others.
    pub fn distrust(&mut self, dumps: Vec<Leaving>, removal: Removal) -> Vec<Leaving> {
        if fault::is_broken(Broken::TrustsFailedSync) {
            return dumps;
        }
        let (begun, others): (Vec<Leaving>, Vec<Leaving>) = dumps.into_iter().partition(|leaving| leaving.is_settled());
        self.removed
            .extend(others.into_iter().map(|Leaving { id, .. }| Removed { id, removal }));
        begun
    }

    /// Removes the first file that exists; returns how many of the named ones are gone now.
    fn remove_one(&mut self, Leaving { id, kinds, .. }: Leaving) -> usize {
        for (gone, kind) in kinds.iter().enumerate() {
            match self.instance.remove(*kind, id) {
                Ok(true) if kind.goes_with_the_next() => {}
                Ok(false) => {}
                Ok(true) => return gone + 1,
                Err(error) => {
                    let file = self.instance.path(*kind, id);
                    self.fail(io::Error::new(error.kind(), format!("{}: {error}", file.display())));
                    return gone;
                }
            }
        }
        kinds.len()
    }

    pub fn fail(&mut self, error: io::Error) {
        if self.result.is_ok() {
            self.result = Err(error);
        }
    }
}
