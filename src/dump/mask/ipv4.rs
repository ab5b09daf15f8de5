//! The half of `address` that looks at dots: runs of decimal groups, and which of them are IPv4 addresses.
//!
//! Like `ipv6`, it works on bytes, never allocates, and looks at each byte a bounded number of times. A version number
//! of four short parts is taken for an address, because nothing here can tell the difference.
use std::net::Ipv4Addr;
use std::ops::Range;

use super::span::{Mask, Span};

/// Finds the dotted number around the dot at `hit`. Returns where to go on.
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
    /// The start of the fourth of the first four groups that could be an address, which means that the two in the
    /// middle have at most three digits. The length of the outer groups does not count, because other text may be glued
    /// to them (`priority` or a port). Everything after the cut goes too, because an address may just as well begin at
    /// the second group.
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

/// The address that these bytes are, if they contain nothing else.
pub fn exact(text: &[u8]) -> Option<Ipv4Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// True for addresses that say nothing about anybody.
pub fn stays(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

/// A letter, digit or underscore. Such a neighbour belongs to the same word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
