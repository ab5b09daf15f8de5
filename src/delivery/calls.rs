//! What each hand waits for at the moment, since when, and how long that may take, so that a call which does not return
//! is noticed.
//!
//! A hand only stores one number, without a lock. Nothing here waits or tells anybody. Limits: `WORKERS_COUNT_MAX`
//! hands, and those of the patience with each destination.
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::availability::Destination;
use crate::limits::{SLOW_CALL_S_MAX, SLOW_PACK_S_MAX, SLOW_PUT_BYTES_MIN, SLOW_PUT_S_MAX, WORKERS_COUNT_MAX};

/// See the head comment.
#[derive(Debug)]
pub struct Calls {
    epoch: Instant,
    /// For each hand, from the highest bit: the milliseconds from the epoch to the begin of its call, the seconds that
    /// it may take, and the number of the destination plus one; zero for none.
    hands: Vec<AtomicU64>,
}

/// One hand, as it says what it waits for.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    epoch: Instant,
    hand: &'a AtomicU64,
}

const SECONDS_BITS: u32 = 22;
const DESTINATION_BITS: u32 = 2;
const _: () = assert!(Destination::ALL.len() < 1 << DESTINATION_BITS);

impl Calls {
    /// No hand does anything yet.
    pub fn new(now: Instant) -> Calls {
        Calls {
            epoch: now,
            hands: (0..WORKERS_COUNT_MAX).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub fn of(&self, hand: usize) -> Caller<'_> {
        Caller {
            epoch: self.epoch,
            hand: &self.hands[hand],
        }
    }

    /// Since when the destination has not answered the call that has waited longest, if it has waited for too long.
    pub fn slow(&self, destination: Destination, now: Instant) -> Option<Instant> {
        let since = |hand: &AtomicU64| {
            let value = hand.load(Ordering::Relaxed);
            let waits_for = value & ((1 << DESTINATION_BITS) - 1);
            let seconds = (value >> DESTINATION_BITS) & ((1 << SECONDS_BITS) - 1);
            let since = self.epoch + Duration::from_millis(value >> (SECONDS_BITS + DESTINATION_BITS));
            let is_slow = now.saturating_duration_since(since) >= Duration::from_secs(seconds);
            (waits_for == destination as u64 + 1 && is_slow).then_some(since)
        };
        self.hands.iter().filter_map(since).min()
    }
}

impl Caller<'_> {
    /// From now on the hand waits for this destination, which may take so many seconds.
    pub fn begin(self, destination: Destination, seconds: u64, now: Instant) {
        let ms = u64::try_from(now.saturating_duration_since(self.epoch).as_millis()).unwrap_or(0);
        let seconds = seconds.min((1 << SECONDS_BITS) - 1);
        let value = (ms << SECONDS_BITS | seconds) << DESTINATION_BITS | (destination as u64 + 1);
        self.hand.store(value, Ordering::Relaxed);
    }

    /// The hand waits for nothing.
    pub fn end(self) {
        self.hand.store(0, Ordering::Relaxed);
    }
}

/// How many seconds a call of this destination may take.
pub fn patience(destination: Destination) -> u64 {
    match destination {
        Destination::Spool => SLOW_PACK_S_MAX,
        Destination::Storage => SLOW_PUT_S_MAX,
        Destination::Database => SLOW_CALL_S_MAX,
    }
}

/// How many seconds it may take to store a dump that has so many bytes before it is packed.
pub fn patience_of_put(bytes: u64) -> u64 {
    SLOW_PUT_S_MAX + bytes / SLOW_PUT_BYTES_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_call_counts_once_it_is_too_long() {
        let start = Instant::now();
        let calls = Calls::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        let slow = |destination, seconds| calls.slow(destination, at(seconds));
        for destination in Destination::ALL {
            let patience = patience(destination);
            calls.of(0).begin(destination, patience, at(1));
            calls.of(WORKERS_COUNT_MAX - 1).begin(destination, patience, at(2));
            assert_eq!(slow(destination, patience), None, "{destination:?}");
            assert_eq!(slow(destination, patience + 2), Some(at(1)), "{destination:?}");
            let others = Destination::ALL.into_iter().filter(|other| *other != destination);
            assert!(
                others.clone().all(|other| slow(other, 1000).is_none()),
                "{destination:?}"
            );
            calls.of(0).end();
            assert_eq!(slow(destination, patience + 2), Some(at(2)), "{destination:?}");
            calls.of(WORKERS_COUNT_MAX - 1).end();
            assert_eq!(slow(destination, 1000), None);
        }
    }

    /// The bytes of a dump, and for how many seconds its put is not told.
    const PUTS: [(u64, u64); 5] = [
        (0, SLOW_PUT_S_MAX),
        (100_000, SLOW_PUT_S_MAX),
        // A call of an hour, and one of a day.
        (20_000_000, SLOW_PUT_S_MAX + 53),
        (512 * 1024 * 1024, SLOW_PUT_S_MAX + 1_440),
        (u64::MAX, u64::MAX),
    ];

    #[test]
    fn a_large_dump_may_take_long_and_a_small_one_may_not() {
        let start = Instant::now();
        let calls = Calls::new(start);
        for (bytes, seconds) in PUTS {
            let is_told = |after| {
                calls.of(3).begin(Destination::Storage, patience_of_put(bytes), start);
                calls
                    .slow(Destination::Storage, start + Duration::from_secs(after))
                    .is_some()
            };
            assert!(!is_told(seconds.min(1 << 21) - 1), "{bytes}");
            assert_eq!(is_told(seconds.min(1 << 21)), seconds < 1 << 21, "{bytes}");
        }
    }
}
