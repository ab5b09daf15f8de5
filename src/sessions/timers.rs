//! Deadlines of connections: a heap whose entries are corrected only when they come up.
//!
//! When a deadline moves later, nothing is done until its old entry comes up. The owner is then asked for its true
//! deadline and armed again. So a connection that receives a message every second touches the heap only once per ping.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::slots::Key;

/// Entries may be too early or stale, but never too late.
#[derive(Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Instant, Key)>>,
}

impl Timers {
    /// Makes sure that `key` comes up at `deadline` or before it. `armed` is the owner's note of its earliest entry.
    pub fn arm(&mut self, key: Key, deadline: Option<Instant>, armed: &mut Option<Instant>) {
        let Some(deadline) = deadline else { return };
        if armed.is_none_or(|entry| deadline < entry) {
            *armed = Some(deadline);
            self.heap.push(Reverse((deadline, key)));
        }
    }

    /// When the next entry comes up.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes one entry that is due, and gives its time.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, Key)> {
        self.next().filter(|at| *at <= now)?;
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn later_deadlines_make_no_entries_and_earlier_ones_do() {
        let (mut timers, now) = (Timers::default(), Instant::now());
        let key = Key::from_token(7);
        let mut armed = None;
        timers.arm(key, Some(now + Duration::from_secs(30)), &mut armed);
        timers.arm(key, Some(now + Duration::from_secs(40)), &mut armed);
        assert_eq!(timers.heap.len(), 1);
        timers.arm(key, Some(now + Duration::from_secs(5)), &mut armed);
        assert_eq!(timers.pop_due(now), None);
        assert_eq!(
            timers.pop_due(now + Duration::from_secs(6)),
            Some((now + Duration::from_secs(5), key))
        );
        assert_eq!(timers.next(), Some(now + Duration::from_secs(30)));
    }
}
