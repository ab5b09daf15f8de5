//! A manager so simple that one can see that it is right: one list, searched from end to end, and nothing stored that
//! can be computed.
use std::collections::BTreeSet;

use super::*;
use crate::limits::HELD_TRIES_MAX;

#[derive(Debug, Clone, PartialEq)]
enum At {
    Waiting(Step, Rank),
    Busy(Step, Option<Removal>),
    Deferred(Destination, u64),
    /// Until then, because it was refused this step.
    Held(Instant, Step),
    Syncing,
    Leaving,
}

#[derive(Debug)]
struct Entry {
    id: Id,
    at: At,
    stumbled: bool,
    /// A rule has refused it.
    ruled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Outage {
    retry_at: Instant,
    attempt: Option<Id>,
}

pub struct Model {
    bounds: Bounds,
    entries: Vec<Entry>,
    outages: [Option<Outage>; 3],
    listed_up_to: ListedUpTo,
    /// Ids forgotten since the look began; `None` when no look is under way.
    look: Option<Vec<Id>>,
    look_at: Instant,
    unrecorded_since: Instant,
    deferred: u64,
    /// Before this time no dump is tried that a rule refuses.
    quiet_until: Instant,
}

impl Model {
    pub fn new(bounds: Bounds, now: Instant) -> Model {
        Model {
            bounds,
            entries: Vec::new(),
            outages: [None; 3],
            listed_up_to: ListedUpTo::All,
            look: None,
            look_at: now + Pace::default().look,
            unrecorded_since: now,
            deferred: 0,
            quiet_until: now,
        }
    }

    fn find(&self, id: Id) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    fn count(&self, is: impl Fn(&At) -> bool) -> usize {
        self.entries.iter().filter(|entry| is(&entry.at)).count()
    }

    fn set(&mut self, id: Id, at: At) {
        match self.find(id) {
            Some(index) => self.entries[index].at = at,
            None => self.entries.push(Entry {
                id,
                at,
                stumbled: false,
                ruled: false,
            }),
        }
    }

    fn forget(&mut self, id: Id) {
        self.entries.retain(|entry| entry.id != id);
        if let Some(forgotten) = &mut self.look {
            forgotten.push(id);
            if different(forgotten) > self.bounds.removals {
                self.listed_up_to = ListedUpTo::Nothing;
            }
        }
    }

    fn leave_out(&mut self, id: Id) {
        self.forget(id);
        self.listed_up_to = self.listed_up_to.min(ListedUpTo::Id(id));
    }

    fn wait(&mut self, id: Id, step: Step, now: Instant) {
        let is_attempt = Destination::ALL.into_iter().any(|destination| {
            let outage = self.outages[destination as usize];
            outage.is_some_and(|outage| outage.attempt == Some(id)) && step.leads_to(destination)
        });
        let stumbled = self.find(id).is_some_and(|index| self.entries[index].stumbled);
        let rank = match (is_attempt, stumbled) {
            (true, _) => Rank::Attempt,
            (false, false) => Rank::InTurn,
            (false, true) => Rank::Behind,
        };
        if step == Step::Record && self.count(|at| matches!(at, At::Waiting(Step::Record, _))) == 0 {
            self.unrecorded_since = now;
        }
        self.set(id, At::Waiting(step, rank));
        let kind = Step::ALL.into_iter().filter(|other| is_new(*other) == is_new(step));
        let of_this_kind: Vec<_> = kind.flat_map(|step| self.waits_for(step)).collect();
        let most = match is_new(step) {
            true => self.bounds.active,
            false => self.bounds.removals,
        };
        if of_this_kind.len() > most {
            let (_, newest) = of_this_kind.into_iter().max().unwrap();
            self.leave_out(newest);
        }
    }

    fn defer(&mut self, id: Id, destination: Destination, now: Instant) {
        if self.outages[destination as usize].is_none() {
            return self.wait(id, Step::Judge, now);
        }
        let is_other = |entry: &&Entry| entry.id != id && matches!(entry.at, At::Deferred(..));
        if self.entries.iter().filter(is_other).count() >= self.bounds.active {
            return self.leave_out(id);
        }
        self.deferred += 1;
        self.set(id, At::Deferred(destination, self.deferred));
    }

    fn replaced(&mut self, id: Id, now: Instant) {
        let is_hidden = match self.listed_up_to {
            ListedUpTo::All => false,
            ListedUpTo::Id(known) => id > known,
            ListedUpTo::Nothing => true,
        };
        if is_hidden {
            self.leave_out(id);
        } else {
            self.wait(id, Step::Put, now);
        }
    }

