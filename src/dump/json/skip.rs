//! Passes values of valid JSON.
//!
//! What is passed is not checked again, so it is quick; text that is not valid gives nonsense, but ends.
use memchr::memchr;

use crate::dump::scan::words;
use crate::dump::steps;

/// Takes the next value from `rest`, with what separates it from the one before.
#[inline]
pub fn value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let text = &rest[separators(rest)..];
    let end = length(text);
    steps::count(rest.len() - text.len() + end + 1);
    let (raw, behind) = text.split_at(end);
    *rest = behind;
    (end > 0).then_some(raw)
}

/// The number of bytes before the next value, name or closing bracket.
#[inline]
pub fn separators(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(b',' | b':' | b' ' | b'\t' | b'\r' | b'\n') = text.get(at) {
        at += 1;
    }
    at
}

/// The length of the value at the beginning of `text`. 0 if there is none.
#[inline]
pub fn length(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => string(text),
        Some(b'{' | b'[') => container(text),
        _ => scalar(text),
    }
}

/// The length of a number or a literal.
#[inline]
pub fn scalar(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let before = words::before_end(u64::from_le_bytes(*word));
        at += before;
        if before < 8 {
            return at;
        }
    }
    let ends = |byte: &u8| matches!(byte, 0..=b' ' | b',' | b']' | b'}');
    text[at..].iter().position(ends).map_or(text.len(), |more| at + more)
}

/// `text` begins with a quote. The length includes both. Most strings are short and have no escapes.
#[inline]
pub fn string(text: &[u8]) -> usize {
    let mut at = 1;
    for _ in 0..words::SHORT {
        let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) else {
            break;
        };
        let plain = words::before_stop(u64::from_le_bytes(*word));
        at += plain;
        if plain < 8 {
            if text[at] != b'"' {
                break;
            }
            return at + 1;
        }
    }
    long_string(text)
}

/// Only quotes are looked for: there are fewer of them than of escapes. One behind an odd number of backslashes is
/// itself escaped.
fn long_string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(hit) = text.get(at..).and_then(|rest| memchr(b'"', rest)) {
        let before = &text[at..at + hit];
        at += hit + 1;
        if before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0 {
            return at;
        }
    }
    text.len()
}

/// `text` begins with a brace or bracket. The length includes both.
fn container(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at += string(&text[at..]);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}
