//! The active set: the dumps that are known at present, each in one stage. The disk is the queue, this a bounded part.
//!
//! Whoever lists the disk skips the ids that are known, so no dump is in two hands, and one that is delivered is not
//! taken up again while its files wait for a sync. Forgetting an id is always safe: it is found on disk again. Nothing
//! here decides what comes next, touches a file or knows the time. Limits: [`Bounds`].
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use super::availability::Destination;
use super::step::Step;
use crate::fault::{self, Broken};
use crate::id::Id;
use crate::limits::{ACTIVE_IDS_MAX, REMOVALS_IDS_MAX};
use crate::spool::Removal;

/// Where a dump stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// To take this step when its turn comes.
    Waiting(Step, Rank),
    /// In a hand that takes this step.
    Busy(Step, Option<Removal>),
    /// Waits for a destination that is down.
    Deferred(Destination),
    /// Packed; it goes on when its unmasked file is gone.
    Syncing,
    /// Stored and recorded; it is forgotten when its files are gone.
    Leaving,
}

/// Whose turn comes first; among equals the oldest's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// It is the attempt at a destination that is down.
    Attempt,
    InTurn,
    /// It met the failure of a destination itself. That may be its own (a folder that only it needs), so the others
    /// come first: else the oldest of them would have the destination taken for down again and again.
    Behind,
}

/// How far the ids on disk are known, oldest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedUpTo {
    /// Not at all.
    Nothing,
    /// Up to this one.
    Id(Id),
    /// Every id on disk.
    #[default]
    All,
}

/// Whether the disk is being listed.
#[derive(Debug, Default)]
enum Listing {
    #[default]
    No,
    UnderWay {
        /// Since it began; at most as many as wait for removals.
        forgotten: HashSet<Id>,
    },
    /// Too many were forgotten meanwhile: the list is of no use.
    Spoiled,
}

/// The limits of the set; tests choose smaller ones.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Ids that wait for being judged or packed; as many again are deferred.
    pub active: usize,
    /// Ids that wait for a removal; hands that are under way may add theirs. As many may wait behind it.
    pub removals: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            active: ACTIVE_IDS_MAX,
            removals: REMOVALS_IDS_MAX,
        }
    }
}

/// See the head comment.
#[derive(Debug, Default)]
pub struct ActiveSet {
    bounds: Bounds,
    stages: HashMap<Id, Stage>,
    /// One queue for each step.
    waiting: [BTreeSet<(Rank, Id)>; Step::ALL.len()],
    /// One queue for each destination, the longest deferred first.
    deferred: [VecDeque<Id>; Destination::ALL.len()],
    /// How many are in hands, for each step.
    busy: [usize; Step::ALL.len()],
    /// How many are packed or delivered, and wait for a removal.
    removing: usize,
    /// See [`Rank::Behind`].
    stumbled: HashSet<Id>,
    /// Beyond it the disk holds ids that there was no room for.
    listed_up_to: ListedUpTo,
    listing: Listing,
}

impl ActiveSet {
    pub fn new(bounds: Bounds) -> ActiveSet {
        ActiveSet {
            bounds,
            ..ActiveSet::default()
        }
    }

    /// Takes in an id that is said to wait on disk, unless it is known.
    pub fn offer(&mut self, id: Id, step: Step) {
        let is_free = !self.stages.contains_key(&id);
        if is_free || fault::is_broken(Broken::TakesTwice) {
            self.wait(id, step);
        }
    }

    pub fn stage(&self, id: Id) -> Option<Stage> {
        self.stages.get(&id).copied()
    }

    pub fn known(&self) -> impl Iterator<Item = Id> {
        self.stages.keys().copied()
    }

    pub fn len(&self) -> usize {
        self.stages.len()
    }

    /// Who takes this step next.
    pub fn first(&self, step: Step) -> Option<(Rank, Id)> {
        self.waiting[step as usize].first().copied()
    }

    pub fn waiting(&self, step: Step) -> usize {
        self.waiting[step as usize].len()
    }

    pub fn busy(&self, step: Step) -> usize {
        self.busy[step as usize]
    }

    /// Gives the first that waits for `step` into a hand that takes the step `takes`.
    pub fn take(&mut self, step: Step, takes: Step) -> Option<Id> {
        let (_, id) = self.waiting[step as usize].pop_first()?;
        self.busy[takes as usize] += 1;
        self.stages.insert(id, Stage::Busy(takes, None));
        Some(id)
    }

