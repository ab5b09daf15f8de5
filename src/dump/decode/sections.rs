//! Puts the sections back that a session description (RFC 8866) has left out, because an earlier one has them.
//!
//! The client replaces a section that has not changed by `v=` or `m=`. Sections are those between the lines that begin
//! with `m=`, and are matched by their numbers. All of this is done on the inside of JSON strings as it was sent, where
//! a line feed is `\n`: nothing is decoded. Of a section that the base lacks, the placeholder stays, so that the loss
//! can be seen.
use std::borrow::Cow;

use memchr::memmem;

use crate::dump::json::Text;
use crate::dump::steps;

/// Line feeds as two characters, and no escapes by number, of which there are none in descriptions.
pub fn plain(sdp: Text<'_>) -> Cow<'_, [u8]> {
    match memmem::find(sdp.raw(), b"\\u") {
        Some(_) => sdp.canonical(),
        None => Cow::Borrowed(sdp.raw()),
    }
}

/// Appends `sdp` with the sections put back that `base` has.
pub fn restore(sdp: &[u8], base: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    let mut bases = Sections { rest: Some(base) };
    for (at, section) in (Sections { rest: Some(sdp) }).enumerate() {
        let placeholder: &[u8] = if at == 0 { b"v=" } else { b"m=" };
        let base = bases.next();
        if at > 0 {
            out.extend_from_slice(b"\\r\\n");
        }
        let kept = if section == placeholder {
            base.unwrap_or(section)
        } else {
            section
        };
        out.extend_from_slice(if out.len() == begin { trimmed_start(kept) } else { kept });
    }
    let length = trimmed_end(&out[begin..]).len();
    out.truncate(begin + length);
    out.extend_from_slice(b"\\r\\n");
}

/// The sections of a description, without blanks and line ends around them.
struct Sections<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Sections<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest?;
        let is_line_feed = |at: &usize| is_escape(text, *at);
        let end = memmem::find_iter(text, b"\\nm=").find(is_line_feed);
        self.rest = end.map(|end| &text[end + 2..]);
        steps::count(end.unwrap_or(text.len()) + 1);
        Some(trimmed_start(trimmed_end(&text[..end.unwrap_or(text.len())])))
    }
}

/// Whether the backslash at this place begins an escape, and is not itself escaped.
fn is_escape(text: &[u8], at: usize) -> bool {
    let slashes = text[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    steps::count(slashes + 1);
    slashes % 2 == 0
}

fn trimmed_start(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] | [b'\\', b'r' | b'n' | b't', rest @ ..] = text {
        text = rest;
    }
    text
}

fn trimmed_end(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [rest @ .., b' '] => rest,
            [rest @ .., b'\\', b'r' | b'n' | b't'] if is_escape(text, rest.len()) => rest,
            _ => return text,
        }
    }
}
