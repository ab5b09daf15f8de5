//! Session descriptions (RFC 8866): text that may contain the address of a relay, which stays.
//!
//! Everything around the address of a relay candidate is searched as the description that it is. There is one pass over
//! the lines, and only if the description has such a candidate.
use memchr::memmem;

use super::candidate;
use super::span::Span;
use super::text::{Sort, find_in};

/// Appends the spans of what must go from a description, in ascending order and without overlaps.
pub fn find(sdp: &[u8], spans: &mut Vec<Span>) {
    if memmem::find(sdp, b" typ relay").is_none() {
        return find_in(Sort::Description, sdp, 0, spans);
    }
    let (mut start, mut searched) = (0, 0);
    for line in sdp.split(|b| matches!(b, b'\r' | b'\n')) {
        if let Some(candidate) = candidate::read(line).filter(|candidate| candidate.relay) {
            let place = start + candidate.place.start..start + candidate.place.end;
            find_in(Sort::Description, &sdp[searched..place.start], searched, spans);
            searched = place.end;
        }
        start += line.len() + 1;
    }
    find_in(Sort::Description, &sdp[searched..], searched, spans);
}
