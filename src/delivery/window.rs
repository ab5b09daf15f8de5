//! Which dumps the workers know of at present, and where each stands: the bounded view of a queue that is the disk.
//!
//! Every id is in one stage at a time, and whoever looks at the disk skips the ids that have one; so no dump is handed
//! to two workers, and one that is delivered is not taken up again while its files wait for a sync. Forgetting an id is
//! always safe: it is found on disk again. No file is touched here and no lock taken.
//! Limits: `WINDOW_IDS_MAX` ids wait, as many again are parked, `UNLINKS_IDS_MAX` wait for the sync (a worker that is
//! under way may add one more).
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use super::backoff::Destination;
use crate::limits::{UNLINKS_IDS_MAX, WINDOW_IDS_MAX};
use crate::spool::Id;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// To be looked at by the next free worker.
    Waiting,
    /// Went as far as it could; a destination is down.
    Parked,
    /// In the hands of a worker.
    Busy,
    /// Packed; it waits again once a sync has let its unmasked file go.
    Syncing,
    /// Stored and recorded; its files go after the next sync.
    Leaving,
}

/// A dump with files that the sync thread was told to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlinking {
    pub id: Id,
    /// All its files go; otherwise only the unmasked ones, since it is packed.
    pub delivered: bool,
}

/// How far the window knows the queue on disk, oldest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Horizon {
    /// Not at all.
    Nothing,
    /// Ids up to this one.
    UpTo(Id),
    /// Every id on disk.
    #[default]
    All,
}

/// See the head comment.
#[derive(Debug, Default)]
pub struct Window {
    stages: HashMap<Id, Stage>,
    /// Oldest first, those that stumbled behind all others.
    waiting: BTreeSet<(bool, Id)>,
    /// One queue for each destination; the first that has not stumbled is the next probe, else the front.
    parked: [VecDeque<Id>; 3],
    /// Dumps that met the failure of a destination themselves. It may be theirs alone (a folder that only they need),
    /// so the others come first: else the oldest of them would close the destination again and again.
    stumbled: HashSet<Id>,
    unlinking: BTreeSet<Id>,
    /// How many of them are packed and no further.
    syncing: usize,
    /// Beyond it the disk holds ids that the window had no room for.
    horizon: Horizon,
}

impl Window {
    /// Takes in an id that is said to wait on disk, unless it is known. If there are too many, the newest is left out.
    pub fn offer(&mut self, id: Id) {
        if self.stages.contains_key(&id) {
            return;
        }
        self.wait(id);
    }

    /// True if the id has a stage: it must not be offered from a listing of the disk.
    pub fn knows(&self, id: Id) -> bool {
        self.stages.contains_key(&id)
    }

    /// Hands out the next dump: the longest parked one of a destination that may be probed, else the oldest.
    /// Parked ones of a destination that is `open` again wait like all others.
    pub fn next(&mut self, open: impl Fn(Destination) -> bool, due: impl Fn(Destination) -> bool) -> Option<Id> {
        let mut probe = None;
        for destination in Destination::ALL {
            if open(destination) {
                self.reopen(destination);
            } else if probe.is_none() && due(destination) {
                probe = self.probe(destination);
            }
        }
        let id = probe.or_else(|| self.waiting.pop_first().map(|(_, id)| id))?;
        self.stages.insert(id, Stage::Busy);
        Some(id)
    }

    fn probe(&mut self, destination: Destination) -> Option<Id> {
        let queue = &mut self.parked[destination as usize];
        let first = queue.iter().position(|id| !self.stumbled.contains(id));
        queue.remove(first.unwrap_or(0))
    }

    /// A destination failed while a worker delivered this dump; it is parked next.
    pub fn stumble(&mut self, id: Id) {
        self.stumbled.insert(id);
    }

    /// A worker gives a dump back that waits for a destination; forgotten if too many do.
    pub fn park(&mut self, id: Id, destination: Destination) {
        if self.is_saturated() {
            self.leave_out(id);
            return;
        }
        self.stages.insert(id, Stage::Parked);
        self.parked[destination as usize].push_back(id);
    }

