//! Masks a piece of text, whatever the spelling of its addresses and secrets: plain, percent-encoded (RFC 3986), or
//! with the escapes of JSON (RFC 8259) inside the text. The last is how JSON looks inside a string or a torn line.
//!
//! A decoded copy is searched, and the places found are mapped back to the original text, so nothing else changes.
//! Characters beyond ASCII do not matter here: they decode to a byte that is neither letter nor digit. Limits:
//! `ESCAPE_LAYERS_MAX` encodings inside each other, each undone in one pass.
mod description;
mod parameter;
mod token;
mod userinfo;

use memchr::{memchr, memchr2};

use super::address;
use super::span::Span;
use crate::dump::steps;
use crate::limits::{ESCAPE_LAYERS_MAX, MASK_SCRATCH_ELEMENTS_MAX};

/// The byte for any character outside ASCII in a decoded copy.
const FOREIGN: u8 = 0xff;

/// Shorter texts are searched for addresses alone: nothing else that is found is shorter than `?key=x`.
const SECRET_BYTES_MIN: usize = 6;

/// What a text is, as far as it matters to the search.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Anything.
    Text,
    /// A session description, or a part of one.
    Description,
    /// A URL and nothing else.
    Url,
    /// A text whose addresses stay because they are none of a user. It may still contain a secret.
    Secrets,
}

/// A decoded copy of a text, and how its offsets map back to the text.
#[derive(Default)]
pub struct Decoded {
    pub bytes: Vec<u8>,
    /// `(decoded, source)`: from these two offsets on, both texts run in parallel.
    jumps: Vec<(usize, usize)>,
}

impl Decoded {
    /// Decodes the inside of a JSON string. The scanner has checked its escapes.
    pub fn json(&mut self, source: &[u8]) {
        self.clear();
        let mut at = 0;
        while let Some(hit) = memchr(b'\\', &source[at..]) {
            self.bytes.extend_from_slice(&source[at..at + hit]);
            at += hit;
            // Several escapes often follow each other: lines of SDP end in `\r\n`.
            while source.get(at) == Some(&b'\\') {
                let (byte, len) = escape(&source[at..]);
                at += len;
                self.push(byte, at);
            }
        }
        self.bytes.extend_from_slice(&source[at..]);
    }

    /// Undoes `%41` and the escapes of JSON in a text. True if there was anything to undo.
    fn layer(&mut self, source: &[u8]) -> bool {
        self.clear();
        let mut at = 0;
        while let Some(hit) = source.get(at..).and_then(|rest| memchr2(b'%', b'\\', rest)) {
            self.bytes.extend_from_slice(&source[at..at + hit]);
            at += hit;
            match embedded(&source[at..]) {
                Some((byte, len)) => {
                    at += len;
                    self.push(byte, at);
                }
                None => {
                    self.bytes.push(source[at]);
                    at += 1;
                }
            }
        }
        self.bytes.extend_from_slice(&source[at..]);
        !self.jumps.is_empty()
    }

    pub fn shrink(&mut self) {
        self.bytes.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
        self.jumps.shrink_to(MASK_SCRATCH_ELEMENTS_MAX);
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.jumps.clear();
    }

    #[inline]
    fn push(&mut self, byte: u8, behind: usize) {
        self.bytes.push(byte);
        self.jumps.push((self.bytes.len(), behind));
    }

    /// Maps spans of the decoded copy back to the source. Spans are in ascending order, so one pass is enough.
    pub fn restore(&self, spans: &mut [Span]) {
        let (mut jump, mut delta) = (0, 0);
        let mut source = |offset: usize| {
            while let Some((decoded, source)) = self.jumps.get(jump).filter(|(decoded, _)| *decoded <= offset) {
                delta = source - decoded;
                jump += 1;
            }
            offset + delta
        };
        for span in spans {
            span.start = source(span.start);
            span.end = source(span.end);
        }
    }
}

/// Reads a JSON escape: its byte and its length.
fn escape(source: &[u8]) -> (u8, usize) {
    match source.get(1) {
        Some(b'u') => (source.get(2..6).and_then(hex).unwrap_or(FOREIGN), 6.min(source.len())),
        Some(b'n') => (b'\n', 2),
        Some(b'r') => (b'\r', 2),
        Some(b't') => (b'\t', 2),
        Some(b'b' | b'f') => (b' ', 2),
        Some(byte) => (*byte, 2),
        None => (b'\\', 1),
    }
}

