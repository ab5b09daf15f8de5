//! Decides when a destination that failed is tried again: exponential pauses with full jitter, one attempt at a time.
//!
//! A failure counts against the destination, never against the dump that met it. While a destination is down, one dump
//! at a time may try it, each time after the pause is over. The first success makes it available to all dumps again.
//! Time and random numbers are arguments. The log gets one line when a destination goes down, one whenever it is tried
//! again and fails for another cause, and one when it is back. If it comes and goes for one cause, that is told once a
//! minute.
use std::time::{Duration, Instant};

use crate::id::Id;
use crate::limits::{RETRY_PAUSE_S_MAX, RETRY_PAUSE_S_MIN};
use crate::news::TOLD_EVERY;

/// What delivering a dump needs. Each of them can be down without the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// The spool's own disk, to which packing writes.
    Spool,
    Storage,
    Database,
}

impl Destination {
    pub const ALL: [Destination; 3] = [Destination::Spool, Destination::Storage, Destination::Database];
}

/// The shortest and the longest pause before the next attempt. Only tests change the default.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    pub first: Duration,
    pub last: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Pauses {
            first: Duration::from_secs(RETRY_PAUSE_S_MIN),
            last: Duration::from_secs(RETRY_PAUSE_S_MAX),
        }
    }
}

impl Pauses {
    /// The pause after so many failures: a random time between the shortest pause and a bound that doubles with every
    /// failure (full jitter). So the processes of many machines that met the same outage do not all come back at the
    /// same moment.
    pub fn after(self, failures: u32, chance: u64) -> Duration {
        let factor = 2_u32.saturating_pow(failures.min(31));
        let bound = self.first.saturating_mul(factor).min(self.last);
        let spread = bound.saturating_sub(self.first);
        let share = (chance % 1_000) as f64 / 1_000.0;
        self.first + spread.mul_f64(share)
    }
}

/// Who tries a destination that is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    Dump(Id),
    /// The recovery of the spool.
    Recovery,
}

/// Whether one destination can be used.
#[derive(Debug)]
pub struct Availability {
    /// Its name in the log.
    name: String,
    pauses: Pauses,
    down: Option<Down>,
    /// The cause that was told last, and when.
    told: Option<(String, Instant)>,
}

#[derive(Debug)]
struct Down {
    since: Instant,
    cause: String,
    /// Since when it fails for this cause.
    cause_since: Instant,
    failures: u32,
    retry_at: Instant,
    attempt: Option<Attempt>,
    /// Whether the log says so.
    is_told: bool,
}

impl Availability {
    /// A destination that works, as far as is known.
    pub fn new(name: String, pauses: Pauses) -> Availability {
        Availability {
            name,
            pauses,
            down: None,
            told: None,
        }
    }

    pub fn is_up(&self) -> bool {
        self.down.is_none()
    }

    /// True if it is down and may be tried now.
    pub fn is_due(&self, now: Instant) -> bool {
        let due = |down: &Down| down.attempt.is_none() && down.retry_at <= now;
        self.down.as_ref().is_some_and(due)
    }

    /// Whether `who` may use it; if it is down, this use is the attempt.
    pub fn admits(&self, who: Attempt, now: Instant) -> bool {
        self.is_up() || self.is_due(now) || self.attempt() == Some(who)
    }

    /// Who is trying it now.
    pub fn attempt(&self) -> Option<Attempt> {
        self.down.as_ref()?.attempt
    }

    /// `who` is going to use it, and `admits` has allowed that.
    pub fn begin(&mut self, who: Attempt) {
        if let Some(down) = &mut self.down {
            down.attempt = Some(who);
        }
    }

    /// It has done what was asked.
    pub fn worked(&mut self, now: Instant) {
        if let Some(line) = self.works(now) {
            log::info!("{line}");
        }
    }

