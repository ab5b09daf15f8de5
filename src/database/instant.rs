//! Points in time as people write them in a search.
use crate::time::UnixMs;
use crate::units::Period;

/// Reads a date (its beginning, UTC), a time (RFC 3339), or a time ago, such as `2h`.
///
/// # Errors
/// It is none of them; the text says what to write.
pub fn instant(text: &str, now: UnixMs) -> Result<UnixMs, String> {
    let date = || UnixMs::parse(&format!("{text}T00:00:00Z"));
    if let Some(time) = UnixMs::parse(text).or_else(date) {
        return Ok(time);
    }
    // The word is not needed, but it is what people write.
    let Ok(ago) = text.trim_end_matches(" ago").parse::<Period>() else {
        return Err("write it like 2026-01-31, 2026-01-31T12:00:00Z or, for a time ago, 30min, 2h, 7d".to_string());
    };
    let ago = u64::try_from(ago.0.as_millis()).unwrap_or(u64::MAX);
    Ok(UnixMs(now.0.saturating_sub(ago)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_moments_or_ago() {
        const NOW: UnixMs = UnixMs(1_800_000_000_000);
        for (text, ms) in [
            ("2023-11-14", 1_699_920_000_000),
            ("2023-11-14T22:13:20.123Z", 1_700_000_000_123),
            ("2023-11-14T23:13:20+01:00", 1_700_000_000_000),
            ("0s", NOW.0),
            ("1d", NOW.0 - 86_400_000),
            ("1d ago", NOW.0 - 86_400_000),
        ] {
            assert_eq!(instant(text, NOW), Ok(UnixMs(ms)), "{text}");
        }
        for text in ["", "yesterday", "2023-13-01", "1969-12-31", "14.11.2023"] {
            assert!(instant(text, NOW).is_err(), "{text}");
        }
    }
}
