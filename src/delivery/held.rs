//! The dumps that a rule of a destination refuses: each waits by itself, with pauses that grow, until the rule is
//! changed.
//!
//! The destination is not blamed, so the other dumps go on. However many wait here, they neither crowd out the others
//! nor press the destination: only a few are tried at once, and then none for the shortest pause. Each cause is logged
//! once for each dump, and again when it changes. Nothing here touches a file; time and random numbers are arguments.
//! Limits: `HELD_IDS_MAX`, `HELD_TRIES_MAX`. There are no failures.
use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use super::availability::Pauses;
use super::step::{Failure, Outcome};
use crate::id::Id;
use crate::limits::HELD_TRIES_MAX;

/// See the head comment.
#[derive(Debug, Default)]
pub struct Held {
    most: usize,
    pauses: Pauses,
    refusals: HashMap<Id, Refusal>,
    /// When each one that waits here may be tried again. The others are on their way.
    due: BTreeSet<(Instant, Id)>,
    /// None is tried before this time.
    quiet_until: Option<Instant>,
}

/// Why a dump is refused.
#[derive(Debug)]
pub struct Refusal {
    pub failure: Failure,
    /// Since when it is refused for this cause.
    pub since: Instant,
    count: u32,
    retry_at: Instant,
}

impl Held {
    pub fn new(most: usize, pauses: Pauses) -> Held {
        Held {
            most,
            pauses,
            ..Held::default()
        }
    }

    /// Whether there is room for the dump.
    pub fn has_room_for(&self, id: Id) -> bool {
        self.refusals.len() < self.most || self.refusals.contains_key(&id)
    }

    /// The failure of a destination as a whole. If too many dumps wait by themselves already, the next one that is
    /// refused counts as such: a destination may be refusing everything.
    pub fn failure_of_all<'a>(&self, id: Id, outcome: &'a Outcome) -> Option<&'a Failure> {
        match outcome {
            Outcome::Deferred(failure) => Some(failure),
            Outcome::Ruled(failure) if !self.has_room_for(id) => Some(failure),
            _ => None,
        }
    }

    /// The dump was refused, perhaps once more, and waits.
    pub fn hold(&mut self, id: Id, failure: Failure, now: Instant, chance: u64) {
        let before = self.refusals.remove(&id);
        let (count, since) = match &before {
            Some(before) if before.failure == failure => (before.count.saturating_add(1), before.since),
            Some(before) => (before.count.saturating_add(1), now),
            None => (1, now),
        };
        if before.is_none_or(|before| before.failure != failure) {
            let cause = &failure.cause;
            log::warn!(
                "dump {id} waits by itself and is tried again until the rule is changed that refuses it: {cause}"
            );
        }
        let retry_at = now + self.pauses.after(count, chance);
        self.due.insert((retry_at, id));
        let refusal = Refusal {
            failure,
            since,
            count,
            retry_at,
        };
        self.refusals.insert(id, refusal);
    }

    /// Those that are tried now.
    pub fn take_due(&mut self, now: Instant) -> Vec<Id> {
        let mut taken = Vec::new();
        if self.quiet_until.is_some_and(|until| now < until) {
            return taken;
        }
        while taken.len() < HELD_TRIES_MAX
            && let Some((at, id)) = self.due.first().copied()
            && at <= now
        {
            self.due.pop_first();
            taken.push(id);
        }
        if !taken.is_empty() {
            self.quiet_until = Some(now + self.pauses.first);
        }
        taken
    }

    /// Lets the dump go on at once.
    pub fn take(&mut self, id: Id) {
        if let Some(refusal) = self.refusals.get(&id) {
            self.due.remove(&(refusal.retry_at, id));
        }
    }

    /// The dump is no longer known.
    pub fn forget(&mut self, id: Id) {
        self.take(id);
        self.refusals.remove(&id);
    }

    /// When the next ones may be tried.
    pub fn retry_at(&self) -> Option<Instant> {
        let (first, _) = self.due.first()?;
        Some(self.quiet_until.map_or(*first, |until| until.max(*first)))
    }

    /// How many wait here.
    pub fn waiting(&self) -> usize {
        self.due.len()
    }

    /// All that were refused and are not delivered, in no particular order.
    pub fn refusals(&self) -> impl Iterator<Item = (Id, &Refusal)> {
        self.refusals.iter().map(|(id, refusal)| (*id, refusal))
    }
}
