//! Sentences from templates, and numbers and spans as people write them.
use crate::limits::FINDING_TEXT_BYTES_MAX;

/// The beginning of a text that is kept, at most `FINDING_TEXT_BYTES_MAX` bytes.
pub fn clipped(text: &str) -> &str {
    let end = text.floor_char_boundary(FINDING_TEXT_BYTES_MAX);
    &text[..end]
}

/// Puts what `of` gives for a name in place of each `{name}`. One that it does not know stays as it is.
pub fn filled(template: &str, of: impl Fn(&str) -> Option<String>) -> String {
    let (mut text, mut rest) = (String::new(), template);
    while let Some((before, behind)) = rest.split_once('{') {
        text += before;
        let Some((name, after)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        match of(name) {
            Some(value) => text += &value,
            None => text += &format!("{{{name}}}"),
        }
        rest = after;
    }
    text + rest
}

/// A number with its unit: three digits that count, or all of an integer.
pub fn measure(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let mut text = format!("{value:.digits$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    match unit {
        "" => text,
        unit => format!("{text} {unit}"),
    }
}

/// A length of time in ms: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn length(ms: f64) -> String {
    let s = ms / 1000.0;
    if s < 10.0 {
        return measure((s * 10.0).round() / 10.0, "s");
    }
    let s = s.round() as u64;
    let two = |large: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {small_unit}"),
    };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        _ => two(s / 3600, "h", s % 3600 / 60, "min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        for (value, unit, text) in [
            (0.3, "s", "0.3 s"),
            (0.0, "%", "0 %"),
            (12.34, "%", "12.3 %"),
            (5.0, "s", "5 s"),
            (1234.5, "kbit/s", "1234 kbit/s"),
            (0.0004, "", "0"),
            (1.999, "", "2"),
        ] {
            assert_eq!(measure(value, unit), text);
        }
        for (ms, text) in [
            (400.0, "0.4 s"),
            (5000.0, "5 s"),
            (12_400.0, "12 s"),
            (60_000.0, "1 min"),
            (200_000.0, "3 min 20 s"),
            (7_500_000.0, "2 h 5 min"),
        ] {
            assert_eq!(length(ms), text);
        }
    }

    #[test]
    fn templates_are_filled_and_what_is_unknown_stays() {
        let of = |name: &str| (name == "a").then(|| "{b}".to_owned());
        assert_eq!(filled("x {a} {c} { {a", of), "x {b} {c} { {a");
        assert_eq!(clipped(&"ä".repeat(200)).len(), 256);
    }
}
