//! Finds names in a text that is not JSON but looks as if it had been: a line that was cut in the middle, or one with
//! something before or after it.
//!
//! Addresses are found in any text. A device label, a TURN user name or a password can be recognised only by the key in
//! front of it or by its place in a serialised track. A value ends at the next unescaped quote or at the end of the
//! text, whichever comes first. Nothing is found in JSON that is escaped once more, or that has other blanks than JSON
//! allows. Time is linear in the text.
use memchr::memmem;

use super::members::MEMBERS;
use super::names::TRACK_KINDS;
use super::rule::{MaskRules, Rule};
use super::span::Span;

/// Appends, unordered, the spans of what follows the members that are names, and of the third string in
/// `["audio","id","…"`.
pub fn find(text: &[u8], rules: MaskRules, spans: &mut Vec<Span>) {
    for member in MEMBERS {
        let Some(name) = member.name.and_then(|rule| rule.name(rules)) else {
            continue;
        };
        for word in member.names {
            each(text, word, |behind| value(text, behind), name, spans);
        }
    }
    if let Some(name) = Rule::Label.name(rules) {
        for kind in TRACK_KINDS {
            each(text, kind, |behind| third(text, behind), name, spans);
        }
    }
}

/// The names at the places to which `place` leads from the end of each `"word"`.
fn each(
    text: &[u8],
    word: &str,
    place: impl Fn(usize) -> Option<usize>,
    name: impl Fn(&[u8]) -> Option<Span>,
    spans: &mut Vec<Span>,
) {
    let quoted = |at: &usize| *at > 0 && text[at - 1] == b'"' && text.get(at + word.len()) == Some(&b'"');
    for at in memmem::find_iter(text, word).filter(quoted) {
        if let Some(start) = place(at + word.len() + 1) {
            let end = string_end(text, start);
            spans.extend(name(&text[start..end]).map(|span| Span {
                start: span.start + start,
                end: span.end + start,
                ..span
            }));
        }
    }
}

/// Where the string begins that is the value of the key before `at`.
fn value(text: &[u8], at: usize) -> Option<usize> {
    string(text, skip(text, at, b':')?)
}

/// Where the third string begins, if the first one is before `at`.
fn third(text: &[u8], at: usize) -> Option<usize> {
    let second = string(text, skip(text, at, b',')?)?;
    string(text, skip(text, string_end(text, second) + 1, b',')?)
}

fn skip(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    let at = blanks(text, at);
    (text.get(at) == Some(&byte)).then(|| blanks(text, at + 1))
}

fn string(text: &[u8], at: usize) -> Option<usize> {
    (text.get(at) == Some(&b'"')).then_some(at + 1)
}

fn blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .count()
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut escaped = false;
    let inside = text[start..].iter().take_while(|byte| {
        let ends = **byte == b'"' && !escaped;
        escaped = **byte == b'\\' && !escaped;
        !ends
    });
    start + inside.count()
}
