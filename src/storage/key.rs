//! The name of an object: a template of the operator's, filled once per dump when it is packed.
//!
//! A rendered key is a relative path of plain segments, whatever the claims contain: never `.` or `..`, never a control
//! character, no segment longer than a file name may be. Two claims may be rendered alike; the id in the last segment
//! makes the key unique. Limits: `KEY_BYTES_MAX`, `KEY_SEGMENT_BYTES_MAX`, `KEY_VALUE_BYTES_MAX`. They are checked when
//! the template is read, so rendering cannot fail. Failures: [`KeyError`], which says what to write instead.
use std::fmt;

use super::name::FEATURES_ENDING;
use crate::id::Id;
use crate::labels::Labels;
use crate::limits::{ID_BYTES, KEY_BYTES_MAX, KEY_SEGMENT_BYTES_MAX, KEY_VALUE_BYTES_MAX};
use crate::time::UnixMs;

/// The length of `YYYY-MM-DD`.
const DATE_BYTES: usize = 10;
/// Takes the place of a claim that is absent or has no usable character.
const ABSENT: &str = "_";

/// Why a template cannot be used. The text tells an operator what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key template is empty; write for example \"{{id}}.jsonl.gz\"")]
    Empty,
    #[error("the key template starts with \"/\", but keys are relative to the store; leave the first \"/\" out")]
    Absolute,
    #[error("the key template has an empty segment (\"//\" or a \"/\" at the end); leave the extra \"/\" out")]
    EmptySegment,
    #[error("the key template has a segment \".\" or \"..\"; leave it out")]
    DotSegment,
    #[error("the key template has a control character; write printable characters only")]
    Control,
    #[error(
        "the key template has the unknown placeholder \"{{{0}}}\"; \
         write {{id}}, {{date}}, {{conference}}, {{user}} or {{session}}"
    )]
    Unknown(String),
    #[error("the key template has a \"{{\" or \"}}\" without its partner; write placeholders as {{id}}")]
    Brace,
    #[error("the last segment of the key template lacks {{id}}; end it for example with \"/{{id}}.jsonl.gz\"")]
    MissingId,
    #[error(
        "the key template ends as the names of features do, which lie beside the dumps; end it for example with \
         \"{{id}}.jsonl.gz\""
    )]
    OfFeatures,
    #[error("the key template can grow to {bytes} bytes {place}, {max} are possible; shorten it")]
    TooLong {
        place: &'static str,
        bytes: usize,
        max: usize,
    },
}

/// What a key can be made of.
#[derive(Debug, Clone, Copy)]
pub struct KeyParts<'a> {
    pub id: Id,
    pub start: UnixMs,
    pub labels: &'a Labels,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Id,
    Date,
    Conference,
    User,
    Session,
}

/// A template that was checked: every key it renders can be used on a file system and in an object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplate {
    text: String,
    parts: Vec<Part>,
}

impl KeyTemplate {
    /// The template that is used if the configuration has none.
    pub const DEFAULT: &'static str = "{id}.jsonl.gz";

    /// Reads a template such as `{date}/{conference}/{id}.jsonl.gz`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.starts_with('/') {
            return Err(KeyError::Absolute);
        }
        if text.chars().any(char::is_control) {
            return Err(KeyError::Control);
        }
        let mut parts = Vec::new();
        let mut total = 0;
        let mut has_id = false;
        for (index, segment) in text.split('/').enumerate() {
            if index > 0 {
                parts.push(Part::Literal("/".to_owned()));
                total += 1;
            }
            let segment = parse_segment(segment)?;
            total += bounded(
                "in one segment",
                segment.iter().map(Part::bytes_max).sum(),
                KEY_SEGMENT_BYTES_MAX,
            )?;
            has_id = segment.contains(&Part::Id);
            parts.extend(segment);
        }
        bounded("in all", total, KEY_BYTES_MAX)?;
        if text.ends_with(FEATURES_ENDING) {
            return Err(KeyError::OfFeatures);
        }
        if !has_id {
            return Err(KeyError::MissingId);
        }
        Ok(KeyTemplate {
            text: text.to_owned(),
            parts,
        })
    }

    /// The key of one dump.
    pub fn render(&self, parts: &KeyParts) -> String {
        let Labels {
            user,
            conference,
            session,
        } = parts.labels;
        let mut key = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => key.push_str(text),
                Part::Id => push_safe(Some(&parts.id.to_string()), &mut key),
                Part::Date => key.push_str(&parts.start.date()),
                Part::Conference => push_safe(conference.as_deref(), &mut key),
                Part::User => push_safe(user.as_deref(), &mut key),
                Part::Session => push_safe(session.as_deref(), &mut key),
            }
        }
        key
    }
}

impl Default for KeyTemplate {
    fn default() -> Self {
        KeyTemplate::parse(KeyTemplate::DEFAULT).expect("the default template is one that parse accepts")
    }
}

impl fmt::Display for KeyTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Part {
    fn bytes_max(&self) -> usize {
        match self {
            Part::Literal(text) => text.len(),
            Part::Id => ID_BYTES,
            Part::Date => DATE_BYTES,
            Part::Conference | Part::User | Part::Session => KEY_VALUE_BYTES_MAX,
        }
    }
}

fn bounded(place: &'static str, bytes: usize, max: usize) -> Result<usize, KeyError> {
    if bytes > max {
        Err(KeyError::TooLong { place, bytes, max })
    } else {
        Ok(bytes)
    }
}

