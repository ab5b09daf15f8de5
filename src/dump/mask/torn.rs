//! Names in a text that is no JSON but looks as if it had been: a line cut in the middle, one with something before or
//! behind it.
//!
//! Addresses are found in any text; a device label, a TURN user name or a password only shows by the key in front of it or by its
//! place in a serialised track. Values end at the next bare quote or at the end of the text, whatever comes first.
//! Nothing is found in JSON that is escaped once more, or where blanks are other than JSON's. Linear in the text.
use memchr::memmem;

use super::names;
use super::span::Span;

/// Appends the spans of names that stand behind `"label":`, `"username":`, `"credential":` or in `["audio","id","…"`, unordered.
pub fn find(text: &[u8], labels: bool, usernames: bool, spans: &mut Vec<Span>) {
    if labels {
        let value = |behind| member(text, behind);
        each(text, b"\"label\"", value, names::label, spans);
        for kind in [&b"\"audio\""[..], b"\"video\""] {
            each(text, kind, |behind| third(text, behind), names::label, spans);
        }
    }
    if usernames {
        let value = |behind| member(text, behind);
        each(text, b"\"username\"", value, names::username, spans);
        each(text, b"\"credential\"", value, names::password, spans);
    }
}

fn each(
    text: &[u8],
    word: &[u8],
    value: impl Fn(usize) -> Option<usize>,
    name: impl Fn(&[u8]) -> Option<Span>,
    spans: &mut Vec<Span>,
) {
    for at in memmem::find_iter(text, word) {
        if let Some(start) = value(at + word.len()) {
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
fn member(text: &[u8], at: usize) -> Option<usize> {
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
