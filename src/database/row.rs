//! One dump as a database sees it: flat values in types of this room, which `delivery` fills from a manifest.
//!
//! Names of columns and SQL types differ between backends and are not here. The cost of `cleaned` is linear in the
//! text.
use std::borrow::Cow;
use std::sync::Arc;

use super::findings::{FindingFilter, LateFindings};
use super::key::RowKey;
use crate::id::Id;
use crate::labels::Labels;
use crate::time::UnixMs;

/// The row of one stored dump. A row to be written has a dump's id. Rows that other programs wrote may have another
/// kind of key ([`Found`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<K = Id> {
    pub id: K,
    pub created_at: UnixMs,
    pub labels: Labels,
    /// A JSON object as text, masked.
    pub metadata: String,
    pub blob_url: Option<String>,
    pub features_url: Option<String>,
    pub session_start: UnixMs,
    pub session_end: UnixMs,
    /// The text of the dump's features, for their tables. No row that is read has it.
    pub features: Option<Arc<[u8]>>,
}

/// A row as it is in the table.
pub type Found = Row<RowKey>;

/// What is needed to find a row again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRef {
    pub key: RowKey,
    /// Where a table numbers its rows itself, the object shows that the row belongs to the dump.
    pub blob_url: Option<String>,
    /// The row as it was written, if that is known. A table that hides its rows is asked with it whether it has one.
    pub written: Option<Box<Row>>,
}

/// What became of a row that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Now,
    /// There was a row of this dump already. It stays as it is.
    Before,
}

/// What became of a row that was to be deleted, or of its link to an object that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum RowRemoval {
    /// It is not there any more; of a link: the row is there without it.
    Done,
    /// There was no such row that could be seen.
    Absent,
    /// The database reports success, or refuses this row alone, and the row is still there, or may be. Why, without
    /// values of the row.
    Kept(String),
}

/// What each row of a stored dump should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Features,
    FeaturesAndFindings,
}

/// A row that lacks something of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    pub row: RowRef,
    pub what: Lack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Features, and maybe findings.
    Features,
    /// It has features.
    FindingsAlone,
}

/// How many rows lack what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LackCounts {
    pub features: u64,
    pub findings_alone: u64,
}

/// What is added to the row of a dump that is stored.
#[derive(Debug, Clone, Copy)]
pub struct Addition<'a> {
    /// Where the features are.
    pub features_url: &'a str,
    /// The same for their tables.
    pub features: &'a Arc<[u8]>,
    pub findings: LateFindings<'a>,
}

/// What became of features that were to be added to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Linked {
    /// The row has their URL.
    Done,
    /// There is no such row any more, or its object was removed.
    Gone,
}

/// What becomes of a transaction that has changed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Commit,
    /// Only what would come of it was asked for.
    Rollback,
}

/// Which rows to find. Members that are `None` match all rows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The dump's id. In a table that numbers its rows itself, that number works too.
    pub id: Option<RowKey>,
    pub labels: Labels,
    /// The session started at this time or later.
    pub since: Option<UnixMs>,
    /// The session started before this time.
    pub until: Option<UnixMs>,
    pub findings: FindingFilter,
    /// The most rows to return; the newest ones are chosen.
    pub limit: usize,
}

impl Found {
    /// What tells this row from all others.
    pub fn reference(&self) -> RowRef {
        RowRef {
            key: self.id.clone(),
            blob_url: self.blob_url.clone(),
            written: None,
        }
    }
}

impl Row {
    /// What tells this row from all others.
    pub fn reference(&self) -> RowRef {
        RowRef {
            key: self.id.into(),
            blob_url: self.blob_url.clone(),
            written: Some(Box::new(self.clone())),
        }
    }

