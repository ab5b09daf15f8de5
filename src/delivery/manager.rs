//! The head of delivery. Everything it is told comes through one inbox, and it answers what is to be done next.
//!
//! It is a pure value: no thread, lock, file or clock; time and random numbers are arguments. Every id is in one stage
//! (`active`). The oldest goes first, those that met a failure come behind the others, and one dump at a time tries a
//! destination that is down (`availability`). `Sealed` events may be dropped on the way and are then replaced by
//! `Missed`; all other events must arrive. Limits: those of the active set, pack slots, `ROWS_PER_INSERT_MAX`. A broken
//! rule ends a debug build ([`Manager::check`]).
use std::time::{Duration, Instant};

use super::active::{ActiveSet, Rank, Stage};
use super::availability::{Attempt, Availability, Destination};
use super::event::{Event, Listed, Look, Recovery, RecoveryEnd, Scope, Task};
use super::listed_up_to::ListedUpTo;
use super::settings::Settings;
use super::step::{Done, Failure, Outcome, Step};
use crate::id::Id;
use crate::limits::{RECORD_WAIT_MS_MAX, ROWS_PER_INSERT_MAX};
use crate::spool::Removal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Recovery comes first and alone, because it removes what looks like an unfinished pack.
    Unrecovered,
    Recovering,
    Running,
    Stopping,
}

/// See the head comment.
#[derive(Debug)]
pub struct Manager {
    phase: Phase,
    active: ActiveSet,
    destinations: [Availability; Destination::ALL.len()],
    pack_slots: usize,
    orphans: Vec<Id>,
    look_at: Instant,
    look_every: Duration,
    /// Since when dumps have been waiting for their row, if some are.
    unrecorded_since: Instant,
    #[cfg(debug_assertions)]
    calls: u64,
}

impl Manager {
    pub fn new(settings: Settings, now: Instant) -> Manager {
        let pace = settings.pace;
        Manager {
            phase: Phase::Unrecovered,
            active: ActiveSet::new(pace.bounds),
            destinations: settings.names.map(|name| Availability::new(name, pace.pauses)),
            pack_slots: settings.pack_slots.max(1),
            orphans: settings.orphans,
            look_at: now,
            look_every: pace.look,
            unrecorded_since: now,
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
            Event::Listed(listed) => self.listed(listed),
            Event::Recovered(recovered) => self.recovered(recovered, now, chance),
            Event::Stop => self.phase = Phase::Stopping,
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
            Phase::Unrecovered => self.destinations[Destination::Spool as usize].admits(Attempt::Recovery, now),
            Phase::Recovering => false,
            Phase::Stopping => true,
        }
    }

    /// Whether a sleeping hand should take a dump that is sealed now; if not, a hand that is at work will come to it.
    pub fn wants_sealed(&self) -> bool {
        self.phase == Phase::Running && self.active.busy(Step::Pack) < self.pack_slots
    }

    /// The dump is stored and recorded. Its files are removed after the next sync.
    pub fn is_leaving(&self, id: Id) -> bool {
        self.active.stage(id) == Some(Stage::Leaving)
    }

    pub fn is_stopping(&self) -> bool {
        self.phase == Phase::Stopping
    }

    fn recovery(&mut self, now: Instant) -> Task {
        let spool = &mut self.destinations[Destination::Spool as usize];
        if spool.admits(Attempt::Recovery, now) {
            spool.begin(Attempt::Recovery);
            self.phase = Phase::Recovering;
            return Task::Recover(std::mem::take(&mut self.orphans));
        }
        let retry_at = spool.retry_at();
        Task::Sleep(retry_at.map_or(self.look_every, |at| at.saturating_duration_since(now)))
    }

    fn recovered(&mut self, recovered: RecoveryEnd, now: Instant, chance: u64) {
        let spool = &mut self.destinations[Destination::Spool as usize];
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
        let all_up = || self.destinations.iter().all(Availability::is_up);
        !self.active.is_listing() && (self.look_at <= now || (self.active.is_hungry() && all_up()))
    }

