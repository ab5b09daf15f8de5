//! Passes values of valid JSON.
//!
//! What is passed is not checked again, so it is quick; text that is not valid gives nonsense, but ends.
use memchr::memchr2;

/// Takes the next value from `rest`, with what separates it from the one before.
#[inline]
pub fn value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let mut text = *rest;
    while let [b',' | b':' | b' ' | b'\t' | b'\r' | b'\n', behind @ ..] = text {
        text = behind;
    }
    let end = length(text);
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

fn scalar(text: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' | b'"');
    text.iter().position(ends).unwrap_or(text.len())
}

/// `text` begins with a quote. The length includes both.
fn string(text: &[u8]) -> usize {
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
