//! Finds the values of those parameters of URLs whose name says that they are secret: in the query, the fragment and
//! the path (`;name=value`).
//!
//! A name is compared without regard to case and to characters that are neither letters nor digits. `code` is not among
//! the names: it is worth nothing after its first use, and most often it is the number of a room. Each byte is looked
//! at a bounded number of times.
use memchr::memchr2;

use super::super::span::{Mask, Span};

/// What a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A URL and nothing else. A value ends only where the next parameter begins.
    Url,
    /// Anything that may contain a URL. A value also ends at a byte that no URL contains.
    Text,
}

/// Names that are secret as they are.
const NAMES: &[&str] = &[
    "auth",
    "authorization",
    "bearer",
    "jsessionid",
    "key",
    "otp",
    "pass",
    "phpsessid",
    "pin",
    "pwd",
    "sas",
    "sessionkey",
    "sig",
];

/// Names are secret that end so: `access_token`, `X-Amz-Signature`, `user[password]`.
const ENDS: &[&str] = &[
    "accesskey",
    "apikey",
    "credential",
    "credentials",
    "e2eekey",
    "encryptionkey",
    "jwt",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "sharedkey",
    "signature",
    "streamkey",
    "token",
];

/// Appends the spans of all secret values, in ascending order and apart.
pub fn find(text: &[u8], base: usize, place: Place, spans: &mut Vec<Span>) {
    if place == Place::Text && memchr2(b'?', b'#', text).is_none() {
        return;
    }
    let mut at = 0;
    while let Some(separator) = text[at..].iter().position(|byte| is_separator(*byte)) {
        let name = at + separator + 1;
        let is_end = |byte: &u8| is_separator(*byte) || *byte == b'=' || (place == Place::Text && !is_of_url(*byte));
        let equals = name + text[name..].iter().take_while(|byte| !is_end(byte)).count();
        at = equals;
        if text.get(equals) != Some(&b'=') || !is_secret(&text[name..equals]) {
            continue;
        }
        let is_value = |byte: &&u8| !matches!(**byte, b'&' | b'#') && (place == Place::Url || is_of_url(**byte));
        let value = equals + 1;
        let end = value + text[value..].iter().take_while(is_value).count();
        if value < end {
            spans.push(Span {
                start: base + value,
                end: base + end,
                mask: Mask::Word,
            });
        }
        at = end;
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'?' | b'&' | b';' | b'#')
}

/// False for what RFC 3986 allows nowhere in a URL, so that a value ends at the quote behind a URL.
fn is_of_url(byte: u8) -> bool {
    byte > b' '
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f
        )
}

fn is_secret(name: &[u8]) -> bool {
    let name: String = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    NAMES.contains(&name.as_str()) || ENDS.iter().any(|end| name.ends_with(end))
}
