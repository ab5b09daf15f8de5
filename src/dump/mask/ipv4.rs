//! The dot side of `address`: runs of decimal groups, and which of them are IPv4 addresses.
//!
//! Like its sibling it works on bytes, never allocates and never looks at a byte more than a bounded number of times.
//! A version number of four short parts is taken for an address: here nobody can know better.
use std::net::Ipv4Addr;
use std::ops::Range;

use super::span::{Mask, Span};

/// The dotted number around the dot at `hit`; returns where to go on.
pub fn find_quad(text: &[u8], floor: usize, hit: usize, push: &mut impl FnMut(Span)) -> usize {
    let digits = text[floor..hit].iter().rev().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return hit + 1;
    }
    let dotted = Dotted::read(text, hit - digits);
    if let Some(cut) = dotted.cut {
        let quad = &text[dotted.whole.clone()];
        if !exact(quad).is_some_and(stays) {
            push(Span {
                start: cut,
                end: dotted.whole.end,
                mask: Mask::X,
            });
        }
    }
    dotted.whole.end.max(hit + 1)
}

/// A run of decimal groups with single dots between them.
pub struct Dotted {
    pub whole: Range<usize>,
    /// Where the fourth group begins of the first four that could be an address: the two in the middle have at most
    /// three digits. What the outer ones are glued to is not known (`priority` or a port run into them), so their
    /// length does not count. All that follows goes as well: an address may begin at the second group just as well.
    pub cut: Option<usize>,
}

impl Dotted {
    pub fn read(text: &[u8], start: usize) -> Dotted {
        let (mut at, mut groups, mut previous, mut cut) = (start, 0, [usize::MAX; 2], None);
        loop {
            let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            groups += 1;
            if cut.is_none() && groups >= 4 && previous.iter().all(|len| *len <= 3) {
                cut = Some(at);
            }
            previous = [previous[1], digits];
            at += digits;
            match text.get(at..at + 2) {
                Some([b'.', next]) if next.is_ascii_digit() => at += 1,
                _ => return Dotted { whole: start..at, cut },
            }
        }
    }
}

/// The address these bytes are, if they are one and nothing else.
pub fn exact(text: &[u8]) -> Option<Ipv4Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Addresses that say nothing about anybody.
pub fn stays(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

/// A letter, digit or underscore: what makes a neighbour part of the same word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
