//! What a folder remembers of the last sweep, and whether the clock agrees with it.
//!
//! A clock that jumps makes every dump look old at once. So the time of each sweep is kept in the folder, and the next
//! one compares:
//!
//! ```text
//!                 RETENTION_BACK_S_MAX              max_age / 2, or RETENTION_JUMP_S_MIN
//!        doubt  ◄──────────────────────► last sweep ◄────────────────────────────────────► doubt
//!                              the clock agrees
//! ```
//!
//! In doubt, and where nothing is remembered, sweeps tell for `RETENTION_DOUBT_S` what is too old, and remove none of
//! it. If the clock agrees with each sweep of that time, it counts as right. What several processes know of one folder
//! is the same, since it is in the file. Limit: a clock that is wrong for longer than that is believed.
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use crate::limits::{RETENTION_BACK_S_MAX, RETENTION_DOUBT_S, RETENTION_JUMP_S_MIN};
use crate::time::UnixMs;

/// The times of the last sweep and of the last doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSweep {
    pub swept: UnixMs,
    /// When the clock disagreed last.
    pub doubted: UnixMs,
}

/// Whether an age can be told by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Agrees,
    Doubtful {
        /// The last sweep that is known.
        last: Option<UnixMs>,
        /// When the doubt ends, if the clock agrees from now on.
        until: UnixMs,
    },
}

impl LastSweep {
    /// What the folder says. `None` for a file that is missing, damaged, or not readable.
    pub fn read(folder: &Path) -> Option<LastSweep> {
        let mut text = String::new();
        let file = File::open(folder.join(NAME)).ok()?;
        file.take(BYTES_MAX).read_to_string(&mut text).ok()?;
        let (swept, doubted) = text.strip_suffix('\n')?.split_once(' ')?;
        let last = LastSweep {
            swept: UnixMs::parse(swept)?,
            doubted: UnixMs::parse(doubted)?,
        };
        (last.doubted <= last.swept).then_some(last)
    }

    /// The file always has the same length and is written in place, so that a full disk takes it too. If a crash tears
    /// it, nothing is remembered.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(self, folder: &Path) -> io::Result<()> {
        let mut options = File::options();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(NAME))?;
        let text = format!("{} {}\n", self.swept, self.doubted);
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)
    }

    /// What a sweep at the time `now` is to remember, and whether it may trust the clock.
    pub fn next(before: Option<LastSweep>, now: UnixMs, max_age: Duration) -> (LastSweep, Clock) {
        let jump = (max_age / 2).max(Duration::from_secs(RETENTION_JUMP_S_MIN));
        let back = Duration::from_secs(RETENTION_BACK_S_MAX);
        let agrees = |last: &LastSweep| now.since(last.swept) <= jump && last.swept.since(now) <= back;
        let doubted = before.filter(agrees).map_or(now, |last| last.doubted.min(now));
        let clock = if now.since(doubted) < Duration::from_secs(RETENTION_DOUBT_S) {
            Clock::Doubtful {
                last: before.map(|last| last.swept),
                until: UnixMs(doubted.0.saturating_add(RETENTION_DOUBT_S * 1_000)),
            }
        } else {
            Clock::Agrees
        };
        (LastSweep { swept: now, doubted }, clock)
    }
}

/// Hidden, so that no walk over the folder takes it for a dump.
const NAME: &str = ".last-sweep";

