//! When a destination that failed may be tried again: exponential, with full jitter, one probe at a time.
//!
//! Failures count against the destination, never against the dump that met them. While a destination is down one
//! caller at a time passes, as a probe, each time the pause is over; any success opens it for everybody. Time and
//! chance are arguments of the state machine; [`Gates`] holds one for each destination, locks it, and writes one line
//! to the log when it goes down and one when it is back. Nothing here waits.
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::packers::{Packers, Permit};

/// What delivering a dump needs; each can be down by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The spool's own disk, where packing writes.
    Spool,
    Storage,
    Database,
}

impl Destination {
    pub const ALL: [Destination; 3] = [Destination::Spool, Destination::Storage, Destination::Database];
}

/// The shortest and the longest pause before the next probe.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    pub first: Duration,
    pub last: Duration,
}

/// What a caller has to know before it uses a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It works as far as is known.
    Open,
    /// It is down and may be probed now.
    Due,
    /// It is down; the pause is not over or a probe is under way.
    Shut,
}

/// Leave to use a destination once. Whoever has it must tell how it went, with one of the three methods that take it.
#[derive(Debug)]
#[must_use]
pub struct Pass {
    pub destination: Destination,
    probe: bool,
}

/// The state of one destination.
#[derive(Debug, Default)]
struct Backoff {
    down: Option<Down>,
}

#[derive(Debug)]
struct Down {
    since: Instant,
    failures: u32,
    retry_at: Instant,
    probing: bool,
}

impl Backoff {
    fn gate(&self, now: Instant) -> Gate {
        match &self.down {
            None => Gate::Open,
            Some(down) if !down.probing && down.retry_at <= now => Gate::Due,
            Some(_) => Gate::Shut,
        }
    }

    /// Whether the caller may use the destination now, and then whether as the probe.
    fn admit(&mut self, now: Instant) -> Option<bool> {
        match (self.gate(now), &mut self.down) {
            (Gate::Shut, _) => None,
            (Gate::Due, Some(down)) => {
                down.probing = true;
                Some(true)
            }
            _ => Some(false),
        }
    }

    /// Opens the gate; for how long it was down, if it was.
    fn succeeded(&mut self, now: Instant) -> Option<Duration> {
        self.down.take().map(|down| now.saturating_duration_since(down.since))
    }

    /// True if it was up until now. Failures of callers that had passed before it went down change nothing: four
    /// workers that meet one outage are one failure.
    fn failed(&mut self, probe: bool, now: Instant, pauses: Pauses, chance: u64) -> bool {
        let Some(down) = &mut self.down else {
            let retry_at = now + pause(pauses, 1, chance);
            self.down = Some(Down {
                since: now,
                failures: 1,
                retry_at,
                probing: false,
            });
            return true;
        };
        if probe {
            down.failures = down.failures.saturating_add(1);
            down.retry_at = now + pause(pauses, down.failures, chance);
            down.probing = false;
        }
        false
    }

    /// The attempt told nothing about the destination (the dump was at fault): if it was the probe, the next dump may
    /// be one at once.
    fn unclear(&mut self, probe: bool) {
        if let Some(down) = &mut self.down {
            down.probing &= !probe;
        }
    }

    /// When the next probe may go out; nothing while it is up or while one is under way.
    fn retry_at(&self) -> Option<Instant> {
        self.down
            .as_ref()
            .filter(|down| !down.probing)
            .map(|down| down.retry_at)
    }
}

/// Anything between the shortest pause and a bound that doubles with every failure: full jitter, so that the processes
/// of many machines that met the same outage do not come back in step.
fn pause(pauses: Pauses, failures: u32, chance: u64) -> Duration {
    let factor = 2_u32.saturating_pow(failures.min(31));
    let bound = pauses.first.saturating_mul(factor).min(pauses.last);
    let spread = bound.saturating_sub(pauses.first);
    let share = (chance % 1_000) as f64 / 1_000.0;
    pauses.first + spread.mul_f64(share)
}

/// The gates of all destinations, shared by the workers.
#[derive(Debug)]
pub struct Gates {
    pauses: Pauses,
    names: [String; 3],
    /// What the spool's gate does not bound by itself: the processors.
    packers: Packers,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    backoffs: [Backoff; 3],
    closed: bool,
}

impl Gates {
    /// `names` are what the log calls the destinations, in the order of [`Destination::ALL`].
    pub fn new(pauses: Pauses, names: [String; 3]) -> Gates {
        Gates {
            pauses,
            names,
            packers: Packers::of_this_machine(),
            state: Mutex::default(),
        }
    }

    /// From now on nobody is admitted: the server stops.
    pub fn close(&self) {
        self.state().closed = true;
    }

    pub fn gate(&self, destination: Destination) -> Gate {
        let state = self.state();
        if state.closed {
            Gate::Shut
        } else {
            state.backoffs[destination as usize].gate(Instant::now())
        }
    }

