//! What is wrong with the value of one key, in words for the operator.
//!
//! Each room checks its own options by these rules. `config` adds the table, and the line or variable that the value
//! came from. Never here: the values themselves, which may be secrets.
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use crate::units::{Period, Size};

/// A value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Unfit {
    /// The key's name within the room's table.
    pub key: &'static str,
    /// What is wrong with it and what to write instead.
    pub message: String,
}

impl Unfit {
    pub fn new(key: &'static str, message: impl Into<String>) -> Unfit {
        Unfit {
            key,
            message: message.into(),
        }
    }
}

/// For a rule that only one room has.
pub fn unless(is_fit: bool, key: &'static str, message: &str) -> Option<Unfit> {
    (!is_fit).then(|| Unfit::new(key, message))
}

/// The path must not be empty, and no URL, from which a folder with a password in its name would be made.
pub fn path(key: &'static str, path: &Path) -> Option<Unfit> {
    let is_named = !path.as_os_str().is_empty();
    let is_url = path.to_str().is_some_and(|text| text.contains("://"));
    unless(is_named, key, "is empty; name a path or leave the key out")
        .or_else(|| unless(!is_url, key, "is a URL; name a path of this machine"))
}

/// The number must lie in the range.
pub fn count(key: &'static str, number: usize, range: RangeInclusive<usize>) -> Option<Unfit> {
    let message = format!("must be from {} to {}", range.start(), range.end());
    unless(range.contains(&number), key, &message)
}

/// The period must not be empty.
pub fn some_time(key: &'static str, period: Period) -> Option<Unfit> {
    unless(period.0 > Duration::ZERO, key, "must be longer than 0")
}

/// The period must not be longer than `most`, which is whole seconds.
pub fn time_at_most(key: &'static str, period: Period, most: Duration) -> Option<Unfit> {
    unless(period.0 <= most, key, &format!("must be at most {}s", most.as_secs()))
}

/// The size must lie in the range.
pub fn size(key: &'static str, size: Size, range: RangeInclusive<usize>) -> Option<Unfit> {
    let [least, most] = [*range.start(), *range.end()].map(|bytes| Size(bytes as u64));
    unless(size >= least, key, &format!("must be at least {least}"))
        .or_else(|| unless(size <= most, key, &format!("must be at most {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_range_are_fit_and_what_is_beyond_is_told_with_them() {
        for (number, message) in [
            (1, None),
            (256, None),
            (0, Some("must be from 1 to 256")),
            (257, Some("must be from 1 to 256")),
        ] {
            assert_eq!(
                count("workers", number, 1..=256),
                message.map(|text| Unfit::new("workers", text))
            );
        }
        for (bytes, message) in [
            (1024, None),
            (4096, None),
            (1023, Some("must be at least 1KiB")),
            (4097, Some("must be at most 4KiB")),
        ] {
            assert_eq!(
                size("head", Size(bytes), 1024..=4096),
                message.map(|text| Unfit::new("head", text))
            );
        }
    }

    #[test]
    fn an_empty_period_or_path_is_none() {
        assert_eq!(some_time("a", Period(Duration::from_millis(1))), None);
        assert!(some_time("a", Period(Duration::ZERO)).is_some());
        assert_eq!(
            time_at_most("a", Period(Duration::from_secs(60)), Duration::from_secs(60)),
            None
        );
        let told = time_at_most("a", Period(Duration::from_millis(60_001)), Duration::from_secs(60));
        assert_eq!(
            told.map(|unfit| unfit.to_string()).as_deref(),
            Some("a: must be at most 60s")
        );
        assert!(path("a", Path::new("")).is_some() && path("a", Path::new("x")).is_none());
    }
}
