//! Finds names in objects as old browsers print them, which are no JSON: `{username: alice, credential: 'x'}`.
//!
//! Every spelling is known that the importer of those dumps reads (`internals::loose`): names and values that are bare
//! or in quotes of either kind, with JSON's escapes. The search goes from colon to colon and not by structure, so a
//! text that is cut off or damaged hides nothing. Nothing fails. Time is linear: the look back from a colon is bounded.
use memchr::memchr;

use super::rule::{MaskRules, Rule};
use super::span::Span;
use crate::dump::internals::string;
use crate::dump::steps;

/// The members whose values are names.
type Names = [(&'static [u8], Rule)];

pub const ALL: &Names = &[
    (b"username", Rule::Username),
    (b"credential", Rule::Password),
    (b"label", Rule::Label),
];

/// Those of a text whose labels are none of devices.
pub const SECRETS: &Names = ALL.split_at(2).0;

/// Appends the spans of the values of these members.
pub fn find(text: &[u8], names: &Names, rules: MaskRules, spans: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(hit) = text.get(at..).and_then(|rest| memchr(b':', rest)) {
        steps::count(hit + 1);
        let colon = at + hit;
        at = colon + 1;
        let Some(name) = rule_before(&text[..colon], names).and_then(|rule| rule.name(rules)) else {
            continue;
        };
        let value = Value::at(text, at);
        let found = match value.kind {
            Kind::Word if matches!(value.text, b"null" | b"undefined") => None,
            Kind::Word | Kind::Quoted => name(value.text),
            // An object of secrets.
            Kind::List => super::names::password(value.text),
        };
        spans.extend(found.map(|span| Span {
            start: span.start + value.start,
            end: span.end + value.start,
            ..span
        }));
        steps::count(value.text.len());
        at = value.start + value.text.len();
    }
}

/// The longest name, each character of it as an escape of six bytes.
const NAME_BYTES_MAX: usize = 6 * b"credential".len();

/// Blanks between a name and its colon that are passed over.
const BLANKS_MAX: usize = 64;

/// The rule of the member whose name ends here.
fn rule_before(text: &[u8], names: &Names) -> Option<Rule> {
    let text = &text[text.len().saturating_sub(NAME_BYTES_MAX + BLANKS_MAX + 2)..];
    let text = text.trim_ascii_end();
    let name = match text.split_last()? {
        (quote @ (b'"' | b'\''), inside) => {
            let begin = inside.iter().rposition(|byte| byte == quote)? + 1;
            string::decode(&inside[begin..])
        }
        _ => {
            let length = text.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric());
            text[text.len() - length.count()..].to_vec()
        }
    };
    names.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule)
}

enum Kind {
    Word,
    /// Without its quotes.
    Quoted,
    List,
}

struct Value<'t> {
    kind: Kind,
    start: usize,
    text: &'t [u8],
}

impl<'t> Value<'t> {
    /// The value behind a colon.
    fn at(text: &'t [u8], behind: usize) -> Value<'t> {
        let rest = &text[behind..];
        let start = behind + rest.len() - rest.trim_ascii_start().len();
        let (kind, start, length) = match text.get(start) {
            Some(quote @ (b'"' | b'\'')) => (Kind::Quoted, start + 1, quoted(&text[start + 1..], *quote)),
            Some(b'{' | b'[') => (Kind::List, start, list(&text[start..])),
            _ => (Kind::Word, start, word(&text[start..])),
        };
        let text = &text[start..start + length];
        Value { kind, start, text }
    }
}

/// The length of what stands before the quote that closes it, or of everything.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    let ends = |byte: &u8| {
        let ends = *byte == quote && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    };
    text.iter().position(ends).unwrap_or(text.len())
}

/// The length of an object or array with its brackets, or of everything.
fn list(text: &[u8]) -> usize {
    let (mut at, mut open) = (0, 0usize);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            quote @ (b'"' | b'\'') => at = (at + quoted(&text[at..], *quote) + 1).min(text.len()),
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    at
}

/// The length of a bare word, which may have blanks, and brackets in pairs.
fn word(text: &[u8]) -> usize {
    let mut open = 0usize;
    let ends = |byte: &u8| {
        match byte {
            b'[' => open += 1,
            b']' if open > 0 => open -= 1,
            b',' | b'}' | b']' => return true,
            _ => {}
        }
        false
    };
    let length = text.iter().position(ends).unwrap_or(text.len());
    text[..length].trim_ascii_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::mask::text::apply;

    fn masked(text: &str) -> String {
        let (mut spans, mut out) = (Vec::new(), Vec::new());
        find(text.as_bytes(), ALL, MaskRules::default(), &mut spans);
        apply(text.as_bytes(), &mut spans, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_go_in_every_spelling_that_is_read() {
        for (text, expected) in [
            (
                "{iceServers: [turn:[::1]:5], username: SECRET, credential: \"S, 2\"}",
                "{iceServers: [turn:[::1]:5], username: x, credential: \"x\"}",
            ),
            (
                "{servers: [{urls: a, username: b c, credential: d[1]e}]}",
                "{servers: [{urls: a, username: x, credential: x}]}",
            ),
            ("{'username' : 'it\\'s', a: 1}", "{'username' : 'x', a: 1}"),
            (
                r#"{"user\u006eame":"a","\u0063redential":1}"#,
                r#"{"user\u006eame":"x","\u0063redential":x}"#,
            ),
            ("{username\n:\t1700000000:alice\n}", "{username\n:\t1700000000:x\n}"),
            (
                "{credential: {macKey: '}', accessToken: t}, p: all}",
                "{credential: x, p: all}",
            ),
            (
                "Alice's {label: Camera of Alice (046d:082d)}",
                "Alice's {label: x (046d:082d)}",
            ),
            ("{username: cut off", "{username: x"),
            ("{credential: 'cut", "{credential: 'x"),
            ("{credential: [cut", "{credential: x"),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(expected), expected, "twice");
        }
    }

    #[test]
    fn other_members_stay() {
        for text in [
            "",
            ":",
            "username",
            "username:",
            "{username: , credential: undefined, label: null}",
            "{usernames: a, user: name, credentialType: password, \"a\": \"label\"}",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn time_is_linear() {
        for piece in ["username:", "credential:[", "\"label\" : \"", "label:{'", ": "] {
            let text = piece.repeat(1 << 12);
            let steps = steps::of(|| drop(masked(&text)));
            assert!(steps <= 2 * text.len() as u64 + 100, "{piece}: {steps}");
        }
    }
}