/// More than two times in the form of `UnixMs`, with what is between and behind them.
const BYTES_MAX: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const HOUR: u64 = 3_600;
    const MAX_AGE: Duration = Duration::from_secs(30 * DAY);

    /// The last sweep and the last doubt, in seconds before now (negative: ahead), and whether the clock agrees.
    const CASES: [(i64, i64, bool); 12] = [
        (600, 90_000, true),
        // Off for a week, and for longer than half of max_age.
        (7 * DAY as i64, 40 * DAY as i64, true),
        (15 * DAY as i64, 40 * DAY as i64, true),
        (16 * DAY as i64, 40 * DAY as i64, false),
        (700 * DAY as i64, 701 * DAY as i64, false),
        // Set back: by a step of the time service, by an hour (local time instead of UTC), by years.
        (-1, 90_000, true),
        (-600, 90_000, true),
        (-(HOUR as i64), 90_000, false),
        (-5_000 * DAY as i64, 90_000, false),
        // The other way round: an hour ahead is less than half of max_age.
        (HOUR as i64, 90_000, true),
        // A doubt is not over, and just over.
        (600, HOUR as i64 - 1, false),
        (600, HOUR as i64, true),
    ];

    fn seconds(at: i64) -> UnixMs {
        UnixMs(u64::try_from(1_800_000_000 + at).unwrap() * 1_000)
    }

    #[test]
    fn the_clock_agrees_with_the_last_sweep_or_not() {
        for (swept, doubted, agrees) in CASES {
            let before = LastSweep {
                swept: seconds(-swept),
                doubted: seconds(-doubted),
            };
            let (next, clock) = LastSweep::next(Some(before), seconds(0), MAX_AGE);
            assert_eq!(
                clock == Clock::Agrees,
                agrees,
                "swept {swept} s ago, doubted {doubted} s ago"
            );
            assert_eq!(next.swept, seconds(0));
            assert!(next.doubted <= next.swept);
        }
        assert_ne!(LastSweep::next(None, seconds(0), MAX_AGE).1, Clock::Agrees);
    }

    #[test]
    fn a_doubt_ends_when_the_clock_has_agreed_for_its_time() {
        let (mut last, mut told) = (None, Vec::new());
        for minutes in (0..=70).step_by(10) {
            let (next, clock) = LastSweep::next(last, seconds(minutes * 60), MAX_AGE);
            told.push(clock != Clock::Agrees);
            last = Some(next);
        }
        assert_eq!(told, [true, true, true, true, true, true, false, false]);
        // A jump within the doubt begins it anew.
        let (_, clock) = LastSweep::next(last, seconds(40 * DAY as i64), MAX_AGE);
        assert!(matches!(clock, Clock::Doubtful { until, .. } if until == seconds((40 * DAY + HOUR) as i64)));
    }

    #[test]
    fn short_ages_do_not_doubt_each_pause() {
        let (last, _) = LastSweep::next(None, seconds(-7_200), Duration::from_secs(60));
        let last = LastSweep {
            swept: seconds(-600),
            ..last
        };
        assert_eq!(
            LastSweep::next(Some(last), seconds(0), Duration::from_secs(60)).1,
            Clock::Agrees
        );
    }

    #[test]
    fn what_was_written_is_read_and_what_is_damaged_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(LastSweep::read(folder.path()), None);
        let file = folder.path().join(NAME);
        let last = LastSweep {
            swept: seconds(0),
            doubted: seconds(-5),
        };
        std::fs::write(
            &file,
            "longer than what is written afterwards, and not two times\n".repeat(9),
        )
        .unwrap();
        assert_eq!(LastSweep::read(folder.path()), None);
        last.write(folder.path()).unwrap();
        assert_eq!(LastSweep::read(folder.path()), Some(last));
        let text = std::fs::read(&file).unwrap();
        for length in 0..text.len() {
            std::fs::write(&file, &text[..length]).unwrap();
            assert_eq!(LastSweep::read(folder.path()), None, "torn after {length} bytes");
        }
        for damaged in [vec![0; text.len()], vec![b'9'; text.len()], b"\xff\xfe \n".to_vec()] {
            std::fs::write(&file, &damaged).unwrap();
            assert_eq!(LastSweep::read(folder.path()), None);
        }
        // A doubt that is later than the sweep would never end.
        std::fs::write(&file, format!("{} {}\n", seconds(0), seconds(1))).unwrap();
        assert_eq!(LastSweep::read(folder.path()), None);
    }
}