    /// The row without characters that Postgres refuses and that trouble other readers: U+0000 and lone surrogates
    /// become U+FFFD, also where they are escapes in the JSON text.
    pub(super) fn cleaned(&self) -> Cow<'_, Row> {
        let labels = &self.labels;
        let texts = [
            &labels.user,
            &labels.conference,
            &labels.session,
            &self.blob_url,
            &self.features_url,
        ];
        let is_clean = !texts.into_iter().flatten().any(|text| text.contains('\0'));
        if is_clean && !self.metadata.contains('\0') && !self.metadata.contains("\\u") {
            return Cow::Borrowed(self);
        }
        let text = |value: &Option<String>| value.as_deref().map(|text| clean_text(text).into_owned());
        Cow::Owned(Row {
            labels: Labels {
                user: text(&labels.user),
                conference: text(&labels.conference),
                session: text(&labels.session),
            },
            metadata: clean_json(&self.metadata),
            blob_url: text(&self.blob_url),
            features_url: text(&self.features_url),
            features: self.features.clone(),
            ..*self
        })
    }
}

/// For databases whose encoding is not UTF-8.
impl Row {
    /// The row with the characters themselves where its JSON has escapes for those that are not ASCII.
    pub(super) fn unescaped(&self) -> Row {
        Row {
            metadata: unescape(&self.metadata),
            // Which characters the encoding lacks is not asked for the thousands of texts that features may have.
            features: self
                .features
                .as_deref()
                .map(|text| ascii(&unescape(&String::from_utf8_lossy(text)))),
            ..self.clone()
        }
    }

    /// The characters of labels and metadata that are not ASCII.
    pub(super) fn characters(&self) -> impl Iterator<Item = char> {
        let labels = [&self.labels.user, &self.labels.conference, &self.labels.session];
        let labels = labels.into_iter().flatten().flat_map(|label| label.chars());
        labels
            .chain(self.metadata.chars())
            .filter(|character| !character.is_ascii())
    }

    /// The row with a question mark for each character of labels and metadata that is lacking.
    pub(super) fn without(self, is_lacking: &impl Fn(char) -> bool) -> Row {
        let text = |text: String| text.replace(is_lacking, "?");
        let Labels {
            user,
            conference,
            session,
        } = self.labels;
        Row {
            labels: Labels {
                user: user.map(text),
                conference: conference.map(text),
                session: session.map(text),
            },
            metadata: text(self.metadata),
            ..self
        }
    }
}

impl From<Row> for Found {
    fn from(row: Row) -> Found {
        Row {
            id: row.id.into(),
            created_at: row.created_at,
            labels: row.labels,
            metadata: row.metadata,
            blob_url: row.blob_url,
            features_url: row.features_url,
            session_start: row.session_start,
            session_end: row.session_end,
            features: row.features,
        }
    }
}

/// The text with a question mark for each character that is not ASCII.
fn ascii(text: &str) -> Arc<[u8]> {
    let text = text.replace(|character: char| !character.is_ascii(), "?");
    text.into_bytes().into()
}

fn clean_text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Goes through the escapes of a JSON text (RFC 8259, section 7). A backslash occurs nowhere else in JSON.
pub(super) fn clean_json(json: &str) -> String {
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

/// Puts the characters in the place of their escapes, except ASCII, which may need them. The JSON is clean.
fn unescape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let units = [escaped_unit(rest), rest.get(6..).and_then(escaped_unit)];
        let first = char::decode_utf16(units.into_iter().map_while(|unit| unit)).next();
        let length = match first {
            Some(Ok(character)) if !character.is_ascii() => {
                out.push(character);
                rest = &rest[6 * character.len_utf16()..];
                continue;
            }
            Some(_) => 6,
            None => rest.chars().take(2).map(char::len_utf8).sum(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit of a `\uXXXX` at the beginning.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        u16::from_str_radix(digits, 16).ok()
    } else {
        None
    }
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
    fn escapes_become_the_characters_that_an_encoding_may_lack() {
        for (json, plain) in [
            (r#"{"a":"\ud83d\ude00\u00e9"}"#, r#"{"a":"😀é"}"#),
            (r#"{"a":"\u000a\n\"\\u00e9"}"#, r#"{"a":"\u000a\n\"\\u00e9"}"#),
            ("\\", "\\"),
        ] {
            assert_eq!(unescape(json), plain);
        }
    }
}