fn parse_segment(segment: &str) -> Result<Vec<Part>, KeyError> {
    match segment {
        "" => return Err(KeyError::EmptySegment),
        "." | ".." => return Err(KeyError::DotSegment),
        _ => {}
    }
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some(at) = rest.find(['{', '}']) {
        push_literal(&rest[..at], &mut parts);
        let inner = rest[at..].strip_prefix('{').ok_or(KeyError::Brace)?;
        let end = inner.find('}').ok_or(KeyError::Brace)?;
        parts.push(placeholder(&inner[..end])?);
        rest = &inner[end + 1..];
    }
    push_literal(rest, &mut parts);
    Ok(parts)
}

fn push_literal(text: &str, parts: &mut Vec<Part>) {
    if !text.is_empty() {
        parts.push(Part::Literal(text.to_owned()));
    }
}

fn placeholder(name: &str) -> Result<Part, KeyError> {
    match name {
        "id" => Ok(Part::Id),
        "date" => Ok(Part::Date),
        "conference" => Ok(Part::Conference),
        "user" => Ok(Part::User),
        "session" => Ok(Part::Session),
        _ if name.contains('{') => Err(KeyError::Brace),
        _ => Err(KeyError::Unknown(name.to_owned())),
    }
}

/// Appends a claim as part of a path segment.
///
/// Letters and digits of any script stay, so that keys stay readable. Everything else except a few harmless signs
/// becomes `_`, also the invisible direction marks that could make a listing show something wrong. A leading dot is
/// replaced too, so a claim never makes a hidden file, and no segment can consist only of dots.
fn push_safe(value: Option<&str>, key: &mut String) {
    let start = key.len();
    for c in value.unwrap_or(ABSENT).chars() {
        let leading_dot = c == '.' && key.len() == start;
        let safe = c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | '=');
        let c = if safe && !leading_dot { c } else { '_' };
        if key.len() - start + c.len_utf8() > KEY_VALUE_BYTES_MAX {
            break;
        }
        key.push(c);
    }
    if key.len() == start {
        key.push_str(ABSENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn render(template: &str, user: &str) -> String {
        rendered_at(1_700_000_000_123, template, user)
    }

    fn rendered_at(start: u64, template: &str, user: &str) -> String {
        let labels = Labels {
            user: Some(user.to_owned()),
            conference: None,
            session: Some("s-1".to_owned()),
        };
        KeyTemplate::parse(template).unwrap().render(&KeyParts {
            id: ID.parse().unwrap(),
            start: UnixMs(start),
            labels: &labels,
        })
    }

    #[test]
    fn renders_every_placeholder() {
        let key = render(
            "a/{date}/{conference}/{user}-{session}/x{id}.jsonl.gz",
            "Zoë@example.org",
        );
        assert_eq!(key, format!("a/2023-11-14/_/Zoë@example.org-s-1/x{ID}.jsonl.gz"));
        assert_eq!(render(KeyTemplate::DEFAULT, "u"), format!("{ID}.jsonl.gz"));
    }

    #[test]
    fn claims_cannot_leave_their_segment() {
        for (user, safe) in [
            ("..", "_."),
            (".", "_"),
            ("", "_"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("a\\b\0c\nd\u{202e}e f", "a_b_c_d_e_f"),
            ("{id}", "_id_"),
        ] {
            assert_eq!(render("{user}/{id}", user), format!("{safe}/{ID}"));
        }
    }

    #[test]
    fn lengths_are_bounded_in_bytes_at_character_boundaries() {
        let key = render("{user}-{conference}-{session}-{id}.jsonl.gz", &"語".repeat(300));
        assert!(key.len() <= KEY_SEGMENT_BYTES_MAX);
        assert!(key.starts_with(&"語".repeat(KEY_VALUE_BYTES_MAX / 3)));
        let long = format!("{}{{id}}", "x".repeat(KEY_SEGMENT_BYTES_MAX));
        assert!(matches!(KeyTemplate::parse(&long), Err(KeyError::TooLong { .. })));
        let deep = format!("{}{{id}}", "{user}/".repeat(KEY_BYTES_MAX / KEY_VALUE_BYTES_MAX));
        assert!(matches!(KeyTemplate::parse(&deep), Err(KeyError::TooLong { .. })));
    }

    #[test]
    fn refuses_templates_that_cannot_work_and_says_what_to_write() {
        for (template, error) in [
            ("", KeyError::Empty),
            ("/{id}", KeyError::Absolute),
            ("a//{id}", KeyError::EmptySegment),
            ("{id}/", KeyError::EmptySegment),
            ("../{id}", KeyError::DotSegment),
            ("./{id}", KeyError::DotSegment),
            ("a\n{id}", KeyError::Control),
            ("{name}-{id}", KeyError::Unknown("name".to_owned())),
            ("{id", KeyError::Brace),
            ("id}", KeyError::Brace),
            ("{{id}}", KeyError::Brace),
            ("{id}/{user}", KeyError::MissingId),
            ("{user}-{id}.features.json", KeyError::OfFeatures),
        ] {
            assert_eq!(KeyTemplate::parse(template), Err(error), "{template}");
        }
        let text = KeyTemplate::parse("{id}/{user}").unwrap_err().to_string();
        assert!(text.contains("/{id}.jsonl.gz"), "{text}");
    }

    #[test]
    fn impossible_clocks_still_give_a_date() {
        for (start, day) in [(u64::MAX, "9999-12-31"), (0, "1970-01-01")] {
            assert_eq!(rendered_at(start, "{date}/{id}", "u"), format!("{day}/{ID}"));
        }
    }
}
