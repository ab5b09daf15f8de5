//! Finds the user name and password in `scheme://name:password@host` (RFC 3986, section 3.2.1).
//!
//! Both go: the one is a person, the other a secret. A name without a password goes too. Each byte is looked at a
//! bounded number of times, and texts without an `@` cost one search for it.
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;

use super::super::span::{Mask, Span};

static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("://"));

/// Appends the spans of all user parts, in ascending order and apart.
pub fn find(text: &[u8], base: usize, spans: &mut Vec<Span>) {
    if memchr(b'@', text).is_none() {
        return;
    }
    for hit in BEGIN.find_iter(text) {
        let start = hit + BEGIN.needle().len();
        let is_authority =
            |byte: &&u8| **byte > b' ' && !matches!(**byte, b'/' | b'?' | b'#' | b'"' | b'<' | b'>' | b'\\');
        let length = text[start..].iter().take_while(is_authority).count();
        let user = memchr::memrchr(b'@', &text[start..start + length]).unwrap_or_default();
        if user > 0 {
            spans.push(Span {
                start: base + start,
                end: base + start + user,
                mask: Mask::Word,
            });
        }
    }
}
