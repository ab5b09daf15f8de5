//! Finds the addresses in a stretch of text and says what stands in their place.
//!
//! This leaf knows text and nothing else: no JSON, no methods, no rule about who may stay. What could be an address is
//! one; a doubtful reading costs a little data, a missed one costs a person. It never allocates (but for the list of
//! spans it is given), and it looks at each byte a bounded number of times.
//!
//! Rules (RFC 4291 and RFC 5952 for the spellings): IPv4 loses its last octet; IPv6 keeps the first three groups of
//! the expanded address, 6to4 (RFC 3056) only two, because its second and third are an IPv4 address; IPv4-mapped
//! addresses become IPv4. Loopback, unspecified and already masked addresses stay.
//!
//! Limits: only textual forms that a program prints. An IPv4 address written as one number, in hex, with dashes
//! (`198-51-100-31.example`) or in digits of another script is not recognised, nor are host names.
use std::net::{IpAddr, Ipv6Addr};

use memchr::memchr2;

use super::ipv4::{self, find_quad};
use super::ipv6::find_groups;
use super::span::Span;

/// Appends a span for each address in `text`, in ascending order and without overlaps, offsets shifted by `base`.
pub fn find(text: &[u8], base: usize, spans: &mut Vec<Span>) {
    // Nothing before `at` is looked at for a separator again, nothing before `floor` belongs to another address.
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
        // A zone reaches beyond the run of groups before it.
        at = next.max(floor);
    }
}

/// The address these bytes are, if they are one and nothing else; brackets around IPv6 are allowed (RFC 3986).
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
mod tests;
