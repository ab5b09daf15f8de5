//! Finds JSON Web Tokens (RFC 7519) by their form, wherever somebody has put one.
//!
//! A token is Base64url in parts with dots between, and its header is an object, so it begins with `eyJ`. Two parts are
//! enough if the second one is an object too, because a token may be cut off; otherwise three. Nothing is decoded, and
//! whether a token is valid does not matter: its claims are personal anyway. Each byte is looked at a bounded number of
//! times. Not found are headers that begin with a blank (`{ "alg"`), which no library writes.
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::span::{Mask, Span};

/// `{"` in Base64.
const OBJECT: &[u8] = b"eyJ";
static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(OBJECT));

/// The shortest header that can be there: `{"a":1}`.
const HEADER_BYTES_MIN: usize = 10;

/// Appends the spans of all tokens, in ascending order and apart.
pub fn find(text: &[u8], base: usize, spans: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(hit) = BEGIN.find(&text[from..]) {
        let start = from + hit;
        let length = text[start..].iter().take_while(|byte| is_of_token(**byte)).count();
        if is_token(&text[start..start + length]) {
            spans.push(Span {
                start: base + start,
                end: base + start + length,
                mask: Mask::Word,
            });
        }
        from = start + length;
    }
}

fn is_token(run: &[u8]) -> bool {
    let mut parts = run.split(|byte| *byte == b'.');
    let header = parts.next().unwrap_or_default();
    let payload = parts.next().unwrap_or_default();
    header.len() >= HEADER_BYTES_MIN && (payload.starts_with(OBJECT) || parts.next().is_some())
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=')
}