    fn look(&mut self, now: Instant) -> Look {
        self.look_at = now + self.look_every;
        self.active.list();
        Look {
            orphans: std::mem::take(&mut self.orphans),
            known: self.active.known().collect(),
            scope: if self.active.is_saturated() {
                Scope::Unpacked
            } else {
                Scope::All
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
        loop {
            let step = self.choose(now)?;
            let (_, id) = self.active.first(step)?;
            match self.lacks(step, id, now) {
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

    /// Chooses the queue with the oldest dump. Rows are written when no object waits to be stored, so that many go
    /// together, or when enough wait or the first has waited long enough. Only one hand at a time writes rows.
    fn choose(&self, now: Instant) -> Option<Step> {
        let waits = |step: &Step| Some((self.active.first(*step)?, *step));
        if let Some(((rank, _), _)) = waits(&Step::Record)
            && (self.active.busy(Step::Record) == 0 || !self.is_up(Destination::Database))
        {
            let is_due = now.saturating_duration_since(self.unrecorded_since) >= RECORD_WAIT;
            let is_full = self.active.waiting(Step::Record) >= ROWS_PER_INSERT_MAX;
            if rank == Rank::Attempt || is_due || is_full || self.active.waiting(Step::Put) == 0 {
                return Some(Step::Record);
            }
        }
        let has_slot = self.active.busy(Step::Pack) < self.pack_slots;
        [Step::Judge, Step::Pack, Step::Put, Step::Erase]
            .iter()
            .filter(|step| **step != Step::Pack || has_slot)
            .filter_map(waits)
            .min_by_key(|(first, _)| *first)
            .map(|(_, step)| step)
    }

    /// The first destination that the step needs and the dump may not use now.
    fn lacks(&self, step: Step, id: Id, now: Instant) -> Option<Destination> {
        let may_not = |destination: &Destination| {
            let availability = &self.destinations[*destination as usize];
            !availability.admits(Attempt::Dump(id), now)
        };
        step.needs().iter().copied().find(may_not)
    }

    fn take(&mut self, step: Step, id: Id, now: Instant) -> Vec<Id> {
        for destination in step.needs() {
            self.destinations[*destination as usize].begin(Attempt::Dump(id));
        }
        match step {
            Step::Record if self.is_up(Destination::Database) => self.take_batch(step, now),
            step => self.active.take(step, step).into_iter().collect(),
        }
    }

    /// The dumps that wait for their row, as many as may go together.
    fn take_batch(&mut self, takes: Step, now: Instant) -> Vec<Id> {
        self.unrecorded_since = now;
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
            let availability = &mut self.destinations[destination as usize];
            if availability.is_due(now)
                && let Some(id) = self.active.attempt(destination)
            {
                availability.begin(Attempt::Dump(id));
            }
        }
    }

    fn done(&mut self, done: Done, now: Instant, chance: u64) {
        let Done { id, outcome, worked } = done;
        for destination in worked {
            self.destinations[destination as usize].worked(now);
            self.active.resume(destination);
        }
        if let Outcome::Deferred(Failure { destination, cause }) = &outcome {
            self.destinations[*destination as usize].failed(Attempt::Dump(id), cause, now, chance);
        }
        // A dump that no hand has cannot have been handed out by this manager.
        let Some((_, removed)) = self.active.give_back(id) else {
            return;
        };
        match outcome {
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
            Outcome::Deferred(failure) => {
                self.active.stumble(id);
                self.defer(id, failure.destination, now);
            }
        }
    }

    fn go_on(&mut self, id: Id, next: Option<Step>, now: Instant) {
        if let Some(step) = next {
            self.wait(id, step, now);
        }
    }

    fn wait(&mut self, id: Id, step: Step, now: Instant) {
        if step == Step::Record && self.active.waiting(step) == 0 {
            self.unrecorded_since = now;
        }
        let is_attempt = |destination: &Destination| {
            let attempt = self.destinations[*destination as usize].attempt();
            attempt == Some(Attempt::Dump(id)) && step.leads_to(*destination)
        };
        if Destination::ALL.iter().any(is_attempt) {
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
        self.destinations[destination as usize].is_up()
    }

    /// An attempt that has ended, or cannot reach the destination soon, makes room for another.
    fn release(&mut self) {
        for destination in Destination::ALL {
            let availability = &mut self.destinations[destination as usize];
            let Some(Attempt::Dump(id)) = availability.attempt() else {
                continue;
            };
            let is_coming = match self.active.stage(id) {
                Some(Stage::Waiting(step, _) | Stage::Busy(step, _)) => step.leads_to(destination),
                _ => false,
            };
            if !is_coming {
                availability.unclear();
            }
        }
    }

    /// How long to sleep until time alone makes something due.
    fn pause(&self, now: Instant) -> Duration {
        // The look that is under way reports when it is done, however long it takes.
        let look_at = if self.active.is_listing() {
            now + self.look_every
        } else {
            self.look_at
        };
        let retry_at = |destination| self.destinations[destination as usize].retry_at();
        let retries = self
            .active
            .awaited()
            .filter(|_| !self.active.is_clogged())
            .filter_map(retry_at);
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
            assert!(self.active.busy(Step::Pack) <= self.pack_slots);
        }
    }
}

const RECORD_WAIT: Duration = Duration::from_millis(RECORD_WAIT_MS_MAX);

#[cfg(test)]
mod tests;
