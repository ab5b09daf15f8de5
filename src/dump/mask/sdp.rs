//! Session descriptions (RFC 8866): text in which two kinds of lines are treated specially.
//!
//! A relay candidate keeps its own address. `e=` and `p=`, which contain a person's mail address and telephone number,
//! lose their value. Every other line, known or not, is searched for addresses like any text. There is one pass over
//! the lines, and only if the description has one of these special lines.
use memchr::memmem;

use super::candidate;
use super::names;
use super::span::Span;
use super::text;

/// Appends the spans of what must go from a description, in ascending order and without overlaps.
pub fn find(sdp: &[u8], spans: &mut Vec<Span>) {
    if !is_special(sdp) {
        return text::find(sdp, 0, spans);
    }
    let (mut start, mut searched) = (0, 0);
    for line in sdp.split(|b| matches!(b, b'\r' | b'\n')) {
        let end = start + line.len();
        if let [b'e' | b'p', b'=', value @ ..] = line {
            text::find(&sdp[searched..start], searched, spans);
            spans.extend(names::whole(value, end - value.len()));
            searched = end;
        } else if let Some(candidate) = candidate::read(line).filter(|candidate| candidate.relay) {
            let place = start + candidate.place.start..start + candidate.place.end;
            text::find(&sdp[searched..place.start], searched, spans);
            searched = place.end;
        }
        start = end + 1;
    }
    text::find(&sdp[searched..], searched, spans);
}

fn is_special(sdp: &[u8]) -> bool {
    let begins = |line: &[u8]| memmem::find_iter(sdp, line).any(|at| at == 0 || matches!(sdp[at - 1], b'\r' | b'\n'));
    memmem::find(sdp, b" typ relay").is_some() || begins(b"e=") || begins(b"p=")
}
