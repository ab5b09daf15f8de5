//! The head of delivery. Everything it is told comes through one inbox, and it answers what is to be done next.
//!
//! It is a pure value: no thread, lock, file or clock; time and random numbers are arguments. Every id is in one stage
//! (`active`). The oldest goes first, those that met a failure come behind the others, and one dump at a time tries a
//! destination that is down (`destinations`). One that a rule refuses waits by itself (`held`). `Sealed` events may be
//! dropped on the way and are then replaced by `Missed`; all other events must arrive. Limits: those of the active set,
//! pack slots, `ROWS_PER_INSERT_MAX`. A broken rule ends a debug build ([`Manager::check`]).
use std::time::{Duration, Instant};

use super::active::ActiveSet;
use super::availability::{Attempt, Destination};
use super::causes::Causes;
use super::destinations::Destinations;
use super::event::{Event, Listed, Look, Recovery, RecoveryEnd, Scope, Task};
use super::listed_up_to::ListedUpTo;
use super::phase::Phase;
use super::settings::Settings;
use super::stage::{Rank, Stage};
use super::step::{Done, Failure, Outcome, Step};
use super::turns::Turns;
use crate::id::Id;
use crate::limits::ROWS_PER_INSERT_MAX;
use crate::spool::Removal;
use crate::spool::sync::Health;

/// See the head comment.
#[derive(Debug)]
pub struct Manager {
    phase: Phase,
    active: ActiveSet,
    destinations: Destinations,
    turns: Turns,
    orphans: Vec<Id>,
    look_at: Instant,
    look_every: Duration,
    /// The failures of the sync that are known.
    failures: u64,
    #[cfg(debug_assertions)]
    calls: u64,
}

impl Manager {
    pub fn new(settings: Settings, now: Instant) -> Manager {
        let pace = settings.pace;
        Manager {
            phase: Phase::Unrecovered,
            active: ActiveSet::new(pace.bounds, pace.pauses),
            destinations: Destinations::new(settings.names, pace.pauses),
            turns: Turns::new(settings.pack_slots, now),
            orphans: settings.orphans,
            look_at: now,
            look_every: pace.look,
            failures: 0,
            #[cfg(debug_assertions)]
            calls: 0,
        }
    }

    /// Handles an event. `chance` decides how long a destination that failed is left alone.
    pub fn handle(&mut self, event: Event, now: Instant, chance: u64) {
        match event {
            Event::Sealed(id) => self.active.offer(id, Step::Pack),
            Event::Missed => self.active.limit(ListedUpTo::Nothing),
            Event::Done(done) => self.done(done, now, chance),
            Event::Removed(id, removal) => {
                let next = self.active.removed(id, removal);
                self.go_on(id, next, now);
            }
            Event::Synced(health) => self.synced(health, now, chance),
            Event::Listed(listed) => self.listed(listed),
            Event::Recovered(recovered) => self.recovered(recovered, now, chance),
            Event::Stop => {
                self.phase = Phase::Stopping;
                self.active.held_mut().end();
            }
        }
        self.release();
        self.check();
    }

    /// Hands out what is to be done next.
    pub fn next(&mut self, now: Instant) -> Task {
        let task = match self.phase {
            Phase::Stopping => self.last(now),
            Phase::Recovering => Task::Sleep(self.look_every),
            Phase::Unrecovered => self.recovery(now),
            Phase::Running => self.running(now),
        };
        self.check();
        task
    }

