//! The active set: the dumps that are known now, each in exactly one stage. It is a bounded part of the queue on disk.
//!
//! A listing of the disk skips the ids that are known. So two hands never have the same dump, and a delivered dump is
//! not taken again while its files wait for a sync. Forgetting an id is always safe: a listing finds it again. The set
//! does not decide what comes next, touches no file and has no clock. Limits: [`Bounds`].
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Instant;

use super::availability::{Destination, Pauses};
use super::held::Held;
use super::listed_up_to::ListedUpTo;
use super::listing::Listing;
use super::stage::{Bounds, Rank, Stage};
use super::step::{Failure, Step};
use crate::fault::{self, Broken};
use crate::id::Id;
use crate::spool::Removal;

/// See the head comment.
#[derive(Debug, Default)]
pub struct ActiveSet {
    bounds: Bounds,
    stages: HashMap<Id, Stage>,
    /// One queue for each step.
    waiting: [BTreeSet<(Rank, Id)>; Step::ALL.len()],
    /// One queue for each destination. The id that was deferred first comes first.
    deferred: [VecDeque<Id>; Destination::ALL.len()],
    /// How many dumps are in hands, for each step.
    busy: [usize; Step::ALL.len()],
    /// How many dumps are packed or delivered and wait for a removal.
    removing: usize,
    /// The ids that met a failure, see [`Rank::Behind`].
    stumbled: HashSet<Id>,
    held: Held,
    listing: Listing,
}

impl ActiveSet {
    pub fn new(bounds: Bounds, pauses: Pauses) -> ActiveSet {
        ActiveSet {
            bounds,
            held: Held::new(bounds.held, pauses),
            ..ActiveSet::default()
        }
    }

    /// Adds an id that should be waiting on disk, unless it is known.
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

    /// The ids that would go on if they were to be erased: that needs neither space nor the consent of a rule that has
    /// refused something else. An erasure that is refused itself has its pauses as others have. If a listing brought it
    /// again and again, thousands of them would leave no room for other dumps.
    pub fn erasable(&self) -> impl Iterator<Item = Id> {
        let ids = self.stages.iter().filter(|(_, stage)| stage.yields_to_erasure());
        ids.map(|(id, _)| *id)
    }

    /// The id that takes this step next.
    pub fn first(&self, step: Step) -> Option<(Rank, Id)> {
        self.waiting[step as usize].first().copied()
    }

    pub fn waiting(&self, step: Step) -> usize {
        self.waiting[step as usize].len()
    }

    pub fn busy(&self, step: Step) -> usize {
        self.busy[step as usize]
    }

    /// Gives the first id that waits for `step` to a hand that takes the step `takes`.
    pub fn take(&mut self, step: Step, takes: Step) -> Option<Id> {
        let (_, id) = self.waiting[step as usize].pop_first()?;
        self.busy[takes as usize] += 1;
        self.stages.insert(id, Stage::Busy(takes, None));
        Some(id)
    }

    /// A hand gives the dump back, with the step it took and perhaps a removal. The next call says what becomes of it.
    pub fn give_back(&mut self, id: Id) -> Option<(Step, Option<Removal>)> {
        let Some(Stage::Busy(step, removed)) = self.stage(id) else {
            return None;
        };
        self.busy[step as usize] -= 1;
        self.stages.remove(&id);
        Some((step, removed))
    }

