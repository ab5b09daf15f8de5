//! Names in a text that is no JSON but looks as if it had been: a line cut in the middle, one with something before or
//! behind it.
//!
//! Addresses are found in any text; a device label, a TURN user name or a password only shows by the key in front of it
//! or by its place in a serialised track. Values end at the next bare quote or at the end of the text, whatever comes
//! first. Nothing is found in JSON that is escaped once more, or where blanks are other than JSON's. Linear in the
//! text.
use memchr::memmem;

use super::members::MEMBERS;
use super::names::TRACK_KINDS;
use super::rule::{MaskRules, Rule};
use super::span::Span;

/// Appends the spans of what stands behind the members that are names, or third in `["audio","id","…"`, unordered.
pub fn find(text: &[u8], rules: MaskRules, spans: &mut Vec<Span>) {
    for member in &MEMBERS {
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

/// The names at the places to which `place` leads from behind each `"word"`.
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

/// The inside of the string that is the value of the key before `at`.
fn value(text: &[u8], at: usize) -> Option<usize> {
    string(text, skip(text, at, b':')?)
}

/// The inside of the third string, the first one being before `at`.
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