    /// Leave to use the destination now, if it is up or to be probed.
    pub fn admit(&self, destination: Destination) -> Option<Pass> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        let probe = state.backoffs[destination as usize].admit(Instant::now())?;
        Some(Pass { destination, probe })
    }

    /// Leave to pack one dump, waited for while enough others do.
    pub fn enter_packing(&self) -> Permit<'_> {
        self.packers.enter()
    }

    /// It worked: the destination is up.
    pub fn succeeded(&self, pass: Pass) {
        let index = pass.destination as usize;
        let back = self.state().backoffs[index].succeeded(Instant::now());
        if let Some(down) = back {
            log::info!("{} works again after {} s", self.names[index], down.as_secs());
        }
    }

    /// It did not work, and another dump would have met the same. `cause` must be fit for the log.
    pub fn failed(&self, pass: Pass, cause: &dyn std::fmt::Display) {
        // Each RandomState has keys of its own, so an empty hash is as good as a die and needs no further crate.
        let chance = RandomState::new().hash_one(0);
        let index = pass.destination as usize;
        let first = self.state().backoffs[index].failed(pass.probe, Instant::now(), self.pauses, chance);
        if first {
            let name = &self.names[index];
            log::warn!("{name} is down, dumps wait on disk and are tried again until it works: {cause}");
        }
    }

    /// It told nothing about the destination.
    pub fn unclear(&self, pass: Pass) {
        self.state().backoffs[pass.destination as usize].unclear(pass.probe);
    }

    pub fn all_open(&self) -> bool {
        self.state().backoffs.iter().all(|backoff| backoff.down.is_none())
    }

    /// The first moment at which one of `destinations` may be probed.
    pub fn retry_at(&self, destinations: impl Iterator<Item = Destination>) -> Option<Instant> {
        let state = self.state();
        destinations
            .filter_map(|destination| state.backoffs[destination as usize].retry_at())
            .min()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every method leaves the state whole at each step, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSES: Pauses = Pauses {
        first: Duration::from_secs(5),
        last: Duration::from_secs(900),
    };

    #[test]
    fn pauses_grow_within_their_bounds() {
        for (failures, last) in [(1, 10), (2, 20), (5, 160), (8, 900), (u32::MAX, 900)] {
            assert_eq!(pause(PAUSES, failures, 0), PAUSES.first);
            let longest = pause(PAUSES, failures, 999);
            assert!(longest <= Duration::from_secs(last), "{failures}: {longest:?}");
            assert!(
                longest >= Duration::from_secs(last) * 99 / 100,
                "{failures}: {longest:?}"
            );
        }
    }

    #[test]
    fn one_probe_at_a_time_and_success_opens() {
        let start = Instant::now();
        let mut backoff = Backoff::default();
        assert_eq!((backoff.admit(start), backoff.admit(start)), (Some(false), Some(false)));
        assert!(backoff.failed(false, start, PAUSES, 0));
        assert!(
            !backoff.failed(false, start, PAUSES, 999),
            "a second worker in the same outage"
        );
        assert_eq!(backoff.retry_at(), Some(start + PAUSES.first));
        assert_eq!(backoff.admit(start), None);
        let later = start + PAUSES.first;
        assert_eq!(backoff.gate(later), Gate::Due);
        assert_eq!(backoff.admit(later), Some(true));
        assert_eq!(backoff.admit(later), None, "a second probe");
        assert_eq!(backoff.retry_at(), None);
        assert!(!backoff.failed(false, later, PAUSES, 999), "one that had passed before");
        assert_eq!(backoff.admit(later), None, "the probe is still under way");
        assert!(!backoff.failed(true, later, PAUSES, 999));
        assert!(backoff.retry_at() > Some(later + PAUSES.first * 3));
        assert_eq!(backoff.succeeded(later), Some(PAUSES.first));
        assert_eq!((backoff.gate(later), backoff.succeeded(later)), (Gate::Open, None));
        assert!(backoff.failed(false, later, PAUSES, 0));
        assert_eq!(
            backoff.retry_at(),
            Some(later + PAUSES.first),
            "success resets the pause"
        );
    }

    #[test]
    fn a_probe_that_told_nothing_makes_room_for_the_next() {
        let start = Instant::now();
        let mut backoff = Backoff::default();
        backoff.failed(false, start, PAUSES, 0);
        let later = start + PAUSES.first;
        assert_eq!(backoff.admit(later), Some(true));
        backoff.unclear(false);
        assert_eq!(backoff.admit(later), None);
        backoff.unclear(true);
        assert_eq!(backoff.admit(later), Some(true));
    }

    #[test]
    fn closed_gates_admit_nobody() {
        let gates = Gates::new(PAUSES, Default::default());
        let pass = gates.admit(Destination::Database).unwrap();
        gates.failed(pass, &"test");
        assert!(gates.admit(Destination::Database).is_none());
        assert!(gates.admit(Destination::Spool).is_some() && !gates.all_open());
        assert!(gates.retry_at([Destination::Storage].into_iter()).is_none());
        assert!(gates.retry_at(Destination::ALL.into_iter()).is_some());
        gates.close();
        assert!(
            Destination::ALL
                .into_iter()
                .all(|destination| gates.admit(destination).is_none())
        );
    }
}