/// Reads an escape of another notation inside a text, if there is one at its beginning.
fn embedded(source: &[u8]) -> Option<(u8, usize)> {
    match source {
        [b'%', high, low, ..] => Some((hex(&[*high, *low])?, 3)),
        [b'\\', b'u', digits @ ..] => Some((hex(digits.get(..4)?)?, 6)),
        [b'\\', b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(escape(source)),
        _ => None,
    }
}

/// The ASCII character with this hexadecimal number, `FOREIGN` beyond ASCII. `None` if the digits are not a number.
fn hex(digits: &[u8]) -> Option<u8> {
    let value = digits
        .iter()
        .try_fold(0u32, |sum, b| Some(sum << 4 | (*b as char).to_digit(16)?))?;
    Some(u8::try_from(value).ok().filter(u8::is_ascii).unwrap_or(FOREIGN))
}

/// Appends the spans of what must go from `text`, in ascending order and without overlaps. `base` is added to the
/// offsets.
pub fn find(text: &[u8], base: usize, spans: &mut Vec<Span>) {
    find_in(Sort::Text, text, base, spans);
}

/// The same for a text of which more is known.
pub fn find_in(sort: Sort, text: &[u8], base: usize, spans: &mut Vec<Span>) {
    let first = spans.len();
    search(sort, text, base, spans);
    let mut layers: Vec<Decoded> = Vec::new();
    while layers.len() < ESCAPE_LAYERS_MAX {
        let source = layers.last().map_or(text, |layer| &layer.bytes);
        let mut layer = Decoded::default();
        if memchr2(b'%', b'\\', source).is_none() || !layer.layer(source) {
            return;
        }
        let mut found = Vec::new();
        search(sort, &layer.bytes, 0, &mut found);
        layer.restore(&mut found);
        layers.iter().rev().for_each(|outer| outer.restore(&mut found));
        found
            .iter_mut()
            .for_each(|span| (span.start, span.end) = (span.start + base, span.end + base));
        merge(spans, first, found);
        layers.push(layer);
    }
}

/// What is found in a text as it stands, in the order that `find` promises.
fn search(sort: Sort, text: &[u8], base: usize, spans: &mut Vec<Span>) {
    steps::count(text.len());
    let first = spans.len();
    if sort != Sort::Secrets {
        address::find(text, base, spans);
    }
    if text.len() < SECRET_BYTES_MIN {
        return;
    }
    let mut found = Vec::new();
    token::find(text, base, &mut found);
    userinfo::find(text, base, &mut found);
    match sort {
        Sort::Url => parameter::find(text, base, parameter::Place::Url, &mut found),
        _ => parameter::find(text, base, parameter::Place::Text, &mut found),
    }
    match sort {
        Sort::Text | Sort::Description => {
            description::find_keys(text, base, &mut found);
            if sort == Sort::Description || description::is_in(text) {
                description::find(text, base, &mut found);
            }
        }
        Sort::Url | Sort::Secrets => {}
    }
    merge(spans, first, found);
}

/// Merges the spans from index `first` on with others. Where some overlap, one span covers them all.
pub fn merge(spans: &mut Vec<Span>, first: usize, found: Vec<Span>) {
    if found.is_empty() {
        return;
    }
    let mut all = spans.split_off(first);
    all.extend(found);
    all.sort_by_key(|span| span.start);
    for span in all {
        match spans.last_mut() {
            Some(last) if spans_overlap(last, &span) => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
}

fn spans_overlap(last: &Span, next: &Span) -> bool {
    next.start < last.end
}

/// Copies `text` to `out` with its spans replaced, and empties the list of spans.
pub fn apply(text: &[u8], spans: &mut Vec<Span>, out: &mut Vec<u8>) {
    let mut copied = 0;
    for span in spans.drain(..) {
        out.extend_from_slice(&text[copied..span.start]);
        span.mask.write(out);
        copied = span.end;
    }
    out.extend_from_slice(&text[copied..]);
}