    /// The dump takes this step when its turn comes. If too many wait, the newest one is forgotten.
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
        if self.waiting_for(steps) > most {
            self.leave_newest_out(steps);
        }
    }

    /// How many more may wait for this step before one is forgotten.
    fn room_for(&self, step: Step) -> usize {
        let (steps, most) = self.group(step);
        most.saturating_sub(self.waiting_for(steps))
    }

    fn waiting_for(&self, steps: &[Step]) -> usize {
        steps.iter().map(|step| self.waiting(*step)).sum()
    }

    /// Dumps behind a sync have cost work, so they do not make room for dumps that have no sync behind them.
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

    /// Takes the first id out of the queue for `step`: it cannot have its turn now.
    pub fn withdraw(&mut self, step: Step) -> Option<Id> {
        let (_, id) = self.waiting[step as usize].pop_first()?;
        self.stages.remove(&id);
        Some(id)
    }

    /// The dump waits for a destination that is down. It is forgotten if too many wait.
    pub fn defer(&mut self, id: Id, destination: Destination) {
        if self.is_saturated() {
            return self.leave_out(id);
        }
        self.held.put_off(id);
        self.stages.insert(id, Stage::Deferred(destination));
        self.deferred[destination as usize].push_back(id);
    }

    /// The dump has met a failure of a destination. It is deferred next.
    pub fn stumble(&mut self, id: Id) {
        self.stumbled.insert(id);
    }

    /// Whether this dump may wait by itself.
    pub fn can_hold(&self, id: Id) -> bool {
        self.held.has_room_for(id)
    }

    /// A rule of a destination refuses the dump this step. It waits by itself.
    pub fn hold(&mut self, id: Id, step: Step, failure: Failure, now: Instant, chance: u64) {
        self.stages.insert(id, Stage::Held(step));
        self.stumbled.insert(id);
        self.held.hold(id, failure, now, chance);
    }

    /// Lets some of those that wait by themselves be tried again, behind all others, as far as there is room for them.
    pub fn try_held(&mut self, now: Instant) {
        for id in self.held.take_due(now, self.room_for(Step::Judge)) {
            self.wait(id, Step::Judge);
        }
    }

    /// When the next of those that wait by themselves may be tried; `None` while there is no room for them.
    pub fn held_retry_at(&self) -> Option<Instant> {
        self.held.retry_at().filter(|_| self.room_for(Step::Judge) > 0)
    }

    /// The dumps that rules refuse.
    pub fn held(&self) -> &Held {
        &self.held
    }

    pub fn held_mut(&mut self) -> &mut Held {
        &mut self.held
    }

    /// True when no more can be deferred.
    pub fn is_saturated(&self) -> bool {
        self.deferred.iter().map(VecDeque::len).sum::<usize>() >= self.bounds.active
    }

    /// The id that was deferred first tries the destination; one that did not stumble is preferred.
    pub fn attempt(&mut self, destination: Destination) -> Option<Id> {
        let queue = &mut self.deferred[destination as usize];
        let first = queue.iter().position(|id| !self.stumbled.contains(id));
        let id = queue.remove(first.unwrap_or(0))?;
        self.wait_as(Rank::Attempt, id, Step::Judge);
        Some(id)
    }

    /// The destination works again: its deferred dumps go on.
    pub fn resume(&mut self, destination: Destination) {
        for id in std::mem::take(&mut self.deferred[destination as usize]) {
            self.wait(id, Step::Judge);
        }
    }

    /// The destinations for which dumps are deferred.
    pub fn awaited(&self) -> impl Iterator<Item = Destination> {
        let awaited = |destination: &Destination| !self.deferred[*destination as usize].is_empty();
        Destination::ALL.into_iter().filter(awaited)
    }

    /// The sync thread was told to remove files of this dump.
    pub fn removing(&mut self, id: Id, removal: Removal) {
        let stage = match removal {
            Removal::Replaced | Removal::Unpacked => Stage::Syncing,
            Removal::Delivered | Removal::Undelivered => Stage::Leaving,
        };
        self.stages.insert(id, stage);
        self.removing += 1;
    }

    /// The dump's files are gone. This report may arrive before that of the hand that asked for it, and is ignored if
    /// the dump waits for something else by now. Returns the step that the dump takes next, if there is one.
    #[must_use]
    pub fn removed(&mut self, id: Id, removal: Removal) -> Option<Step> {
        match (self.stage(id), removal) {
            (Some(Stage::Syncing), Removal::Replaced) => {
                self.removing -= 1;
                self.stages.remove(&id);
                return self.replaced(id);
            }
            (Some(Stage::Syncing), Removal::Unpacked) | (Some(Stage::Leaving), Removal::Undelivered) => {
                self.removing -= 1;
                self.stages.remove(&id);
                return Some(Step::Judge);
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

    /// A sync has failed. Returns the dumps that are stored and wait for their row: their objects may be lost. Those
    /// that are being stored are marked.
    #[must_use]
    pub fn distrust_stored(&mut self) -> Vec<Id> {
        for stage in self.stages.values_mut() {
            if let Stage::Busy(Step::Put, removed) = stage {
                *removed = Some(Removal::Undelivered);
            }
        }
        std::iter::from_fn(|| self.withdraw(Step::Record)).collect()
    }

    /// The unmasked file is gone, so the packed one is durable. Beyond the listed ids there may be older ones, which
    /// come first when the disk is listed again. Returns the dump's next step, unless it is left to that listing.
    #[must_use]
    pub fn replaced(&mut self, id: Id) -> Option<Step> {
        if self.listing.hides(id) {
            self.leave_out(id);
            return None;
        }
        Some(Step::Put)
    }

    /// The dump is no longer in the queue on disk.
    pub fn forget(&mut self, id: Id) {
        self.stages.remove(&id);
        self.stumbled.remove(&id);
        self.held.forget(id);
        self.listing.forget(id, self.bounds.removals);
    }

    /// Forgets an id because there is no room for it.
    fn leave_out(&mut self, id: Id) {
        self.forget(id);
        self.listing.limit(ListedUpTo::Id(id));
    }

    /// True when so many dumps wait for removals that no more may be added. This bounds the sync thread's queue.
    pub fn is_clogged(&self) -> bool {
        self.removing >= self.bounds.removals
    }

    /// True when all waiting ids have been handed out and there may be more on disk.
    pub fn is_hungry(&self) -> bool {
        !self.listing.is_complete() && self.waiting.iter().all(BTreeSet::is_empty)
    }

    /// A listing of the disk begins. Ids that are forgotten from now on count as not listed.
    pub fn list(&mut self) {
        self.listing.begin();
    }

    pub fn is_listing(&self) -> bool {
        self.listing.is_under_way()
    }

    /// Adds the ids that were listed, without those that have left meanwhile and may be in the list by chance. A known
    /// id is in the list if it is to be erased.
    pub fn listed(&mut self, ids: Vec<Id>) {
        for id in self.listing.end(ids) {
            self.offer(id, Step::Judge);
            if let Some(stage) = self.stage(id).filter(|stage| stage.yields_to_erasure()) {
                match stage {
                    Stage::Held(_) => self.held.take(id),
                    _ => self.deferred[Destination::Spool as usize].retain(|deferred| *deferred != id),
                }
                self.wait(id, Step::Judge);
            }
        }
    }

    /// The ids on disk are known at most up to here.
    pub fn limit(&mut self, listed_up_to: ListedUpTo) {
        self.listing.limit(listed_up_to);
    }
}

#[cfg(debug_assertions)]
impl ActiveSet {
    pub fn len(&self) -> usize {
        self.stages.len()
    }

    /// Checks that the counts fit the stages. The cost does not grow with the number of dumps.
    ///
    /// # Panics
    /// They do not fit: this program has a fault.
    pub fn check_counts(&self) {
        let waiting: usize = self.waiting.iter().map(BTreeSet::len).sum();
        let deferred: usize = self.deferred.iter().map(VecDeque::len).sum();
        let busy: usize = self.busy.iter().sum();
        let held = self.held.waiting();
        assert_eq!(self.stages.len(), waiting + deferred + busy + self.removing + held);
        assert!(deferred <= self.bounds.active);
        for step in [Step::Judge, Step::Put] {
            let (steps, most) = self.group(step);
            assert!(self.waiting_for(steps) <= most);
        }
    }

    /// Checks that every id is in exactly one stage and in the queue of that stage.
    ///
    /// # Panics
    /// One of them is not: this program has a fault.
    pub fn check_whole(&self) {
        self.check_counts();
        let (mut busy, mut removing, mut held) = ([0; Step::ALL.len()], 0, 0);
        for (id, stage) in &self.stages {
            match stage {
                Stage::Waiting(step, rank) => assert!(self.waiting[*step as usize].contains(&(*rank, *id))),
                Stage::Deferred(destination) => {
                    let queue = &self.deferred[*destination as usize];
                    assert_eq!(queue.iter().filter(|deferred| *deferred == id).count(), 1);
                }
                Stage::Busy(step, _) => busy[*step as usize] += 1,
                Stage::Syncing | Stage::Leaving => removing += 1,
                Stage::Held(_) => held += 1,
            }
        }
        assert_eq!((busy, removing, held), (self.busy, self.removing, self.held.waiting()));
        assert!(self.held.refusals().all(|(id, _)| self.stages.contains_key(&id)));
        assert!(self.stumbled.iter().all(|id| self.stages.contains_key(id)));
    }
}

#[cfg(test)]
mod tests;
