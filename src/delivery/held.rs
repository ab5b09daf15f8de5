//! The dumps that a rule of a destination refuses: each waits by itself, with pauses that grow, until the rule is
//! changed.
//!
//! The destination is not blamed, so the other dumps go on. However many wait here, they neither crowd out the others
//! nor press the destination: only a few are tried at once, and then none for the shortest pause. The log names the
//! first dump of a cause and counts the others, once a minute. Nothing here touches a file; time and random numbers are
//! arguments. Limits: `HELD_IDS_MAX`, `HELD_TRIES_MAX`, `HELD_CAUSES_MAX`. There are no failures.
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::availability::{Destination, Pauses};
use super::step::{Failure, Outcome};
use crate::id::Id;
use crate::limits::{HELD_CAUSES_MAX, HELD_TRIES_MAX};
use crate::news::Recurring;

/// See the head comment.
#[derive(Debug, Default)]
pub struct Held {
    most: usize,
    pauses: Pauses,
    refusals: BTreeMap<Id, Refusal>,
    /// When each one that waits here may be tried again. The others are on their way.
    due: BTreeSet<(Instant, Id)>,
    /// None is tried before this time.
    quiet_until: Option<Instant>,
    /// What is told of in this minute; `None` stands for all causes beyond the limit.
    told: Recurring<Option<Failure>>,
}

/// Why a dump is refused.
#[derive(Debug)]
pub struct Refusal {
    pub failure: Failure,
    /// Since when it is refused for this cause.
    pub since: Instant,
    count: u32,
    retry_at: Instant,
    state: State,
}

/// Whether the refusal is why the dump waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Present,
    /// The dump has met something else since.
    Past,
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

    /// The destination of which this outcome does not show that it works, though it has answered: too many wait.
    pub fn doubts(&self, outcome: &Outcome) -> Option<Destination> {
        match outcome {
            Outcome::Ruled(failure) if self.refusals.len() >= self.most => Some(failure.destination),
            _ => None,
        }
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
        if before.is_none_or(|before| before.failure != failure)
            && let Some(line) = self.first(id, &failure, now)
        {
            log::warn!("{line}");
        }
        let retry_at = now + self.pauses.after(count, chance);
        self.due.insert((retry_at, id));
        let refusal = Refusal {
            failure,
            since,
            count,
            retry_at,
            state: State::Present,
        };
        self.refusals.insert(id, refusal);
    }

    /// What the log is to say now of a dump that waits for a new cause.
    fn first(&mut self, id: Id, failure: &Failure, now: Instant) -> Option<String> {
        let mut kind = Some(failure.clone());
        if !self.told.has_room_for(&kind, HELD_CAUSES_MAX) {
            kind = None;
        }
        let cause = &failure.cause;
        let line = || {
            format!("dump {id} waits by itself and is tried again until the rule is changed that refuses it: {cause}")
        };
        self.told.is_news(kind, now).then(line)
    }

    /// Logs how many more wait for causes whose minute is over. To be called about once a second.
    pub fn settle(&mut self, now: Instant) {
        let due = self.told.due(now).into_iter().map(line);
        due.for_each(|line| log::warn!("{line}"));
    }

    /// Logs what has only been counted so far, at the end.
    pub fn end(&mut self) {
        let rest = self.told.rest().into_iter().map(line);
        rest.for_each(|line| log::warn!("{line}"));
    }

    /// Those that are tried now, at most so many.
    pub fn take_due(&mut self, now: Instant, most: usize) -> Vec<Id> {
        let mut taken = Vec::new();
        if self.quiet_until.is_some_and(|until| now < until) {
            return taken;
        }
        while taken.len() < most.min(HELD_TRIES_MAX)
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

    /// The dump waits for something else: a destination that is down.
    pub fn put_off(&mut self, id: Id) {
        if let Some(refusal) = self.refusals.get_mut(&id) {
            refusal.state = State::Past;
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

    /// All that were refused and are not delivered, the oldest first.
    pub fn refusals(&self) -> impl Iterator<Item = (Id, &Refusal)> {
        self.refusals.iter().map(|(id, refusal)| (*id, refusal))
    }

    /// Those of them that wait for nothing else, the oldest first. Nothing is sorted for it.
    pub fn present(&self) -> impl Iterator<Item = (Id, &Refusal)> {
        self.refusals().filter(|(_, refusal)| refusal.state == State::Present)
    }
}

fn line((failure, more): (Option<Failure>, u64)) -> String {
    match failure {
        Some(Failure { cause, .. }) => format!("{more} more dumps wait by themselves for a rule: {cause}"),
        None => format!("{more} more dumps wait by themselves for other rules: rtcstats-server spool list shows why"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::news::TOLD_EVERY;

    fn failure(cause: &str) -> Failure {
        Failure {
            destination: Destination::Database,
            cause: cause.to_owned(),
        }
    }

    #[test]
    fn the_first_of_a_cause_is_named_and_the_others_are_counted_once_a_minute() {
        let (mut held, start) = (Held::new(100_000, Pauses::default()), Instant::now());
        let ids: Vec<Id> = (0..10_000).map(|_| Id::new()).collect();
        let mut lines = Vec::new();
        for id in &ids {
            lines.extend(held.first(*id, &failure("CHECK a"), start));
        }
        lines.extend(held.first(ids[7], &failure("CHECK b"), start));
        let begin =
            |id: Id| format!("dump {id} waits by itself and is tried again until the rule is changed that refuses it");
        assert_eq!(
            lines,
            [
                format!("{}: CHECK a", begin(ids[0])),
                format!("{}: CHECK b", begin(ids[7]))
            ]
        );
        let due: Vec<String> = held.told.due(start + TOLD_EVERY).into_iter().map(line).collect();
        assert_eq!(due, ["9999 more dumps wait by themselves for a rule: CHECK a"]);
    }

    #[test]
    fn causes_beyond_the_limit_are_counted_together() {
        let (mut held, start) = (Held::new(100_000, Pauses::default()), Instant::now());
        let id = Id::new();
        let told = (0..1_000).filter(|number| held.first(id, &failure(&number.to_string()), start).is_some());
        assert_eq!(told.count(), HELD_CAUSES_MAX + 1);
        let due: Vec<String> = held.told.due(start + TOLD_EVERY).into_iter().map(line).collect();
        let more = 1_000 - HELD_CAUSES_MAX - 1;
        let words =
            format!("{more} more dumps wait by themselves for other rules: rtcstats-server spool list shows why");
        assert_eq!(due, [words]);
    }

    #[test]
    fn a_dump_that_is_refused_again_for_the_same_cause_is_no_news() {
        let (mut held, start) = (Held::new(10, Pauses::default()), Instant::now());
        let id = Id::new();
        for round in 0..5 {
            held.hold(id, failure("CHECK a"), start + Duration::from_secs(round), 0);
        }
        assert_eq!(held.told.rest(), []);
        held.hold(Id::new(), failure("CHECK a"), start, 0);
        for _ in 0..3 {
            held.hold(Id::new(), failure("CHECK a"), start, 0);
        }
        assert_eq!(held.told.rest(), [(Some(failure("CHECK a")), 3)]);
    }

    #[test]
    fn no_more_are_taken_than_there_is_room_for() {
        let (mut held, start) = (Held::new(10, Pauses::default()), Instant::now());
        for _ in 0..5 {
            held.hold(Id::new(), failure("CHECK a"), start, 0);
        }
        let later = start + Pauses::default().last;
        assert_eq!(held.take_due(later, 0), []);
        assert_eq!(held.take_due(later, 2).len(), 2);
        assert_eq!(held.waiting(), 3);
    }
}
