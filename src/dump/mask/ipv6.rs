//! The half of `address` that looks at colons: runs of hexadecimal groups, and which of them are IPv6 addresses.
//!
//! Like `ipv4`, it works on bytes, never allocates, and looks at each byte a bounded number of times. The difficulty is
//! that other things have colons too: times, MAC addresses, ports, `name:value`, C++ scopes and, above all, certificate
//! fingerprints (RFC 8122), which a reader of a dump needs unmasked.
use std::net::{Ipv4Addr, Ipv6Addr};

use super::ipv4::{Dotted, is_word, stays};
use super::span::{Mask, Span};
use crate::limits::ZONE_BYTES_MAX;

/// The number of bytes in a fingerprint: SHA-1, -224, -256, -384, -512. MD5 is left out: its 16 pairs could be an
/// address written byte by byte, and no browser has sent one for ten years.
const FINGERPRINT_PAIRS: [usize; 5] = [20, 28, 32, 48, 64];

/// Looks at the run of hexadecimal digits and colons around the colon at `hit`. Returns where to go on.
pub fn find_groups(text: &[u8], floor: usize, hit: usize, push: &mut impl FnMut(Span)) -> usize {
    let before = text[floor..hit]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_hexdigit())
        .count();
    let after = text[hit..].iter().take_while(|b| is_group_byte(**b)).count();
    let (mut start, end) = (hit - before, hit + after);
    let mut floor = floor;
    if before >= 2 && text[floor..start].ends_with(b"%") {
        // The digits of `%5B` belong to the bracket, not to the address in it.
        start += 2;
        floor = start;
    }
    if !could_hold_address(&text[start..end]) {
        return end;
    }
    let mut at = start;
    while at < end {
        let streak = Streak::read(text, at, end);
        at = streak.next;
        if streak.end == end && text.get(end) == Some(&b'.') && streak.decimal_tail(text) {
            let dotted = Dotted::read(text, streak.last.0);
            if streak.reaches_quad() && dotted.cut.is_some() {
                push_address(text, streak.start, dotted.whole.end, &streak, push);
                return dotted.whole.end;
            }
            // `::ffff:198.51.100.x` is masked already, and the IPv4 half finds nothing in it either.
            if dotted.cut.is_some() || (streak.reaches_quad() && is_masked_tail(text, dotted.whole.end)) {
                return end;
            }
        }
        if let Some(from) = streak.address_start(text, floor, end) {
            push_address(text, from, streak.end, &streak, push);
        }
    }
    end
}

/// A quick check for the many runs that cannot be an address: without a gap, an address has six colons before an IPv4
/// tail, otherwise seven.
fn could_hold_address(run: &[u8]) -> bool {
    let colons = run.iter().filter(|b| **b == b':').count();
    colons >= 6 || run.windows(2).any(|pair| pair == b"::")
}

fn is_group_byte(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':'
}

/// `.x` in place of a fourth octet.
fn is_masked_tail(text: &[u8], at: usize) -> bool {
    matches!(text[at..], [b'.', b'x', ref rest @ ..] if !rest.first().is_some_and(|b| is_word(*b)))
}

fn push_address(text: &[u8], start: usize, end: usize, streak: &Streak, push: &mut impl FnMut(Span)) {
    let whole = &text[start..end];
    let parsed: Option<Ipv6Addr> = std::str::from_utf8(whole).ok().and_then(|s| s.parse().ok());
    let mask = match parsed {
        Some(address) if address.is_loopback() || address.is_unspecified() => return,
        Some(address) => match address.to_ipv4_mapped() {
            Some(mapped) if stays(mapped) => return,
            Some(mapped) => quad(mapped),
            None => groups(std::array::from_fn(|i| address.segments()[i])),
        },
        // Too many groups, two gaps, or an impossible IPv4 tail: whatever it is, at most three groups stay.
        None => groups(if start == streak.start { streak.head } else { [0; 3] }),
    };
    push(Span {
        start,
        end: end + zone(text, end, mask),
        mask,
    });
}

fn quad(address: Ipv4Addr) -> Mask {
    let [a, b, c, _] = address.octets();
    Mask::Quad([a, b, c])
}

fn groups(head: [u16; 3]) -> Mask {
    let kept = if head[0] == 0x2002 { 2 } else { 3 };
    Mask::Groups { head, kept }
}

/// The length of `%zone` after a link-local or multicast address. It is masked because some interface names contain MAC
/// addresses.
fn zone(text: &[u8], end: usize, mask: Mask) -> usize {
    let scoped = matches!(mask, Mask::Groups { head, .. } if head[0] & 0xffc0 == 0xfe80 || head[0] >= 0xff00);
    if !scoped || text.get(end) != Some(&b'%') {
        return 0;
    }
    let name = text[end + 1..].iter().take(ZONE_BYTES_MAX);
    match name.take_while(|b| is_word(**b) || matches!(b, b'.' | b'-')).count() {
        0 => 0,
        len => len + 1,
    }
}

