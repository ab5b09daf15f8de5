//! Points in time as dumps, rows and people write them. How long something took is measured with `Instant`, never here.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcDateTime};

/// Milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// The wall clock. A clock before 1970 counts as 1970.
    pub fn now() -> UnixMs {
        UnixMs::from(SystemTime::now())
    }

    /// Reads any RFC 3339 time that is not before 1970.
    pub fn parse(text: &str) -> Option<UnixMs> {
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok().map(UnixMs)
    }

    /// How long ago `earlier` was; zero if it was not earlier.
    pub fn since(self, earlier: UnixMs) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// `YYYY-MM-DD`.
    pub fn date(self) -> String {
        let format = format_description!("[year]-[month]-[day]");
        self.calendar().format(format).unwrap_or_default()
    }

    /// A time that a calendar with four-digit years cannot hold (a damaged clock) becomes the last moment of that
    /// calendar.
    fn calendar(self) -> OffsetDateTime {
        let nanoseconds = i128::from(self.0) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(UtcDateTime::MAX.into())
    }
}

impl From<SystemTime> for UnixMs {
    fn from(time: SystemTime) -> UnixMs {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// RFC 3339, UTC, always with milliseconds: all have the same length, so that sorting the texts sorts the times.
impl fmt::Display for UnixMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&self.calendar().format(format).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_text_of_one_length_in_time_order() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(UnixMs(ms).to_string(), text);
        }
        assert_eq!(UnixMs(1_700_000_000_123).date(), "2023-11-14");
    }

    #[test]
    fn what_was_written_reads_back_and_other_offsets_are_understood() {
        for ms in [0, 1, 999, 1_700_000_000_123] {
            assert_eq!(UnixMs::parse(&UnixMs(ms).to_string()), Some(UnixMs(ms)));
        }
        let vienna = UnixMs::parse("2023-11-14T22:13:20+01:00");
        assert_eq!(vienna, Some(UnixMs(1_699_996_400_000)));
        assert_eq!(UnixMs::parse("yesterday"), None);
        assert_eq!(UnixMs::parse("1969-12-31T23:59:59Z"), None);
    }
}
