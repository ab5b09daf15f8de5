//! Texts of a dump as the page shows them: strings, short, whatever was sent.
use crate::dump::json::{Json, Kind, Text};
use crate::limits::VIEW_TEXT_BYTES_MAX;

/// A value as one short text: the characters of a string, the JSON of anything else.
pub fn short(value: Json<'_>) -> String {
    match (value.kind(), value.as_text()) {
        (Kind::Null, _) => String::new(),
        (_, Some(text)) => cut(text.raw(), |raw| {
            let end = whole_characters(raw);
            Text::checked(&raw[..end]).to_str().into_owned()
        }),
        _ => cut(value.raw(), |raw| String::from_utf8_lossy(raw).into_owned()),
    }
}

/// A text that is not too long.
pub fn brief(text: &str) -> String {
    cut(text.as_bytes(), |raw| String::from_utf8_lossy(raw).into_owned())
}

/// Cuts what is too long. A text is looked at only as far as it may be shown.
fn cut(raw: &[u8], whole: impl Fn(&[u8]) -> String) -> String {
    match raw.len() <= VIEW_TEXT_BYTES_MAX {
        true => whole(raw),
        false => {
            let text = whole(&raw[..VIEW_TEXT_BYTES_MAX]);
            format!("{}…", text.trim_end_matches(char::REPLACEMENT_CHARACTER))
        }
    }
}

/// Where the last escape ends that is there as a whole: the rest is text, or half of an escape.
fn whole_characters(raw: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = raw.get(at) {
        let length = match (byte, raw.get(at + 1)) {
            (b'\\', Some(b'u')) => 6,
            (b'\\', _) => 2,
            _ => 1,
        };
        if at + length > raw.len() {
            break;
        }
        at += length;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        let text = |inside: &str| short(Json::parse(format!("\"{inside}\"").as_bytes()).unwrap());
        assert_eq!(text("a\\nb"), "a\nb");
        for (begin, escape, shown) in [
            (398, "\\n", "\n"),
            (399, "\\n", ""),
            (397, "\\u00e4", ""),
            (394, "\\u00e4", "ä"),
            (399, "ä", ""),
        ] {
            let long = format!("{}{escape}{}", "x".repeat(begin), "y".repeat(50));
            assert_eq!(
                text(&long),
                format!("{}{shown}…", "x".repeat(begin)),
                "{begin} {escape}"
            );
        }
    }
}