    /// Returns what the log is to say.
    fn works(&mut self, now: Instant) -> Option<String> {
        let down = self.down.take()?;
        let seconds = now.saturating_duration_since(down.since).as_secs();
        down.is_told
            .then(|| format!("{} works again after {seconds} s", self.name))
    }

    /// It failed for `who`. Once the pause is over, the first failure counts, whoever meets it: the attempt, or a dump
    /// that came to use the destination in a step that does not need it as a rule. Failures within the pause do not
    /// count: four dumps that meet the same outage are one failure.
    pub fn failed(&mut self, who: Attempt, cause: &str, now: Instant, chance: u64) {
        if let Some(line) = self.fails(who, cause, now, chance) {
            log::warn!("{line}");
        }
    }

    /// Returns what the log is to say.
    fn fails(&mut self, who: Attempt, cause: &str, now: Instant, chance: u64) -> Option<String> {
        let Some(down) = &mut self.down else {
            self.down = Some(Down {
                since: now,
                cause: cause.to_owned(),
                cause_since: now,
                failures: 1,
                retry_at: now + self.pauses.after(1, chance),
                attempt: None,
                is_told: false,
            });
            return self.tell(cause, now);
        };
        if down.attempt == Some(who) {
            down.attempt = None;
        }
        if now < down.retry_at {
            return None;
        }
        down.failures = down.failures.saturating_add(1);
        down.retry_at = now + self.pauses.after(down.failures, chance);
        if down.cause != cause {
            down.cause = cause.to_owned();
            down.cause_since = now;
        } else if down.is_told {
            return None;
        }
        self.tell(cause, now)
    }

    /// The line that says that it is down for this cause, unless that was told within the last minute.
    fn tell(&mut self, cause: &str, now: Instant) -> Option<String> {
        let (down, name) = (self.down.as_mut()?, &self.name);
        let is_old = |(told, at): &(String, Instant)| told == cause && now < *at + TOLD_EVERY;
        if self.told.as_ref().is_some_and(is_old) {
            return None;
        }
        self.told = Some((cause.to_owned(), now));
        Some(match std::mem::replace(&mut down.is_told, true) {
            false => format!("{name} is down, dumps wait on disk and are tried again until it works: {cause}"),
            true => format!("{name} is still down, now for another cause: {cause}"),
        })
    }

    /// Why it does not work, and since when that is the cause.
    pub fn cause(&self) -> Option<(&str, Instant)> {
        let down = self.down.as_ref()?;
        Some((&down.cause, down.cause_since))
    }

    /// The attempt has shown nothing about it, so another may be made as soon as no pause is left.
    pub fn unclear(&mut self) {
        if let Some(down) = &mut self.down {
            down.attempt = None;
        }
    }