    /// A hand that has the dump gives it back, after this step and perhaps a removal. What becomes of it is said next.
    pub fn give_back(&mut self, id: Id) -> Option<(Step, Option<Removal>)> {
        let Some(Stage::Busy(step, removed)) = self.stage(id) else {
            return None;
        };
        self.busy[step as usize] -= 1;
        self.stages.remove(&id);
        Some((step, removed))
    }

    /// It takes this step when its turn comes. If too many wait, the newest is left out.
    pub fn wait(&mut self, id: Id, step: Step) {
        let rank = if self.stumbled.contains(&id) {
            Rank::Behind
        } else {
            Rank::InTurn
        };
        self.wait_as(rank, id, step);
    }

    pub fn wait_as(&mut self, rank: Rank, id: Id, step: Step) {
        self.stages.insert(id, Stage::Waiting(step, rank));
        self.waiting[step as usize].insert((rank, id));
        let (steps, most) = self.group(step);
        let waiting: usize = steps.iter().map(|step| self.waiting(*step)).sum();
        if waiting > most {
            self.leave_newest_out(steps);
        }
    }

    /// What has passed a sync took work, and is not left out for what has not.
    fn group(&self, step: Step) -> (&'static [Step], usize) {
        match step {
            Step::Judge | Step::Pack => (&[Step::Judge, Step::Pack], self.bounds.active),
            _ => (&[Step::Put, Step::Record, Step::Erase], self.bounds.removals),
        }
    }

    fn leave_newest_out(&mut self, steps: &[Step]) {
        let last = |step: &Step| Some((*self.waiting[*step as usize].last()?, *step));
        let newest = steps.iter().filter_map(last).max_by_key(|(last, _)| *last);
        if let Some((last, step)) = newest {
            self.waiting[step as usize].remove(&last);
            self.leave_out(last.1);
        }
    }

    /// The first that waits for `step` is not to have its turn now.
    pub fn withdraw(&mut self, step: Step) -> Option<Id> {
        let (_, id) = self.waiting[step as usize].pop_first()?;
        self.stages.remove(&id);
        Some(id)
    }

    /// It waits for a destination that is down; forgotten if too many do.
    pub fn defer(&mut self, id: Id, destination: Destination) {
        if self.is_saturated() {
            return self.leave_out(id);
        }
        self.stages.insert(id, Stage::Deferred(destination));
        self.deferred[destination as usize].push_back(id);
    }

    /// It met the failure of a destination itself; it is deferred next.
    pub fn stumble(&mut self, id: Id) {
        self.stumbled.insert(id);
    }

    /// True when no more can be deferred.
    pub fn is_saturated(&self) -> bool {
        self.deferred.iter().map(VecDeque::len).sum::<usize>() >= self.bounds.active
    }

    /// The longest deferred one tries the destination, if it can be one that did not stumble.
    pub fn attempt(&mut self, destination: Destination) -> Option<Id> {
        let queue = &mut self.deferred[destination as usize];
        let first = queue.iter().position(|id| !self.stumbled.contains(id));
        let id = queue.remove(first.unwrap_or(0))?;
        self.wait_as(Rank::Attempt, id, Step::Judge);
        Some(id)
    }

    /// The destination is back.
    pub fn resume(&mut self, destination: Destination) {
        for id in std::mem::take(&mut self.deferred[destination as usize]) {
            self.wait(id, Step::Judge);
        }
    }

    /// Destinations that dumps are deferred for.
    pub fn awaited(&self) -> impl Iterator<Item = Destination> {
        let awaited = |destination: &Destination| !self.deferred[*destination as usize].is_empty();
        Destination::ALL.into_iter().filter(awaited)
    }

    /// The sync thread was told to remove files of it.
    pub fn removing(&mut self, id: Id, removal: Removal) {
        let stage = match removal {
            Removal::Replaced => Stage::Syncing,
            Removal::Delivered => Stage::Leaving,
        };
        self.stages.insert(id, stage);
        self.removing += 1;
    }

    /// Its files are gone. The report may be quicker than that of the hand which asked for it. Ignored if it waits for
    /// something else by now. The step that it takes next, if there is one.
    #[must_use]
    pub fn removed(&mut self, id: Id, removal: Removal) -> Option<Step> {
        match (self.stage(id), removal) {
            (Some(Stage::Syncing), Removal::Replaced) => {
                self.removing -= 1;
                self.stages.remove(&id);
                return self.replaced(id);
            }
            (Some(Stage::Leaving), Removal::Delivered) => {
                self.removing -= 1;
                self.forget(id);
            }
            (Some(Stage::Busy(step, _)), removal) => {
                self.stages.insert(id, Stage::Busy(step, Some(removal)));
            }
            _ => {}
        }
        None
    }

