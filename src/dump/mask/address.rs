//! Finds the addresses in a piece of text and says what replaces them.
//!
//! This file knows only text: no JSON, no methods, and no rule about which addresses may stay. Whatever could be an
//! address counts as one, because a false hit costs a little data, but a missed address exposes a person. The code
//! never allocates (except for the list of spans it is given), and looks at each byte a bounded number of times.
//!
//! Rules (RFC 4291 and RFC 5952 for the spellings): IPv4 loses its last octet. IPv6 keeps the first three groups of the
//! expanded address, but 6to4 (RFC 3056) keeps only two, because its second and third are an IPv4 address. IPv4-mapped
//! addresses become IPv4. Loopback, unspecified and already masked addresses stay.
//!
//! Limits: only spellings that a program prints are found. Not recognised are host names and IPv4 addresses written as
//! one number, in hex, with dashes (`198-51-100-31.example`) or in digits of another script.
use std::net::{IpAddr, Ipv6Addr};

use memchr::memchr2;

use super::ipv4::{self, find_quad};
use super::ipv6::find_groups;
use super::span::Span;

/// Appends a span for each address in `text`, in ascending order and without overlaps. `base` is added to the offsets.
pub fn find(text: &[u8], base: usize, spans: &mut Vec<Span>) {
    // Before `at`, no more separators are searched. What is before `floor` belongs to no later address.
    let (mut at, mut floor) = (0, 0);
    while let Some(hit) = text.get(at..).and_then(|rest| memchr2(b'.', b':', rest)) {
        let (hit, from) = (at + hit, floor);
        let mut push = |span: Span| {
            floor = span.end;
            spans.push(Span {
                start: span.start + base,
                end: span.end + base,
                mask: span.mask,
            });
        };
        let next = match text[hit] {
            b'.' => find_quad(text, from, hit, &mut push),
            _ => find_groups(text, from, hit, &mut push),
        };
        // A zone ends after the run of groups in front of it.
        at = next.max(floor);
    }
}

/// The address that these bytes are, if they contain nothing else. Brackets around IPv6 are allowed (RFC 3986).
pub fn exact(text: &[u8]) -> Option<IpAddr> {
    if let Some(address) = ipv4::exact(text) {
        return Some(address.into());
    }
    let inner = text
        .strip_prefix(b"[")
        .and_then(|t| t.strip_suffix(b"]"))
        .unwrap_or(text);
    std::str::from_utf8(inner)
        .ok()?
        .parse::<Ipv6Addr>()
        .ok()
        .map(Into::into)
}

#[cfg(test)]
pub mod corpus;

#[cfg(test)]
mod tests;
