//! One dump as a database sees it: flat values of this room's own, mapped from a manifest by `delivery`.
//!
//! Never here: names of columns or SQL types, which differ between backends. `cleaned` is linear in the text.
use std::borrow::Cow;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcDateTime};

/// The row of one stored dump. Times are milliseconds since 1970, UTC; `metadata` is the text of a JSON object, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub created_at_ms: u64,
    pub user: Option<String>,
    pub conference: Option<String>,
    pub session: Option<String>,
    pub metadata: String,
    pub blob_url: Option<String>,
    pub features_url: Option<String>,
    pub session_start_ms: u64,
    pub session_end_ms: u64,
}

/// Which rows to find; an absent member lets all pass.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The dump's id; where a table numbers its rows itself, that number will do.
    pub id: Option<String>,
    pub user: Option<String>,
    pub conference: Option<String>,
    pub session: Option<String>,
    /// The session started at this time (ms since 1970) or later.
    pub since_ms: Option<u64>,
    /// The session started before this time (ms since 1970).
    pub until_ms: Option<u64>,
    /// At most this many rows, the newest.
    pub limit: usize,
}

impl Row {
    /// The same row without what Postgres refuses and other readers stumble over: U+0000 and lone surrogates, which
    /// become U+FFFD, also as escapes in the JSON text.
    pub(super) fn cleaned(&self) -> Row {
        let text = |value: &Option<String>| value.as_deref().map(|text| clean_text(text).into_owned());
        Row {
            id: self.id.clone(),
            created_at_ms: self.created_at_ms,
            user: text(&self.user),
            conference: text(&self.conference),
            session: text(&self.session),
            metadata: clean_json(&self.metadata),
            blob_url: text(&self.blob_url),
            features_url: text(&self.features_url),
            session_start_ms: self.session_start_ms,
            session_end_ms: self.session_end_ms,
        }
    }
}

fn clean_text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Walks the escapes of a JSON text (RFC 8259, section 7); a backslash occurs nowhere else in one.
fn clean_json(json: &str) -> String {
    let json = clean_text(json);
    let mut out = String::with_capacity(json.len());
    let mut rest = &json[..];
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match escaped_unit(rest) {
            None => rest.chars().take(2).map(char::len_utf8).sum(),
            Some(0xD800..=0xDBFF) if matches!(rest.get(6..).and_then(escaped_unit), Some(0xDC00..=0xDFFF)) => 12,
            Some(0 | 0xD800..=0xDFFF) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            Some(_) => 6,
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit of a leading `\uXXXX`.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        u16::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// RFC 3339, UTC, always with milliseconds: of one length, so that text order is time order. What no calendar of four
/// digits holds (a damaged clock) becomes its last millisecond.
pub(crate) fn time_text(ms: u64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let nanoseconds = i128::from(ms) * 1_000_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(UtcDateTime::MAX.into());
    time.format(format).unwrap_or_default()
}

/// Reads what [`time_text`] wrote, and any other RFC 3339 time not before 1970.
pub(super) fn read_time(text: &str) -> Option<u64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_and_lone_surrogates_become_the_replacement_character() {
        for (json, clean) in [
            (r#"{"a":"\u0000"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\ud83d\ude00"}"#),
            (r#"{"a":"\ud83d"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, r#"{"a":"\ufffd\ud83d\ude00"}"#),
            (r#"{"a":"\uDE00x\\u0000"}"#, r#"{"a":"\ufffdx\\u0000"}"#),
            (r#"{"a":"\\\u0000\"é"}"#, r#"{"a":"\\\ufffd\"é"}"#),
            ("{\"a\":\"\0\"}", "{\"a\":\"\u{fffd}\"}"),
            ("\\", "\\"),
            ("\\é\\u12", "\\é\\u12"),
            ("\\u+123", "\\u+123"),
        ] {
            assert_eq!(clean_json(json), clean);
        }
        assert_eq!(clean_text("a\0b"), "a\u{fffd}b");
    }

    #[test]
    fn times_are_text_of_one_length_in_time_order() {
        assert_eq!(time_text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(time_text(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
        assert_eq!(time_text(u64::MAX), "9999-12-31T23:59:59.999Z");
        for ms in [0, 1, 999, 1_700_000_000_123] {
            assert_eq!(read_time(&time_text(ms)), Some(ms));
        }
        assert_eq!(read_time("2023-11-14T22:13:20+01:00"), Some(1_699_996_400_000));
        assert_eq!(read_time("yesterday"), None);
    }
}