    pub fn handle(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Sealed(id) if self.find(*id).is_none() => self.wait(*id, Step::Pack, now),
            Event::Missed => self.listed_up_to = ListedUpTo::Nothing,
            Event::Removed(id, removal) => self.removed(*id, *removal, now),
            Event::Done(done) => self.done(done, now),
            Event::Listed(Listed { found, .. }) => {
                let forgotten = self.look.take().unwrap();
                if let Some(found) = found {
                    self.listed_up_to = self.listed_up_to.min(found.listed_up_to);
                    if different(&forgotten) <= self.bounds.removals {
                        for id in &found.ids {
                            let at = self.find(*id).map(|index| &self.entries[index].at);
                            if !forgotten.contains(id) && at.is_none_or(may_be_erased) {
                                self.wait(*id, Step::Judge, now);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        self.release();
    }

    fn removed(&mut self, id: Id, removal: Removal, now: Instant) {
        let Some(index) = self.find(id) else { return };
        match (self.entries[index].at.clone(), removal) {
            (At::Syncing, Removal::Replaced) => self.replaced(id, now),
            (At::Leaving, Removal::Delivered) => self.forget(id),
            (At::Busy(step, _), removal) => self.set(id, At::Busy(step, Some(removal))),
            _ => {}
        }
    }

    fn done(&mut self, done: &Done, now: Instant) {
        let is_full = self.entries.iter().filter(|entry| entry.ruled).count() >= self.bounds.held;
        let shows_nothing = |destination| match &done.outcome {
            Outcome::Ruled(failure) => failure.destination == destination && is_full,
            _ => false,
        };
        for destination in done.worked.iter().filter(|destination| !shows_nothing(**destination)) {
            self.outages[*destination as usize] = None;
            let mut deferred: Vec<_> = self
                .entries
                .iter()
                .filter_map(|entry| match entry.at {
                    At::Deferred(other, order) if other == *destination => Some((order, entry.id)),
                    _ => None,
                })
                .collect();
            deferred.sort();
            deferred.into_iter().for_each(|(_, id)| self.wait(id, Step::Judge, now));
        }
        let index = self.find(done.id).unwrap();
        let others = self.entries.iter().filter(|entry| entry.ruled && entry.id != done.id);
        let can_be_held = self.entries[index].ruled || others.count() < self.bounds.held;
        let failure = match &done.outcome {
            Outcome::Deferred(failure) => Some(failure),
            Outcome::Ruled(failure) if !can_be_held => Some(failure),
            _ => None,
        };
        if let Some(failure) = failure {
            let outage = self.outages[failure.destination as usize];
            let retry_at = outage.map(|outage| outage.retry_at).filter(|at| *at > now);
            self.outages[failure.destination as usize] = Some(Outage {
                retry_at: retry_at.unwrap_or(now + PAUSES.first),
                attempt: outage.and_then(|outage| outage.attempt).filter(|id| *id != done.id),
            });
        }
        let At::Busy(step, removed) = self.entries[index].at else {
            unreachable!("only what is in a hand is reported on");
        };
        // For the counts of places, it is in no stage.
        self.entries[index].at = At::Leaving;
        match &done.outcome {
            Outcome::Next(step) => self.wait(done.id, *step, now),
            Outcome::Packed if removed == Some(Removal::Replaced) => self.replaced(done.id, now),
            Outcome::Packed => self.set(done.id, At::Syncing),
            Outcome::Delivered if removed == Some(Removal::Delivered) => self.forget(done.id),
            Outcome::Delivered => self.set(done.id, At::Leaving),
            Outcome::Gone | Outcome::Refused => self.forget(done.id),
            Outcome::Noted => self.defer(done.id, Destination::Database, now),
            Outcome::Ruled(_) if can_be_held => {
                self.entries[index].stumbled = true;
                self.entries[index].ruled = true;
                self.set(done.id, At::Held(now + PAUSES.first, step));
            }
            Outcome::Deferred(failure) | Outcome::Ruled(failure) => {
                self.entries[index].stumbled = true;
                self.defer(done.id, failure.destination, now);
            }
        }
    }

    fn release(&mut self) {
        for destination in Destination::ALL {
            let Some(id) = self.outages[destination as usize].and_then(|outage| outage.attempt) else {
                continue;
            };
            let is_coming = match self.find(id).map(|index| &self.entries[index].at) {
                Some(At::Waiting(step, _) | At::Busy(step, _)) => step.leads_to(destination),
                _ => false,
            };
            if !is_coming {
                self.outages[destination as usize].as_mut().unwrap().attempt = None;
            }
        }
    }

    fn waits_for(&self, step: Step) -> Vec<(Rank, Id)> {
        let place = |entry: &Entry| match entry.at {
            At::Waiting(other, rank) if other == step => Some((rank, entry.id)),
            _ => None,
        };
        let waiting: BTreeSet<_> = self.entries.iter().filter_map(place).collect();
        waiting.into_iter().collect()
    }

    /// `None`: nothing can be done now.
    pub fn next(&mut self, now: Instant, slots: usize) -> Option<Task> {
        let is_hungry = self.listed_up_to != ListedUpTo::All && self.count(|at| matches!(at, At::Waiting(..))) == 0;
        let all_up = self.outages.iter().all(Option::is_none);
        if self.look.is_none() && (self.look_at <= now || (is_hungry && all_up)) {
            self.look = Some(Vec::new());
            self.look_at = now + Pace::default().look;
            self.listed_up_to = ListedUpTo::All;
            let is_saturated = self.count(|at| matches!(at, At::Deferred(..))) >= self.bounds.active;
            let of = |is: fn(&At) -> bool| self.entries.iter().filter(move |entry| is(&entry.at));
            let ids = |is| of(is).map(|entry| entry.id).collect();
            return Some(Task::Look(Look {
                orphans: Vec::new(),
                known: ids(|_| true),
                erasable: ids(may_be_erased),
                scope: if is_saturated { Scope::Unpacked } else { Scope::All },
            }));
        }
        if self.count(|at| matches!(at, At::Syncing | At::Leaving)) >= self.bounds.removals {
            return None;
        }
        self.attempts(now);
        self.try_held(now);
        loop {
            let step = self.choose(now, slots)?;
            let waiting = self.waits_for(step);
            let (_, id) = waiting[0];
            let may = |destination: &&Destination| match self.outages[**destination as usize] {
                None => true,
                Some(Outage {
                    attempt: None,
                    retry_at,
                }) => retry_at <= now,
                Some(Outage { attempt, .. }) => attempt == Some(id),
            };
            let lacks = step.needs().iter().find(|destination| !may(destination)).copied();
            let database_is_down = self.outages[Destination::Database as usize].is_some();
            match lacks {
                Some(destination) if step != Step::Record => self.defer(id, destination, now),
                lacks => {
                    let takes = if lacks.is_some() { Step::Note } else { step };
                    let is_one = step != Step::Record || (database_is_down && lacks.is_none());
                    let count = if is_one { 1 } else { ROWS_PER_INSERT_MAX };
                    let ids: Vec<_> = waiting.iter().map(|(_, id)| *id).take(count).collect();
                    for destination in takes.needs() {
                        if let Some(outage) = &mut self.outages[*destination as usize] {
                            outage.attempt = Some(id);
                        }
                    }
                    if step == Step::Record && !is_one {
                        self.unrecorded_since = now;
                    }
                    ids.iter().for_each(|id| self.set(*id, At::Busy(takes, None)));
                    return Some(Task::Take(takes, ids));
                }
            }
            self.release();
        }
    }

    fn attempts(&mut self, now: Instant) {
        for destination in Destination::ALL {
            let outage = self.outages[destination as usize];
            if outage.is_none_or(|outage| outage.attempt.is_some() || outage.retry_at > now) {
                continue;
            }
            let first = self
                .entries
                .iter()
                .filter_map(|entry| match entry.at {
                    At::Deferred(other, order) if other == destination => Some((entry.stumbled, order, entry.id)),
                    _ => None,
                })
                .min();
            if let Some((.., id)) = first {
                self.outages[destination as usize].as_mut().unwrap().attempt = Some(id);
                self.wait(id, Step::Judge, now);
            }
        }
    }

    fn try_held(&mut self, now: Instant) {
        let place = |entry: &Entry| match entry.at {
            At::Held(until, _) if until <= now && self.quiet_until <= now => Some((until, entry.id)),
            _ => None,
        };
        let due: BTreeSet<_> = self.entries.iter().filter_map(place).collect();
        let waiting = self.count(|at| matches!(at, At::Waiting(step, _) if is_new(*step)));
        let most = HELD_TRIES_MAX.min(self.bounds.active.saturating_sub(waiting));
        if !due.is_empty() && most > 0 {
            self.quiet_until = now + PAUSES.first;
        }
        for (_, id) in due.into_iter().take(most) {
            self.wait(id, Step::Judge, now);
        }
    }

    fn choose(&self, now: Instant, slots: usize) -> Option<Step> {
        let record = self.waits_for(Step::Record);
        let nobody_writes = self.count(|at| matches!(at, At::Busy(Step::Record, _))) == 0;
        if !record.is_empty()
            && (nobody_writes || self.outages[Destination::Database as usize].is_some())
            && (record[0].0 == Rank::Attempt
                || now - self.unrecorded_since >= RECORD_WAIT
                || record.len() >= ROWS_PER_INSERT_MAX
                || self.waits_for(Step::Put).is_empty())
        {
            return Some(Step::Record);
        }
        let mut others = vec![Step::Judge, Step::Put, Step::Erase];
        if self.count(|at| matches!(at, At::Busy(Step::Pack, _))) < slots {
            others.push(Step::Pack);
        }
        let firsts = others
            .into_iter()
            .filter_map(|step| Some((*self.waits_for(step).first()?, step)));
        firsts.min_by_key(|(first, _)| *first).map(|(_, step)| step)
    }
}

/// Whether it goes on at once if a listing says that it is to be erased.
fn may_be_erased(at: &At) -> bool {
    matches!(at, At::Deferred(Destination::Spool, _)) || matches!(at, At::Held(_, step) if *step != Step::Erase)
}

fn is_new(step: Step) -> bool {
    matches!(step, Step::Judge | Step::Pack)
}

fn different(ids: &[Id]) -> usize {
    ids.iter().collect::<BTreeSet<_>>().len()
}
