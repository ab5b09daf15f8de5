//! Finds what is personal or secret in the lines of a session description (RFC 8866): keys of the media, and names of
//! people.
//!
//! | line | loses |
//! |---|---|
//! | `k=`, `a=crypto:` (RFC 4568), `a=key-mgmt:` (RFC 4567) | the key: whoever has it and the packets can listen |
//! | `a=identity:` (RFC 8827), `e=`, `p=` | the value |
//! | `s=`, `i=`, `u=` | the value, unless it is the `-` that browsers write |
//! | `o=` | the user name, unless it is that of a browser |
//! | `cname:` of the form name@host (RFC 8285) | the name |
//!
//! `ice-pwd` stays: it is worth nothing when the session has ended. Keys in the form `inline:KEY` are found in any
//! text. One pass goes over the equals signs, of which most lines have one. Addresses are not looked for here.
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memchr2};

use super::super::span::{Mask, Span};

static INLINE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("inline:"));

/// The shortest key of SRTP, in Base64: 128 bits and a salt of 112 (RFC 3711) have 40 characters, and the shortest that
/// anybody has proposed 16.
const KEY_BYTES_MIN: usize = 16;

/// Whether a text that may be anything has lines of a description.
pub fn is_in(text: &[u8]) -> bool {
    memmem::find(text, b"\no=").is_some() || memmem::find(text, b"\nm=").is_some()
}

/// Appends the spans of what must go from the lines of a description, in ascending order and apart.
pub fn find(sdp: &[u8], base: usize, spans: &mut Vec<Span>) {
    let has_names = memchr(b'@', sdp).is_some();
    for equals in memchr_iter(b'=', sdp) {
        let (before, value) = (&sdp[..equals], equals + 1);
        let begins_line = |line: &[u8]| matches!(line, [] | [.., b'\r' | b'\n']);
        let Some((letter, _)) = before.split_last().filter(|(_, before)| begins_line(before)) else {
            continue;
        };
        let span = match letter {
            b'a' => attribute(&sdp[value..], has_names),
            b'k' => key(line(&sdp[value..])),
            b'e' | b'p' => whole(line(&sdp[value..]), 0, Mask::X),
            b'i' | b's' | b'u' => whole(line(&sdp[value..]), 0, Mask::Dash),
            b'o' => origin(line(&sdp[value..])),
            _ => None,
        };
        spans.extend(span.map(|span| Span {
            start: span.start + value + base,
            end: span.end + value + base,
            ..span
        }));
    }
}

/// Appends the spans of the keys in `inline:KEY`, in ascending order and apart.
pub fn find_keys(text: &[u8], base: usize, spans: &mut Vec<Span>) {
    for hit in INLINE.find_iter(text) {
        let start = hit + INLINE.needle().len();
        let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let length = text[start..].iter().take_while(is_base64).count();
        if length >= KEY_BYTES_MIN {
            spans.push(Span {
                start: base + start,
                end: base + start + length,
                mask: Mask::X,
            });
        }
    }
}

/// The text up to the end of its line.
fn line(text: &[u8]) -> &[u8] {
    &text[..memchr2(b'\r', b'\n', text).unwrap_or(text.len())]
}

/// What is between `start` and the end of the text, unless nothing is left to mask.
fn whole(text: &[u8], start: usize, mask: Mask) -> Option<Span> {
    let is_masked = matches!(text[start..].trim_ascii(), b"" | b"-" | b"x");
    (!is_masked).then_some(Span {
        start,
        end: text.len(),
        mask,
    })
}

/// `clear:KEY`, `base64:KEY`, `uri:URI`; `prompt` has no key.
fn key(value: &[u8]) -> Option<Span> {
    match memchr(b':', value) {
        Some(colon) => whole(value, colon + 1, Mask::X),
        None if value == b"prompt" => None,
        None => whole(value, 0, Mask::X),
    }
}

/// `NAME ID VERSION IN IP4 ADDRESS`. Firefox has its own name in place of a user's.
fn origin(value: &[u8]) -> Option<Span> {
    let name = &value[..memchr(b' ', value).unwrap_or(value.len())];
    let is_browser = name.starts_with(b"mozilla...THIS_IS_SDPARTA");
    whole(name, 0, Mask::Dash).filter(|_| !is_browser)
}

fn attribute(text: &[u8], has_names: bool) -> Option<Span> {
    let is = |name: &[u8]| text.len() >= name.len() && text[..name.len()].eq_ignore_ascii_case(name);
    match text.first()? {
        b'c' | b'C' if is(b"crypto:") => crypto(line(text)),
        b'i' | b'I' if is(b"identity:") => whole(line(text), b"identity:".len(), Mask::X),
        b'k' | b'K' if is(b"key-mgmt:") => {
            let value = line(text);
            let protocol = memchr(b' ', value).map_or(b"key-mgmt:".len(), |blank| blank + 1);
            whole(value, protocol, Mask::X)
        }
        _ if has_names => cname(line(text)),
        _ => None,
    }
}

/// `crypto:TAG SUITE METHOD:KEY …`: everything behind the method, up to the next blank.
fn crypto(value: &[u8]) -> Option<Span> {
    let mut blanks = memchr_iter(b' ', value);
    let parameters = blanks.nth(1)? + 1;
    let end = blanks.find(|blank| *blank > parameters).unwrap_or(value.len());
    let method = memchr(b':', &value[parameters..end]).map_or(0, |colon| colon + 1);
    whole(&value[..end], parameters + method, Mask::X)
}

fn cname(value: &[u8]) -> Option<Span> {
    const NAME: &[u8] = b"cname:";
    let start = memmem::find(value, NAME)? + NAME.len();
    let end = start + memchr(b' ', &value[start..]).unwrap_or(value.len() - start);
    let at = memchr::memrchr(b'@', &value[start..end])?;
    whole(&value[..start + at], start, Mask::X)
}