    /// When it may be tried next; `None` while it is up or is being tried.
    pub fn retry_at(&self) -> Option<Instant> {
        let down = self.down.as_ref()?;
        down.attempt.is_none().then_some(down.retry_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSES: Pauses = Pauses {
        first: Duration::from_secs(5),
        last: Duration::from_secs(900),
    };

    fn destination() -> Availability {
        Availability::new("the store".to_owned(), PAUSES)
    }

    #[test]
    fn pauses_grow_within_their_bounds() {
        for (failures, last) in [(1, 10), (2, 20), (5, 160), (8, 900), (u32::MAX, 900)] {
            assert_eq!(PAUSES.after(failures, 0), PAUSES.first);
            let longest = PAUSES.after(failures, 999);
            assert!(longest <= Duration::from_secs(last), "{failures}: {longest:?}");
            assert!(
                longest >= Duration::from_secs(last) * 99 / 100,
                "{failures}: {longest:?}"
            );
        }
    }

    #[test]
    fn one_attempt_at_a_time_and_success_makes_it_available() {
        let [one, two] = [(); 2].map(|()| Attempt::Dump(Id::new()));
        let start = Instant::now();
        let mut store = destination();
        assert!(store.admits(one, start) && store.admits(two, start));
        store.failed(one, "test", start, 0);
        assert!(!store.is_up());
        store.failed(two, "test", start, 999);
        assert_eq!(
            store.retry_at(),
            Some(start + PAUSES.first),
            "a second dump in the same outage"
        );
        assert!(!store.admits(one, start));
        let later = start + PAUSES.first;
        assert!(store.is_due(later) && store.admits(one, later));
        store.begin(one);
        assert!(!store.admits(two, later), "a second attempt");
        assert!(store.admits(one, later) && store.attempt() == Some(one));
        assert_eq!(store.retry_at(), None);
        store.failed(two, "test", later, 999);
        assert!(!store.admits(two, later), "the attempt is still under way");
        store.failed(one, "test", later, 999);
        assert!(store.retry_at() > Some(later + PAUSES.first * 3));
        assert!(
            store.retry_at() <= Some(later + PAUSES.first * 4),
            "both failures are one"
        );
        store.worked(later);
        assert!(store.is_up() && store.retry_at().is_none());
        store.failed(two, "test", later, 0);
        assert_eq!(store.retry_at(), Some(later + PAUSES.first), "success resets the pause");
    }

    #[test]
    fn a_cause_that_changes_within_the_pause_waits_for_the_next_attempt() {
        let (one, start) = (Attempt::Dump(Id::new()), Instant::now());
        let mut store = destination();
        assert_eq!(store.cause(), None);
        assert!(store.fails(one, "refused", start, 0).is_some());
        assert_eq!(store.fails(one, "cut off", start, 0), None);
        assert_eq!(store.cause(), Some(("refused", start)));
        let later = start + PAUSES.first;
        assert_eq!(store.fails(one, "refused", later, 0), None);
        assert_eq!(store.cause(), Some(("refused", start)), "it is the same");
        let latest = later + 4 * PAUSES.first;
        let line = "the store is still down, now for another cause: no password";
        assert_eq!(store.fails(one, "no password", latest, 0).as_deref(), Some(line));
        assert_eq!(store.cause(), Some(("no password", latest)));
        let line = "the store works again after 25 s";
        assert_eq!(store.works(latest).as_deref(), Some(line));
        assert_eq!(store.cause(), None);
    }

    #[test]
    fn what_comes_and_goes_for_one_cause_is_told_once_a_minute() {
        let (one, start) = (Attempt::Dump(Id::new()), Instant::now());
        let (mut store, mut lines) = (destination(), Vec::new());
        for second in 0..150 {
            let now = start + Duration::from_secs(second);
            lines.extend(store.fails(one, "slow down", now, 0).map(|_| (second, "down")));
            if second % 2 == 1 {
                lines.extend(store.works(now).map(|_| (second, "works")));
            }
        }
        let told = [0, 60, 120].map(|begin| [(begin, "down"), (begin + 1, "works")]);
        assert_eq!(lines, told.concat());
        // What was not told at first is told when it lasts.
        let now = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(store.fails(one, "slow down", now(150), 0), None);
        assert_eq!(store.fails(one, "slow down", now(170), 0), None);
        let line = store.fails(one, "slow down", now(180), 0).expect("a minute is over");
        assert!(line.starts_with("the store is down, "), "{line}");
        assert!(store.works(now(181)).is_some());
        assert!(
            store.fails(one, "forbidden", now(182), 0).is_some(),
            "another cause is told at once"
        );
    }

    #[test]
    fn an_attempt_that_told_nothing_makes_room_for_the_next() {
        let [one, two] = [(); 2].map(|()| Attempt::Dump(Id::new()));
        let start = Instant::now();
        let mut store = destination();
        store.failed(one, "test", start, 0);
        let later = start + PAUSES.first;
        store.begin(one);
        assert!(!store.admits(two, later));
        store.unclear();
        assert!(store.admits(two, later));
    }
}
