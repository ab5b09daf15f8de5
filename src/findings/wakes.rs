//! When rules want to look again, though no event concerns them.
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::limits::FINDING_WAKES_MAX;

/// When a rule wants to look again.
#[derive(Clone, Copy, Debug)]
pub struct Wake {
    pub time: f64,
    number: u64,
    pub rule: usize,
    pub connection: usize,
}

impl PartialEq for Wake {
    fn eq(&self, other: &Wake) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Wake {}

impl PartialOrd for Wake {
    fn partial_cmp(&self, other: &Wake) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wake {
    fn cmp(&self, other: &Wake) -> std::cmp::Ordering {
        self.time.total_cmp(&other.time).then(self.number.cmp(&other.number))
    }
}

/// Moments at which rules want to look again, the next one first.
#[derive(Debug, Default)]
pub struct Wakes {
    heap: BinaryHeap<Reverse<Wake>>,
    number: u64,
}

impl Wakes {
    /// Beyond `FINDING_WAKES_MAX` nothing is added: such a rule looks at the end of the dump.
    pub fn add(&mut self, time: f64, rule: usize, connection: usize) {
        if self.heap.len() < FINDING_WAKES_MAX {
            self.number += 1;
            let number = self.number;
            self.heap.push(Reverse(Wake {
                time,
                number,
                rule,
                connection,
            }));
        }
    }

    /// The next one that is due by this time.
    #[inline]
    pub fn due(&mut self, time: f64) -> Option<Wake> {
        let Reverse(next) = self.heap.peek()?;
        if next.time > time {
            return None;
        }
        self.heap.pop().map(|Reverse(wake)| wake)
    }
}