/// Groups of one to four digits, with single or double colons (gaps) between them, as many as follow each other.
struct Streak {
    start: usize,
    /// After the last group, or after the gap that ends the streak.
    end: usize,
    /// Where the rest of the run goes on.
    next: usize,
    groups: usize,
    gap: bool,
    /// All groups have two digits.
    pairs: bool,
    /// The last group has more than four digits.
    long: bool,
    /// The first three groups. Groups after a gap count as zero.
    head: [u16; 3],
    /// Start and length of the first and the last group.
    first: (usize, usize),
    last: (usize, usize),
}

impl Streak {
    fn read(text: &[u8], from: usize, end: usize) -> Streak {
        let none = (from, 0);
        let mut streak = Streak {
            start: from,
            end: from,
            next: from,
            groups: 0,
            gap: false,
            pairs: true,
            long: false,
            head: [0; 3],
            first: none,
            last: none,
        };
        let mut at = streak.colons(text, from, end);
        streak.start = if streak.gap { at - 2 } else { at };
        loop {
            let digits = text[at..end].iter().take_while(|b| b.is_ascii_hexdigit()).count();
            if digits == 0 {
                streak.next = at;
                return streak;
            }
            if digits > 4 {
                streak.long_group(text, at, digits);
                return streak;
            }
            streak.group(&text[at..at + digits], at);
            at = streak.colons(text, at + digits, end);
            if at == streak.last.0 + digits {
                streak.next = at;
                return streak;
            }
        }
    }

    /// A group that is too long ends a streak, and its last digits may begin the next, because other text may be glued
    /// to an address on either side. It counts as a last group only where one is missing; after a complete address it
    /// is a port.
    fn long_group(&mut self, text: &[u8], at: usize, digits: usize) {
        self.next = at + digits - 4;
        if (self.groups == 7 && !self.gap) || (self.groups > 0 && self.gap && self.end == at) {
            self.group(&text[at..at + 4], at);
            self.end = at + digits;
            self.next = self.end;
            self.long = true;
        }
    }

    /// Steps over colons. Two are a gap, and so are more: that is wrong, but an address may follow.
    fn colons(&mut self, text: &[u8], at: usize, end: usize) -> usize {
        let colons = text[at..end].iter().take_while(|b| **b == b':').count();
        if colons > 1 {
            self.gap = true;
            self.end = at + colons;
        }
        at + colons
    }

    fn group(&mut self, digits: &[u8], at: usize) {
        let value = digits
            .iter()
            .fold(0, |sum, b| sum << 4 | (*b as char).to_digit(16).unwrap_or(0) as u16);
        if !self.gap && self.groups < 3 {
            self.head[self.groups] = value;
        }
        self.last = (at, digits.len());
        if self.groups == 0 {
            self.first = self.last;
        }
        // Chromium calls the statistics of a certificate after its fingerprint, with CF in front.
        let is_certificate = self.groups == 0 && digits.len() == 4 && digits.starts_with(b"CF");
        self.groups += 1;
        self.pairs &= digits.len() == 2 || is_certificate;
        self.end = at + digits.len();
    }

    fn decimal_tail(&self, text: &[u8]) -> bool {
        let (at, len) = self.last;
        at + len == self.end && (1..=3).contains(&len) && text[at..at + len].iter().all(u8::is_ascii_digit)
    }

    /// Whether the address would be complete with an IPv4 address in place of the last group.
    fn reaches_quad(&self) -> bool {
        self.gap || self.groups > 6
    }

    /// Where the address begins, if there is one. A first group that is glued to a word before it (`candidate:`) counts
    /// as part of that word. So does a last group that begins with a letter and is glued to a word after it
    /// (`std::begin`). Neither counts so if the rest only makes sense as an address.
    fn address_start(&self, text: &[u8], floor: usize, run_end: usize) -> Option<usize> {
        let glued = |at: Option<&u8>| at.is_some_and(|b| is_word(*b));
        let starts_glued = self.groups > 0 && self.first.0 > floor && glued(text.get(self.first.0 - 1));
        let is_name =
            self.last.0 + self.last.1 == run_end && glued(text.get(run_end)) && text[self.last.0].is_ascii_alphabetic();
        let ends_glued = self.long || (self.groups > 0 && is_name);
        let whole = self.groups - usize::from(starts_glued);
        let fingerprint = self.pairs && !self.gap && FINGERPRINT_PAIRS.contains(&self.groups);
        if fingerprint
            || (self.gap && whole.saturating_sub(usize::from(ends_glued)) == 0)
            || !(self.gap || self.groups >= 8)
        {
            return None;
        }
        if !starts_glued || !(self.gap || whole >= 8) {
            return Some(self.start);
        }
        let behind = self.first.0 + self.first.1;
        Some(if text[behind..].starts_with(b"::") {
            behind
        } else {
            behind + 1
        })
    }
}
