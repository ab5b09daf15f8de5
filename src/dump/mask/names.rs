//! Strings that are masked because of what they are, not because of what they look like: device labels, TURN user names
//! and passwords. Also the server URLs that stay.
//!
//! A name becomes the letter `x` and not an empty string: an empty label would mean that the page had no permission,
//! and an empty user name that there was none. Offsets are bytes of the decoded text.
use super::span::{Mask, Span};

/// Finds the name in a string that is a name. `None` if nothing is left to mask.
pub type FindName = fn(&[u8]) -> Option<Span>;

/// The digits of an expiry time in seconds since 1970, for the years 2001 to 2286.
const EXPIRY_DIGITS: usize = 10;

/// `Camera of Alice (046d:082d)` becomes `x (046d:082d)`: the USB id (vendor:product) identifies a model, not a person.
pub fn label(text: &[u8]) -> Option<Span> {
    let id = usb_id(text);
    let name = &text[..text.len() - id];
    let blank = usize::from(id > 0 && name.ends_with(b" "));
    whole(&name[..name.len() - blank], 0)
}

/// The length of `(vvvv:pppp)` at the end of a label, or 0.
fn usb_id(text: &[u8]) -> usize {
    match text.last_chunk::<11>() {
        Some([b'(', id @ .., b')']) if id[4] == b':' => {
            let digits = id.iter().filter(|b| b.is_ascii_hexdigit()).count();
            if digits == 8 { 11 } else { 0 }
        }
        _ => 0,
    }
}

/// `1700000000:alice` becomes `1700000000:x`. The time stamp of the TURN REST API (draft-uberti-behave-turn-rest)
/// stays. A number that begins with 3 or more cannot be one for the next 30 years, but may be a telephone number.
pub fn username(text: &[u8]) -> Option<Span> {
    let stamp = text.split(|b| *b == b':').next().unwrap_or_default();
    let is_stamp =
        stamp.len() == EXPIRY_DIGITS && stamp.iter().all(u8::is_ascii_digit) && matches!(stamp[0], b'1' | b'2');
    let start = if is_stamp && stamp.len() < text.len() {
        stamp.len() + 1
    } else {
        0
    };
    whole(&text[start..], start)
}

/// Nothing of a password stays.
pub fn password(text: &[u8]) -> Option<Span> {
    whole(text, 0)
}

/// The span of a whole name that begins at `start`. `None` if nothing is left to mask.
pub fn whole(name: &[u8], start: usize) -> Option<Span> {
    (!name.is_empty() && name != b"x").then_some(Span {
        start,
        end: start + name.len(),
        mask: Mask::X,
    })
}

/// Whether this is the URL of a STUN or TURN server and nothing else (RFC 7064, RFC 7065), without user part and path.
pub fn is_server_url(text: &[u8]) -> bool {
    let Some(colon) = text.iter().position(|b| *b == b':') else {
        return false;
    };
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let known = [&b"stun"[..], b"stuns", b"turn", b"turns"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let mut parts = rest.splitn(2, |b| *b == b'?');
    let host = parts.next().unwrap_or_default();
    let query = parts.next().is_none_or(|query| {
        query
            .strip_prefix(b"transport=")
            .is_some_and(|transport| transport.iter().all(u8::is_ascii_alphanumeric))
    });
    let of_host = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    known && query && !host.is_empty() && host.iter().all(of_host)
}

/// The first element of a serialised track (MediaStreamTrack `kind`).
pub const TRACK_KINDS: [&str; 2] = ["audio", "video"];

pub fn is_track_kind(text: &[u8]) -> bool {
    text.len() == 5 && TRACK_KINDS.iter().any(|kind| kind.as_bytes() == text)
}

/// Whether this could be the id of a track or stream: a UUID, which Firefox puts in braces.
pub fn is_track_id(text: &[u8]) -> bool {
    let inner = text
        .strip_prefix(b"{")
        .and_then(|t| t.strip_suffix(b"}"))
        .unwrap_or(text);
    inner.len() == 36
        && inner.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests;
