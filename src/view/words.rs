//! Texts of a dump as the page shows them: strings, short, whatever was sent.
use crate::dump::json::{Json, Kind};
use crate::limits::VIEW_TEXT_CHARS_MAX;

/// A value as one short text: the characters of a string, the JSON of anything else.
pub fn short(value: Json<'_>) -> String {
    match (value.kind(), value.as_text()) {
        (Kind::Null, _) => String::new(),
        (_, Some(text)) => cut(text.raw(), |_| text.to_str().into_owned()),
        _ => cut(value.raw(), |raw| String::from_utf8_lossy(raw).into_owned()),
    }
}

/// A text that is not too long.
pub fn brief(text: &str) -> String {
    cut(text.as_bytes(), |raw| String::from_utf8_lossy(raw).into_owned())
}

/// Cuts what is too long. A text is looked at only as far as it may be shown.
fn cut(raw: &[u8], whole: impl Fn(&[u8]) -> String) -> String {
    match raw.len() <= VIEW_TEXT_CHARS_MAX {
        true => whole(raw),
        false => {
            let text = String::from_utf8_lossy(&raw[..VIEW_TEXT_CHARS_MAX]);
            format!("{}…", text.trim_end_matches(char::REPLACEMENT_CHARACTER))
        }
    }
}
