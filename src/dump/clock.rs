//! What the time stamps of a dump are worth.
//!
//! A dump is a file like any other, so a time may be anything that JSON has for a number, or only the distance to an
//! event that is missing. What is no moment of the years 1970 to 9999 is none. Nothing fails.
use serde_json::{Map, Value};

use super::open::Format;

/// A time of 1973 or later; anything less is the distance to an event before.
pub const ABSOLUTE_MS_MIN: f64 = 1e11;

/// 9999-12-31T23:59:59.999Z, the last moment that has four digits for its year.
const MS_MAX: f64 = 253_402_300_799_999.0;

/// Makes moments of the time stamps of one dump.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    format: Format,
    /// When the server says that the session began, in ms since 1970.
    start_time: Option<f64>,
    base: Option<Base>,
}

/// What the first event of a dump says about the times of all.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Base {
    Absolute,
    /// They count from here, in ms since 1970.
    From(f64),
    /// They count from a moment that nobody has written down.
    Unknown,
}

impl Clock {
    /// The clock of a dump with these metadata, of which no event has been read yet.
    pub fn of(format: Format, metadata: &Map<String, Value>) -> Clock {
        let start_time = metadata.get("startTime").and_then(Value::as_f64);
        Clock {
            format,
            start_time: start_time.filter(|ms| (ABSOLUTE_MS_MIN..=MS_MAX).contains(ms)),
            base: None,
        }
    }

    /// The moment of the next event, in ms since 1970.
    pub fn time(&mut self, timestamp: f64) -> Option<f64> {
        let base = match (self.format, self.start_time) {
            // A browser has absolute times or none; the reader puts 0 for those.
            (Format::Internals | Format::BrowserExport, _) => Base::Absolute,
            _ if timestamp >= ABSOLUTE_MS_MIN => Base::Absolute,
            (Format::RtcStats, Some(start)) => Base::From(start),
            (Format::RtcStats, None) => Base::Unknown,
        };
        let (time, least) = match *self.base.get_or_insert(base) {
            Base::Absolute => (timestamp, ABSOLUTE_MS_MIN),
            Base::From(_) if timestamp >= ABSOLUTE_MS_MIN => (timestamp, ABSOLUTE_MS_MIN),
            Base::From(start) => (start + timestamp, ABSOLUTE_MS_MIN),
            Base::Unknown => (timestamp, 0.0),
        };
        (least..=MS_MAX).contains(&time).then_some(time)
    }

    /// When the session began, if no event says so.
    pub fn start(&self) -> Option<f64> {
        match self.base {
            Some(Base::From(start)) => Some(start),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: f64 = 1.7e12;

    fn times(format: Format, metadata: &str, stamps: &[f64]) -> (Vec<Option<f64>>, Option<f64>) {
        let mut clock = Clock::of(format, &serde_json::from_str(metadata).unwrap());
        (stamps.iter().map(|ms| clock.time(*ms)).collect(), clock.start())
    }

    #[test]
    fn what_is_no_moment_is_none() {
        let stamps = [START, 1e300, -5.0, f64::INFINITY, f64::NAN, MS_MAX, MS_MAX + 1.0, 15.0];
        let known = [Some(START), None, None, None, None, Some(MS_MAX), None, None];
        for metadata in ["{}", r#"{"startTime":1700000000000}"#] {
            assert_eq!(times(Format::RtcStats, metadata, &stamps), (known.to_vec(), None));
        }
        assert_eq!(times(Format::Internals, "{}", &[0.0]), (vec![None], None));
    }

    #[test]
    fn times_without_a_beginning_count_from_that_of_the_session() {
        let metadata = r#"{"startTime":1700000000000}"#;
        assert_eq!(
            times(Format::RtcStats, metadata, &[15.0, -1.0, START + 7.0, 1e300]),
            (
                vec![Some(START + 15.0), Some(START - 1.0), Some(START + 7.0), None],
                Some(START)
            )
        );
        for metadata in ["{}", r#"{"startTime":1e300}"#, r#"{"startTime":"1700000000000"}"#] {
            assert_eq!(
                times(Format::RtcStats, metadata, &[15.0, -1.0]),
                (vec![Some(15.0), None], None)
            );
        }
    }
}
