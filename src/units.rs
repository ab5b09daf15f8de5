//! Durations and sizes as people write them: `30s`, `512MiB`. A number without a unit is seconds or bytes.
//!
//! Never here: fractions and sums (`1h30m` is written `90min`), so that there is one way to read each value. Sizes are
//! powers of 1024 with the `i` (IEC 80000-13) and powers of 1000 without it. Failures: a text that is neither; the
//! message gives an example.
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

/// A span of time in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// Name and milliseconds. If two names have the same length of time, the first one is printed.
const PERIODS: [(&str, u64); 7] = [
    ("ms", 1),
    ("s", 1000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("m", 60_000),
    ("", 1000),
];

/// Name and bytes, by the same rule.
const SIZES: [(&str, u64); 10] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("", 1),
];

impl Size {
    /// The bytes as a length in memory. A size that no memory can hold becomes the largest possible length.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The number times its unit. Upper or lower case does not matter, and neither do blanks around the number.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// The value in the largest of the first `count` units that leaves no remainder.
fn written(value: u64, units: &[(&str, u64)], count: usize) -> String {
    let fits = units[..count]
        .iter()
        .rev()
        .find(|(_, factor)| value != 0 && value.is_multiple_of(*factor));
    let (name, factor) = fits.unwrap_or(&units[0]);
    format!("{}{name}", value / factor)
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ms = quantity(text, &PERIODS);
        ms.map(|ms| Period(Duration::from_millis(ms))).ok_or_else(|| {
            format!("{text:?} is no duration; write it like \"500ms\", \"30s\", \"5min\", \"2h\" or \"1d\"")
        })
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = quantity(text, &SIZES);
        bytes
            .map(Size)
            .ok_or_else(|| format!("{text:?} is no size; write it like \"16KiB\", \"512MiB\" or \"2GiB\""))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u64::try_from(self.0.as_millis()) {
            Ok(0) => f.write_str("0s"),
            Ok(ms) => f.write_str(&written(ms, &PERIODS, 5)),
            Err(_) => write!(f, "{}s", self.0.as_secs()),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.0, &SIZES, 5))
    }
}

/// Both types are written as text and read from a text or a whole number.
macro_rules! texts_and_numbers {
    ($type:ident, $expecting:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;
                impl Visitor<'_> for Reader {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }

                    // A negative number is not accepted as a text either, and is reported in the same way.
                    fn visit_i64<E: Error>(self, number: i64) -> Result<$type, E> {
                        self.visit_str(&number.to_string())
                    }

                    fn visit_u64<E: Error>(self, number: u64) -> Result<$type, E> {
                        self.visit_str(&number.to_string())
                    }
                }
                deserializer.deserialize_any(Reader)
            }
        }
    };
}

texts_and_numbers!(Period, "a duration such as \"30s\"");
texts_and_numbers!(Size, "a size such as \"512MiB\"");

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Option<u128> {
        text.parse().ok().map(|Period(time)| time.as_millis())
    }

    fn size(text: &str) -> Option<u64> {
        text.parse().ok().map(|Size(bytes)| bytes)
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, ms) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("30", 30_000),
            ("0", 0),
            ("5min", 300_000),
            ("5m", 300_000),
        ] {
            assert_eq!(period(text), Some(ms), "{text}");
        }
        assert_eq!(period(" 2 h "), Some(7_200_000));
        assert_eq!(period("1D"), Some(86_400_000));
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("512MiB", 512 << 20),
            ("16 kib", 16 << 10),
            ("1gb", 1_000_000_000),
            ("7", 7),
            ("7B", 7),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in [
            "",
            "s",
            "-1s",
            "1.5s",
            "1h30m",
            "1w",
            "s1",
            "18446744073709551616",
            "18446744073709551615d",
            "+1s",
            "½h",
        ] {
            assert_eq!(period(text), None, "{text}");
        }
        for text in ["", "MiB", "-1", "1,5MiB", "1 MiB B", "99999999TiB", "1KB/s"] {
            assert_eq!(size(text), None, "{text}");
        }
        assert_eq!(
            "1w".parse::<Period>().unwrap_err(),
            r#""1w" is no duration; write it like "500ms", "30s", "5min", "2h" or "1d""#
        );
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for ms in [
            0,
            1,
            999,
            1000,
            1500,
            60_000,
            90_000,
            3_600_000,
            86_400_000,
            31_536_000_001,
        ] {
            let printed = Period(Duration::from_millis(ms)).to_string();
            assert_eq!(period(&printed), Some(ms.into()), "{printed}");
        }
        for bytes in [0, 1, 1023, 1024, 1 << 20, (1 << 20) + 1, 1_000_000, u64::MAX] {
            assert_eq!(size(&Size(bytes).to_string()), Some(bytes));
        }
        assert_eq!(Period(Duration::from_secs(90)).to_string(), "90s");
        assert_eq!(Size(512 << 20).to_string(), "512MiB");
    }
}