    /// Whether there is work now for another hand.
    pub fn has_work(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Running => self.must_look(now) || (!self.active.is_clogged() && self.choose(now).is_some()),
            Phase::Unrecovered => self.destinations[Destination::Spool].admits(Attempt::Recovery, now),
            Phase::Recovering => false,
            Phase::Stopping => true,
        }
    }

    /// Whether a sleeping hand should take a dump that is sealed now; if not, a hand that is at work will come to it.
    pub fn wants_sealed(&self) -> bool {
        self.phase == Phase::Running && self.turns.may_pack(&self.active)
    }

    /// The dump is stored and recorded. Its files are removed after the next sync.
    pub fn is_leaving(&self, id: Id) -> bool {
        self.active.stage(id) == Some(Stage::Leaving)
    }

    pub fn is_stopping(&self) -> bool {
        self.phase == Phase::Stopping
    }

    /// Tells the log what was only counted for a minute. To be called about once a second.
    pub fn settle(&mut self, now: Instant) {
        self.active.held_mut().settle(now);
    }

    /// Why dumps wait at present.
    pub fn causes(&self) -> Causes<'_> {
        Causes {
            destinations: &self.destinations,
            held: self.active.held(),
        }
    }

    fn recovery(&mut self, now: Instant) -> Task {
        let spool = &mut self.destinations[Destination::Spool];
        if spool.admits(Attempt::Recovery, now) {
            spool.begin(Attempt::Recovery);
            self.phase = Phase::Recovering;
            return Task::Recover(std::mem::take(&mut self.orphans));
        }
        let retry_at = spool.retry_at();
        Task::Sleep(retry_at.map_or(self.look_every, |at| at.saturating_duration_since(now)))
    }

    fn recovered(&mut self, recovered: RecoveryEnd, now: Instant, chance: u64) {
        let spool = &mut self.destinations[Destination::Spool];
        let phase = match recovered.result {
            Recovery::Done => {
                spool.worked(now);
                Phase::Running
            }
            Recovery::Failed(cause) => {
                spool.failed(Attempt::Recovery, &cause, now, chance);
                Phase::Unrecovered
            }
            Recovery::GivenUp => {
                spool.unclear();
                Phase::Running
            }
        };
        if self.phase == Phase::Recovering {
            self.phase = phase;
        }
        self.orphans = recovered.orphans;
    }

    fn running(&mut self, now: Instant) -> Task {
        if self.must_look(now) {
            return Task::Look(self.look(now));
        }
        match self.step(now) {
            Some((step, ids)) => Task::Take(step, ids),
            None => Task::Sleep(self.pause(now)),
        }
    }

    /// While a destination is down, each listing would find the same deferred dumps. Then only the clock asks for one.
    fn must_look(&self, now: Instant) -> bool {
        let is_due = || self.look_at <= now || (self.active.is_hungry() && self.destinations.all_up());
        !self.active.is_listing() && is_due()
    }

    fn look(&mut self, now: Instant) -> Look {
        self.look_at = now + self.look_every;
        self.active.list();
        Look {
            orphans: std::mem::take(&mut self.orphans),
            known: self.active.known().collect(),
            erasable: self.active.erasable().collect(),
            scope: match self.active.is_saturated() {
                true => Scope::Unpacked,
                false => Scope::All,
            },
        }
    }

    /// A failed listing does not count as an empty one, which would ask for the next listing at once, without end.
    fn listed(&mut self, listed: Listed) {
        self.orphans.extend(listed.orphans);
        let found = listed.found.unwrap_or_default();
        self.active.limit(found.listed_up_to);
        self.active.listed(found.ids);
    }

    /// Takes the next dumps out of their queue. Those that need a destination that is down are deferred instead.
    fn step(&mut self, now: Instant) -> Option<(Step, Vec<Id>)> {
        if self.active.is_clogged() {
            return None;
        }
        self.attempt(now);
        self.active.try_held(now);
        self.turns.open(&self.active);
        loop {
            let step = self.choose(now)?;
            let (_, id) = self.active.first(step)?;
            match self.destinations.lacks(step, id, now) {
                None => return Some((step, self.take(step, id, now))),
                Some(_) if step == Step::Record => return Some((Step::Note, self.take_batch(Step::Note, now))),
                Some(destination) => {
                    self.active.withdraw(step);
                    self.active.defer(id, destination);
                    self.release();
                }
            }
        }
    }

    fn choose(&self, now: Instant) -> Option<Step> {
        self.turns.choose(&self.active, self.is_up(Destination::Database), now)
    }

    fn take(&mut self, step: Step, id: Id, now: Instant) -> Vec<Id> {
        self.destinations.begin(step, id);
        match step {
            Step::Record if self.is_up(Destination::Database) => self.take_batch(step, now),
            step => self.active.take(step, step).into_iter().collect(),
        }
    }

    /// The dumps that wait for their row, as many as may go together.
    fn take_batch(&mut self, takes: Step, now: Instant) -> Vec<Id> {
        self.turns.rows_begin(now);
        let one = |_| self.active.take(Step::Record, takes);
        (0..ROWS_PER_INSERT_MAX).map_while(one).collect()
    }

    /// What is stored and waits for its row is noted as such, so that the next start does not store it again.
    fn last(&mut self, now: Instant) -> Task {
        match self.take_batch(Step::Note, now) {
            ids if ids.is_empty() => Task::End,
            ids => Task::Take(Step::Note, ids),
        }
    }

    /// Lets each destination that may be tried now be tried by a dump that was deferred for it.
    fn attempt(&mut self, now: Instant) {
        for destination in Destination::ALL {
            let availability = &mut self.destinations[destination];
            if availability.is_due(now)
                && let Some(id) = self.active.attempt(destination)
            {
                availability.begin(Attempt::Dump(id));
            }
        }
    }

    fn done(&mut self, done: Done, now: Instant, chance: u64) {
        let Done { id, outcome, worked } = done;
        let doubted = self.active.held().doubts(&outcome);
        // While syncs fail, that a file was written says nothing about the spool.
        let is_unsynced = |destination| destination == Destination::Spool && self.turns.are_unsynced();
        let counts = |destination: &Destination| doubted != Some(*destination) && !is_unsynced(*destination);
        let worked: Vec<Destination> = worked.into_iter().filter(counts).collect();
        for destination in worked {
            self.destinations[destination].worked(now);
            self.active.resume(destination);
        }
        if let Some(Failure { destination, cause }) = self.active.held().failure_of_all(id, &outcome) {
            self.destinations[*destination].failed(Attempt::Dump(id), cause, now, chance);
        }
        // A dump that no hand has cannot have been handed out by this manager.
        let Some((step, removed)) = self.active.give_back(id) else {
            return;
        };
        match outcome {
            Outcome::Next(Step::Record) if removed == Some(Removal::Undelivered) => self.wait(id, Step::Judge, now),
            Outcome::Packed if removed == Some(Removal::Unpacked) => self.wait(id, Step::Judge, now),
            Outcome::Delivered if removed == Some(Removal::Undelivered) => self.wait(id, Step::Judge, now),
            Outcome::Next(step) => self.wait(id, step, now),
            Outcome::Packed if removed == Some(Removal::Replaced) => {
                let next = self.active.replaced(id);
                self.go_on(id, next, now);
            }
            Outcome::Packed => self.active.removing(id, Removal::Replaced),
            Outcome::Delivered if removed == Some(Removal::Delivered) => self.active.forget(id),
            Outcome::Delivered => self.active.removing(id, Removal::Delivered),
            Outcome::Gone | Outcome::Refused => self.active.forget(id),
            Outcome::Noted => self.defer(id, Destination::Database, now),
            Outcome::Ruled(failure) if self.active.can_hold(id) => self.active.hold(id, step, failure, now, chance),
            Outcome::Deferred(failure) | Outcome::Ruled(failure) => {
                self.active.stumble(id);
                self.defer(id, failure.destination, now);
            }
        }
    }

    /// What was stored since the last sync that has worked is stored again, once there is another one. Until then the
    /// spool counts as down.
    fn synced(&mut self, health: Health, now: Instant, chance: u64) {
        if health.failures > self.failures {
            self.failures = health.failures;
            for id in self.active.distrust_stored() {
                self.wait(id, Step::Judge, now);
            }
        }
        self.turns.syncs(health.is_failing);
        let spool = &mut self.destinations[Destination::Spool];
        if health.is_failing {
            let cause = "a sync has failed, and what was written is written again";
            spool.failed(Attempt::Recovery, cause, now, chance);
        } else {
            spool.worked(now);
            self.active.resume(Destination::Spool);
        }
    }

    fn go_on(&mut self, id: Id, next: Option<Step>, now: Instant) {
        if let Some(step) = next {
            self.wait(id, step, now);
        }
    }

    fn wait(&mut self, id: Id, step: Step, now: Instant) {
        if step == Step::Record && self.active.waiting(step) == 0 {
            self.turns.rows_begin(now);
        }
        if self.destinations.is_attempt(id, step) {
            self.active.wait_as(Rank::Attempt, id, step);
        } else {
            self.active.wait(id, step);
        }
    }

    /// The dump waits for the destination, unless that works again by now.
    fn defer(&mut self, id: Id, destination: Destination, now: Instant) {
        if self.is_up(destination) {
            self.wait(id, Step::Judge, now);
        } else {
            self.active.defer(id, destination);
        }
    }

    pub fn is_up(&self, destination: Destination) -> bool {
        self.destinations[destination].is_up()
    }

    fn release(&mut self) {
        let stage = |id| self.active.stage(id);
        self.destinations
            .release(|id, destination| stage(id).is_some_and(|stage| stage.leads_to(destination)));
    }

    /// How long to sleep until time alone makes something due.
    fn pause(&self, now: Instant) -> Duration {
        // The look that is under way reports when it is done, however long it takes.
        let look_at = match self.active.is_listing() {
            true => now + self.look_every,
            false => self.look_at,
        };
        let retry_at = |destination| self.destinations[destination].retry_at();
        let retries = self
            .active
            .awaited()
            .filter_map(retry_at)
            .chain(self.active.held_retry_at())
            .filter(|_| !self.active.is_clogged());
        let first = retries.fold(look_at, Instant::min);
        first.saturating_duration_since(now)
    }

    /// Checks that every id is in one stage, that the counts are right, and that attempts belong to dumps on their way.
    /// To stay cheap when many ids are known, it then checks everything only each 1,024th time and at the end.
    ///
    /// # Panics
    /// One of these is wrong: this program has a fault. Never in a release.
    pub fn check(&mut self) {
        // Where a test breaks a rule on purpose, the outside has to notice it.
        #[cfg(debug_assertions)]
        if !crate::fault::is_anything_broken() {
            self.calls += 1;
            self.active.check_counts();
            if self.active.len() < 64 || self.calls.is_multiple_of(1024) || self.is_stopping() {
                self.active.check_whole();
            }
            assert!(self.turns.is_kept(&self.active));
        }
    }
}

#[cfg(test)]
mod tests;
