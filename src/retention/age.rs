//! How old a stored dump is. No clock is trusted alone: an age has two witnesses, and the younger one counts.
//!
//! One is the time in the dump's id, which is when its session began. The other is the time of its file, which is when
//! it was packed or copied. A restored backup, a copied disk, or a clock that was wrong for a while changes one of them
//! and not the other. A witness that is ahead of the clock is no sign of youth (`RETENTION_AHEAD_S_MAX`), so that
//! nothing stays for ever because a clock was wrong once: then the other witness counts alone. If both are ahead,
//! nothing is known of the age. Such a dump counts as newer than all others, and never as too old.
use std::time::{Duration, SystemTime};

use crate::id::Id;
use crate::limits::RETENTION_AHEAD_S_MAX;

/// Since when a dump has been there, as far as its witnesses say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// This time, which may be a little ahead of the clock. A name without a time in it is no witness.
    Known(SystemTime),
    /// All witnesses are ahead of the clock; the earliest of them.
    Ahead(SystemTime),
}

impl Since {
    /// What the id in a file's name and the file's time say at the time `now`.
    pub fn of(id: Option<Id>, modified: SystemTime, now: SystemTime) -> Since {
        let born = id.and_then(Id::born);
        let limit = now + Duration::from_secs(RETENTION_AHEAD_S_MAX);
        let witnesses = || [Some(modified), born].into_iter().flatten();
        let youngest = witnesses().filter(|time| *time <= limit).max();
        let earliest = witnesses().fold(modified, SystemTime::min);
        youngest.map_or(Since::Ahead(earliest), Since::Known)
    }

    /// The age at the time `now`, if one is known.
    pub fn age(self, now: SystemTime) -> Option<Duration> {
        match self {
            Since::Known(since) => Some(now.duration_since(since).unwrap_or_default()),
            Since::Ahead(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days from now; negative ones are ahead.
    const CASES: [(Option<i64>, i64, Option<u64>); 12] = [
        (Some(40), 40, Some(40)),
        // The file was packed under a clock that was behind, or was restored with an old time.
        (Some(1), 700, Some(1)),
        // It waited in the spool, or was copied to another disk.
        (Some(700), 1, Some(1)),
        (Some(40), -5_000, Some(40)),
        (Some(-5_000), 40, Some(40)),
        (Some(-5_000), -4_000, None),
        // A name without a time.
        (None, 40, Some(40)),
        (None, -5_000, None),
        // As far ahead as a clock in local time.
        (Some(40), -1, Some(0)),
        (Some(-1), 40, Some(0)),
        (Some(-1), -5_000, Some(0)),
        (Some(0), 0, Some(0)),
    ];

    fn days(now: SystemTime, ago: i64) -> SystemTime {
        let days = Duration::from_secs(86_400 * ago.unsigned_abs());
        if ago < 0 { now + days } else { now - days }
    }

    #[test]
    fn the_younger_witness_counts_and_none_that_is_ahead() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        for (born, modified, expected) in CASES {
            let id = born.map(|ago| Id::at(days(now, ago)));
            let since = Since::of(id, days(now, modified), now);
            let age = since.age(now).map(|age| age.as_secs() / 86_400);
            assert_eq!(age, expected, "born {born:?}, written {modified} days ago");
        }
    }

    #[test]
    fn what_is_ahead_counts_as_newest() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let ahead = Since::of(None, days(now, -2), now);
        assert!(ahead > Since::of(None, now, now));
        assert!(ahead < Since::of(None, days(now, -3), now));
    }
}