    /// Its unmasked file is gone: it is durable as it is packed. Older ones may lie beyond what is listed, and go first
    /// when the disk is listed again. The step that it takes next, if it is not left to that.
    #[must_use]
    pub fn replaced(&mut self, id: Id) -> Option<Step> {
        if self.listed_up_to.hides(id) {
            self.leave_out(id);
            return None;
        }
        Some(Step::Put)
    }

    /// It is no longer in the queue on disk.
    pub fn forget(&mut self, id: Id) {
        self.stages.remove(&id);
        self.stumbled.remove(&id);
        if let Listing::UnderWay { forgotten } = &mut self.listing {
            forgotten.insert(id);
            if forgotten.len() > self.bounds.removals {
                self.listing = Listing::Spoiled;
                self.limit(ListedUpTo::Nothing);
            }
        }
    }

    /// Forgotten for want of room.
    fn leave_out(&mut self, id: Id) {
        self.forget(id);
        self.listed_up_to = self.listed_up_to.min(ListedUpTo::Id(id));
    }

    /// True when so much waits for removals that no more may be added: the sync thread's queue is bounded by this.
    pub fn is_clogged(&self) -> bool {
        self.removing >= self.bounds.removals
    }

    /// True when all that waited has been handed out and the disk may hold more.
    pub fn is_hungry(&self) -> bool {
        self.listed_up_to != ListedUpTo::All && self.waiting.iter().all(BTreeSet::is_empty)
    }

    /// The disk is going to be listed: what is left out from now on lies beyond what is listed again.
    pub fn list(&mut self) {
        self.listed_up_to = ListedUpTo::All;
        self.listing = Listing::UnderWay {
            forgotten: HashSet::new(),
        };
    }

    pub fn is_listing(&self) -> bool {
        !matches!(self.listing, Listing::No)
    }

    /// The list that was made; what has left meanwhile is in it by chance.
    pub fn listed(&mut self, ids: Vec<Id>) {
        let Listing::UnderWay { forgotten } = std::mem::take(&mut self.listing) else {
            return;
        };
        for id in ids.into_iter().filter(|id| !forgotten.contains(id)) {
            self.offer(id, Step::Judge);
        }
    }

    /// At most so far the ids on disk are known.
    pub fn limit(&mut self, listed_up_to: ListedUpTo) {
        self.listed_up_to = self.listed_up_to.min(listed_up_to);
    }
}

impl ListedUpTo {
    fn hides(self, id: Id) -> bool {
        match self {
            ListedUpTo::All => false,
            ListedUpTo::Id(known) => id > known,
            ListedUpTo::Nothing => true,
        }
    }
}

#[cfg(debug_assertions)]
impl ActiveSet {
    /// The counts are those of the stages: costs nothing that grows.
    ///
    /// # Panics
    /// They are not: this program has a fault.
    pub fn check_counts(&self) {
        let waiting: usize = self.waiting.iter().map(BTreeSet::len).sum();
        let deferred: usize = self.deferred.iter().map(VecDeque::len).sum();
        let busy: usize = self.busy.iter().sum();
        assert_eq!(self.stages.len(), waiting + deferred + busy + self.removing);
        assert!(deferred <= self.bounds.active);
        for step in [Step::Judge, Step::Put] {
            let (steps, most) = self.group(step);
            assert!(steps.iter().map(|step| self.waiting(*step)).sum::<usize>() <= most);
        }
    }

    /// Every id is in one stage, and in the queue of that stage.
    ///
    /// # Panics
    /// One is not: this program has a fault.
    pub fn check_whole(&self) {
        self.check_counts();
        let (mut busy, mut removing) = ([0; Step::ALL.len()], 0);
        for (id, stage) in &self.stages {
            match stage {
                Stage::Waiting(step, rank) => assert!(self.waiting[*step as usize].contains(&(*rank, *id))),
                Stage::Deferred(destination) => {
                    let queue = &self.deferred[*destination as usize];
                    assert_eq!(queue.iter().filter(|deferred| *deferred == id).count(), 1);
                }
                Stage::Busy(step, _) => busy[*step as usize] += 1,
                Stage::Syncing | Stage::Leaving => removing += 1,
            }
        }
        assert_eq!((busy, removing), (self.busy, self.removing));
        assert!(self.stumbled.iter().all(|id| self.stages.contains_key(id)));
    }
}

#[cfg(test)]
mod tests;
