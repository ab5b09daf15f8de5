//! Passes values of valid JSON.
//!
//! What is passed is not checked again, so it is quick; text that is not valid gives nonsense, but ends.
use memchr::memchr2;

use crate::dump::steps;

/// Takes the next value from `rest`, with what separates it from the one before.
#[inline]
pub fn value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let mut text = *rest;
    while let [b',' | b':' | b' ' | b'\t' | b'\r' | b'\n', behind @ ..] = text {
        text = behind;
    }
    let end = length(text);
    steps::count(rest.len() - text.len() + end + 1);
    let (raw, behind) = text.split_at(end);
    *rest = behind;
    (end > 0).then_some(raw)
}

/// The length of the value at the beginning of `text`. 0 if there is none.
#[inline]
fn length(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => string(text),
        Some(b'{' | b'[') => container(text),
        _ => scalar(text),
    }
}

#[inline]
fn scalar(text: &[u8]) -> usize {
    let ends = |byte: &u8| ENDS[usize::from(*byte)];
    text.iter().position(ends).unwrap_or(text.len())
}

/// The bytes behind a number or a literal.
static ENDS: [bool; 256] = {
    let (mut ends, mut at) = ([false; 256], 0);
    let bytes = b",:}] \t\r\n\"";
    while at < bytes.len() {
        ends[bytes[at] as usize] = true;
        at += 1;
    }
    ends
};

/// `text` begins with a quote. The length includes both. Most strings are short and have no escapes.
#[inline]
fn string(text: &[u8]) -> usize {
    const SHORT: usize = 24;
    let mut inside = text.iter().skip(1).take(SHORT);
    match inside.position(|byte| matches!(byte, b'"' | b'\\')) {
        Some(at) if text[at + 1] == b'"' => at + 2,
        _ => long_string(text),
    }
}

fn long_string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(hit) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += hit;
        match text[at] {
            b'"' => return at + 1,
            _ => at += 2,
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