    /// True when no more can be parked.
    pub fn is_saturated(&self) -> bool {
        self.parked.iter().map(VecDeque::len).sum::<usize>() >= WINDOW_IDS_MAX
    }

    /// A worker delivered the dump: it stays known until [`Window::settled`].
    pub fn leave(&mut self, id: Id) {
        self.stages.insert(id, Stage::Leaving);
        self.stumbled.remove(&id);
        self.unlinking.insert(id);
    }

    /// A worker packed the dump, and the sync thread was told to remove its unmasked file: it stays known, and waits
    /// again after [`Window::settled`].
    pub fn packed(&mut self, id: Id) {
        self.stages.insert(id, Stage::Syncing);
        self.unlinking.insert(id);
        self.syncing += 1;
    }

    /// True while a sync lets some go on.
    pub fn awaits_sync(&self) -> bool {
        self.syncing > 0
    }

    /// A worker is done with a dump that is no longer in the queue on disk.
    pub fn finish(&mut self, id: Id) {
        self.stages.remove(&id);
        self.stumbled.remove(&id);
    }

    /// True when the sync thread has so much to remove that no more may be added: its queue is bounded by this.
    pub fn is_clogged(&self) -> bool {
        self.unlinking.len() >= UNLINKS_IDS_MAX
    }

    /// The dumps whose files wait for the sync, youngest first: files go in the other order, so that of two dumps that
    /// are asked for while they go the older one is not missed.
    pub fn unlinking(&self) -> Vec<Unlinking> {
        let unlinking = |id: &Id| Unlinking {
            id: *id,
            delivered: self.is_leaving(*id),
        };
        self.unlinking.iter().rev().map(unlinking).collect()
    }

    /// The files are gone. Ignored if the dump has been delivered since it was asked about: then others wait.
    pub fn settled(&mut self, gone: Unlinking) {
        if gone.delivered != self.is_leaving(gone.id) {
            return;
        }
        if !self.unlinking.remove(&gone.id) {
            return;
        }
        if gone.delivered {
            self.stages.remove(&gone.id);
            return;
        }
        self.syncing -= 1;
        // Older ones may lie beyond the horizon, and go first when the disk is looked at again.
        if self.horizon.hides(gone.id) {
            self.leave_out(gone.id);
        } else {
            self.wait(gone.id);
        }
    }

    pub fn is_leaving(&self, id: Id) -> bool {
        self.stages.get(&id) == Some(&Stage::Leaving)
    }

    /// True while there is something to hand out whatever the state of the destinations.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// True when all that waits has been handed out and the disk may hold more.
    pub fn is_hungry(&self) -> bool {
        self.horizon != Horizon::All && self.waiting.is_empty()
    }

    /// The disk is going to be listed: what is left out from now on lies beyond the horizon again.
    pub fn lists(&mut self) {
        self.horizon = Horizon::All;
    }

    /// How far the ids on disk have been offered at most.
    pub fn listed(&mut self, horizon: Horizon) {
        self.horizon = self.horizon.min(horizon);
    }

    /// Destinations that dumps are parked for.
    pub fn awaited(&self) -> impl Iterator<Item = Destination> {
        Destination::ALL
            .into_iter()
            .filter(|destination| !self.parked[*destination as usize].is_empty())
    }

    fn reopen(&mut self, destination: Destination) {
        for id in std::mem::take(&mut self.parked[destination as usize]) {
            self.wait(id);
        }
    }

    fn wait(&mut self, id: Id) {
        self.stages.insert(id, Stage::Waiting);
        self.waiting.insert((self.stumbled.contains(&id), id));
        if self.waiting.len() > WINDOW_IDS_MAX
            && let Some((_, newest)) = self.waiting.pop_last()
        {
            self.leave_out(newest);
        }
    }

    fn leave_out(&mut self, id: Id) {
        self.stages.remove(&id);
        self.stumbled.remove(&id);
        self.horizon = self.horizon.min(Horizon::UpTo(id));
    }
}

impl Horizon {
    fn hides(self, id: Id) -> bool {
        match self {
            Horizon::All => false,
            Horizon::UpTo(known) => id > known,
            Horizon::Nothing => true,
        }
    }
}

#[cfg(test)]
mod tests;
