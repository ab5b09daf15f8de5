//! How figures are written for people: lengths of time, sizes, bit rates, counts. Powers of 1000, as networks count.

/// A length of time in milliseconds: `431 ms`, `12.345 s`, `5:00.1`, `2:03:04`.
pub fn length(ms: f64) -> String {
    // What a broken clock gives is shown as it is.
    if !ms.is_finite() || ms.abs() < 1000.0 {
        return format!("{ms:.0} ms");
    }
    let (sign, ms) = if ms < 0.0 { ("-", -ms) } else { ("", ms) };
    let seconds = ms / 1000.0;
    if seconds < 60.0 {
        return format!("{sign}{seconds:.3} s");
    }
    let tenths = (ms / 100.0).round();
    let (minutes, tenths) = ((tenths / 600.0).floor(), tenths % 600.0);
    let (hours, minutes, seconds) = ((minutes / 60.0).floor(), minutes % 60.0, tenths / 10.0);
    if hours > 0.0 {
        return format!("{sign}{hours}:{minutes:02}:{:02}", seconds.floor());
    }
    format!("{sign}{minutes}:{seconds:04.1}")
}

/// A point in time, as the distance from the beginning: `+12.345 s`.
pub fn offset(ms: f64) -> String {
    let sign = if ms < 0.0 { "" } else { "+" };
    format!("{sign}{:.3} s", ms / 1000.0)
}

/// `412 B`, `12.3 kB`, `4.5 MB`.
pub fn bytes(count: f64) -> String {
    scaled(count, &["B", "kB", "MB", "GB", "TB"])
}

/// `412 bit/s`, `64.0 kbit/s`, `2.5 Mbit/s`.
pub fn bit_rate(rate: f64) -> String {
    scaled(rate, &["bit/s", "kbit/s", "Mbit/s", "Gbit/s"])
}

/// A value with its unit, three or four digits of it: `2.5 Mbit/s`, `45 ms`, `0.125`.
pub fn quantity(number: f64, unit: &str) -> String {
    let size = number.abs();
    if size >= 1e15 || !number.is_finite() {
        return format!("{number:e} {unit}").trim_end().to_owned();
    }
    let (factor, prefix) = prefix(size, unit);
    let scaled = number / factor;
    let digits = match scaled.abs() {
        99.95.. => 0,
        9.995.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let mut text = match scaled.abs() {
        tiny if tiny > 0.0 && tiny < 0.000_5 => format!("{scaled:.1e}"),
        _ => format!("{scaled:.digits$}"),
    };
    if text.contains('.') && !text.contains('e') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    format!("{text} {prefix}{unit}").trim_end().to_owned()
}

/// What a number of this size is divided by, and the prefix for it: four digits are read without one, except where
/// everybody counts in thousands, and units that have a prefix, or are words, get none.
fn prefix(size: f64, unit: &str) -> (f64, &'static str) {
    let thousand = match unit {
        "bit/s" | "B" | "B/s" | "Hz" => 999.5,
        "s" | "" => 9_999.5,
        _ => return (1.0, ""),
    };
    let is_short = unit == "s" && size > 0.0;
    match size {
        _ if unit == "s" && size >= 0.999_5 => (1.0, ""),
        _ if size >= 999.5e9 => (1e12, "T"),
        _ if size >= 999.5e6 => (1e9, "G"),
        _ if size >= 999.5e3 => (1e6, "M"),
        _ if size >= thousand => (1e3, "k"),
        _ if is_short && size < 0.999_5e-3 => (1e-6, "µ"),
        _ if is_short && size < 0.999_5 => (1e-3, "m"),
        _ => (1.0, ""),
    }
}

fn scaled(mut value: f64, units: &[&str]) -> String {
    let mut at = 0;
    while value.abs() >= 999.95 && at + 1 < units.len() {
        value /= 1000.0;
        at += 1;
    }
    match at {
        0 => format!("{value:.0} {}", units[0]),
        _ => format!("{value:.1} {}", units[at]),
    }
}

/// A number with its thousands apart: `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_what_one_counts_in() {
        for (ms, text) in [
            (0.0, "0 ms"),
            (431.4, "431 ms"),
            (999.4, "999 ms"),
            (12_345.6, "12.346 s"),
            (60_049.0, "1:00.0"),
            (300_123.0, "5:00.1"),
            (7_384_000.0, "2:03:04"),
            (-5.0, "-5 ms"),
            (-61_000.0, "-1:01.0"),
            (f64::INFINITY, "inf ms"),
        ] {
            assert_eq!(length(ms), text);
        }
        assert_eq!(
            (offset(213.0), offset(-1.0)),
            ("+0.213 s".to_owned(), "-0.001 s".to_owned())
        );
    }

    #[test]
    fn sizes_have_three_digits_or_four() {
        for (value, text) in [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (999_949.0, "999.9 kB"),
            (1_234_567.0, "1.2 MB"),
        ] {
            assert_eq!(bytes(value), text);
        }
        assert_eq!(
            (bit_rate(64_000.0), bit_rate(12.0)),
            ("64.0 kbit/s".to_owned(), "12 bit/s".to_owned())
        );
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn values_have_the_prefix_that_people_use() {
        for (number, unit, text) in [
            (2_500_000.0, "bit/s", "2.5 Mbit/s"),
            (999.96, "bit/s", "1 kbit/s"),
            (0.045, "s", "45 ms"),
            (0.000_25, "s", "250 µs"),
            (0.05, "", "0.05"),
            (0.0, "s", "0 s"),
            (-12.34, "dB", "-12.3 dB"),
            (-0.000_012, "", "-1.2e-5"),
            (100.0, "", "100"),
            (1280.0, "pixels", "1280 pixels"),
            (48_000.0, "pixels", "48000 pixels"),
            (72_000.0, "s", "72000 s"),
            (300.0, "kbit/s", "300 kbit/s"),
            (48_000.0, "", "48 k"),
            (1e300, "s", "1e300 s"),
            (f64::NAN, "", "NaN"),
        ] {
            assert_eq!(quantity(number, unit), text);
        }
    }
}
