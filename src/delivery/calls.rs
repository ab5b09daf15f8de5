//! What each hand is doing at the moment, and since when, so that a call which does not return is noticed.
//!
//! A hand only stores one number, without a lock. Nothing here waits or tells anybody.
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::availability::Destination;
use super::step::Step;
use crate::limits::{SLOW_CALL_S_MAX, SLOW_PACK_S_MAX, SLOW_PUT_S_MAX};

/// See the head comment.
#[derive(Debug)]
pub struct Calls {
    epoch: Instant,
    /// For each hand: the milliseconds from the epoch to the begin of its step, times `STEPS`, and the number of the
    /// step plus one; zero between two steps.
    hands: Vec<AtomicU64>,
}

const STEPS: u64 = Step::ALL.len() as u64 + 1;

impl Calls {
    /// No hand does anything yet.
    pub fn new(hands: usize, now: Instant) -> Calls {
        Calls {
            epoch: now,
            hands: (0..hands).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The hand takes this step from now on.
    pub fn begin(&self, hand: usize, step: Step, now: Instant) {
        let ms = u64::try_from(now.saturating_duration_since(self.epoch).as_millis()).unwrap_or(0);
        self.hands[hand].store(ms * STEPS + step as u64 + 1, Ordering::Relaxed);
    }

    /// The hand has done its step.
    pub fn end(&self, hand: usize) {
        self.hands[hand].store(0, Ordering::Relaxed);
    }

    /// Since when the destination has not answered the call that has waited longest, if it has waited for too long.
    pub fn slow(&self, destination: Destination, now: Instant) -> Option<Instant> {
        let since = |hand: &AtomicU64| {
            let value = hand.load(Ordering::Relaxed);
            let step = Step::ALL.get(usize::try_from(value % STEPS).ok()?.checked_sub(1)?)?;
            let since = self.epoch + Duration::from_millis(value / STEPS);
            let (waits_for, patience) = patience(*step);
            let is_slow = now.saturating_duration_since(since) >= Duration::from_secs(patience);
            (waits_for == destination && is_slow).then_some(since)
        };
        self.hands.iter().filter_map(since).min()
    }
}

/// What a hand waits for that does not come back from this step, and how many seconds it may take.
fn patience(step: Step) -> (Destination, u64) {
    match step {
        Step::Judge | Step::Pack => (Destination::Spool, SLOW_PACK_S_MAX),
        Step::Note => (Destination::Spool, SLOW_CALL_S_MAX),
        Step::Put | Step::Erase => (Destination::Storage, SLOW_PUT_S_MAX),
        Step::Record => (Destination::Database, SLOW_CALL_S_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_call_counts_once_it_is_too_long() {
        let start = Instant::now();
        let calls = Calls::new(3, start);
        let at = |seconds| start + Duration::from_secs(seconds);
        let slow = |destination, seconds| calls.slow(destination, at(seconds));
        for step in Step::ALL {
            let (destination, patience) = patience(step);
            calls.begin(0, step, at(1));
            calls.begin(1, step, at(2));
            assert_eq!(slow(destination, patience), None, "{step:?}");
            assert_eq!(slow(destination, patience + 2), Some(at(1)), "{step:?}");
            let others = Destination::ALL.into_iter().filter(|other| *other != destination);
            assert!(others.clone().all(|other| slow(other, 1000).is_none()), "{step:?}");
            calls.end(0);
            assert_eq!(slow(destination, patience + 2), Some(at(2)), "{step:?}");
            calls.end(1);
            assert_eq!(slow(destination, 1000), None);
        }
    }
}
