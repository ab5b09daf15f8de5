//! Finds the parts of a line that is known to be JSON, as one that has been masked is.
//!
//! Nothing is checked again, so most bytes are passed eight at a time or more. A line that is no JSON after all gives
//! nonsense, but no failure. For JSON, the parts and the limits are those of `frame`.
use std::ops::Range;

use super::frame::{Frame, NoFrame, Scratch};
use crate::dump::json::skip;
use crate::dump::scan::words;

/// Looks at one line.
pub fn read(line: &[u8], scratch: &mut Scratch) -> Result<Frame, NoFrame> {
    scratch.clear();
    let mut frame = Frame::default();
    let mut at = skip::separators(line);
    if line.get(at) != Some(&b'[') {
        return Err(NoFrame::Other);
    }
    at += 1;
    let (mut count, mut last) = (0, 0..0);
    loop {
        let start = at + skip::separators(&line[at..]);
        let end = if frame.has_reports(count, line.get(start).copied()) {
            scratch.is_report = true;
            members(line, start, scratch)?
        } else {
            start + skip::length(&line[start..])
        };
        if end == start {
            break;
        }
        at = end;
        last = start..end;
        frame.add(line, count, &last);
        count += 1;
    }
    frame.end(line, count, last, at);
    Ok(frame)
}

/// Takes the value of a getStats apart, whose brace is at `start`. Tells where it ends.
fn members(line: &[u8], start: usize, scratch: &mut Scratch) -> Result<usize, NoFrame> {
    object(line, start, |name, start| {
        let first = scratch.properties.len();
        let end = if line.get(start) == Some(&b'{') {
            properties(line, start, scratch)?
        } else {
            start + skip::length(&line[start..])
        };
        scratch.member(name, start..end, first)?;
        Ok(end)
    })
}

/// Takes a report apart, whose brace is at `start`. Tells where it ends.
fn properties(line: &[u8], start: usize, scratch: &mut Scratch) -> Result<usize, NoFrame> {
    let mut at = start + 1;
    loop {
        // A comma is all that mostly stands between them.
        at += usize::from(line.get(at) == Some(&b','));
        if line.get(at) != Some(&b'"') {
            at += skip::separators(&line[at..]);
        }
        match line.get(at) {
            Some(b'"') => {}
            Some(_) => return Ok(at + 1),
            None => return Ok(at),
        }
        at = match short(&line[at..]) {
            Some(Short { number, value, end }) => {
                scratch.numbered(number, &(at + 1..at + value - 2), at + value..at + end, line)?;
                at + end
            }
            None => {
                let (name, value) = name(line, at);
                let end = value + value_length(&line[value..]);
                scratch.property(line, &name, value..end)?;
                end
            }
        };
    }
}

#[inline]
fn value_length(value: &[u8]) -> usize {
    match value.first() {
        Some(b'"' | b'{' | b'[') => skip::length(value),
        _ => skip::scalar(value),
    }
}

/// The name whose quote is at `at`, and where its value begins.
#[inline]
fn name(line: &[u8], at: usize) -> (Range<usize>, usize) {
    let behind = at + skip::string(&line[at..]);
    let name = at + 1..(behind - 1).max(at + 1);
    (name, behind + skip::separators(&line[behind..]))
}

/// Goes through an object. `member` is given the name of each member and where its value begins, and tells where that
/// ends. Tells where the object ends.
#[inline]
fn object(
    line: &[u8],
    start: usize,
    mut member: impl FnMut(Range<usize>, usize) -> Result<usize, NoFrame>,
) -> Result<usize, NoFrame> {
    let mut at = start + 1;
    loop {
        at += skip::separators(&line[at..]);
        match line.get(at) {
            Some(b'"') => {}
            Some(_) => return Ok(at + 1),
            None => return Ok(at),
        }
        let (name, value) = name(line, at);
        at = member(name, value)?;
    }
}

/// A property that is named by a wire key, without blanks.
struct Short {
    number: usize,
    /// Where its value begins and ends.
    value: usize,
    end: usize,
}

/// So many bytes are looked at for it: most such properties are shorter.
const WINDOW: usize = 32;

/// The property at the beginning of the text, if it is such a one.
#[inline]
fn short(text: &[u8]) -> Option<Short> {
    let window: &[u8; WINDOW] = text.first_chunk()?;
    let name = word(window, 1);
    let digits = words::before_no_digit(name);
    let (number, value) = match digits {
        1 => (words::number(name, 1), 4),
        2 => (words::number(name, 2), 5),
        3 => (words::number(name, 3), 6),
        _ => return None,
    };
    let is_whole = (name >> (8 * digits)) & 0xffff == QUOTE_COLON && (digits == 1 || window[1] != b'0');
    let end = match window[value] {
        0..=b' ' => return None,
        b'"' | b'{' | b'[' => value + skip::length(&text[value..]),
        _ => short_end(window, value).unwrap_or_else(|| value + skip::scalar(&text[value..])),
    };
    is_whole.then_some(Short {
        number: number as usize,
        value,
        end,
    })
}

/// Where the number or literal ends that begins there, if that is soon.
#[inline]
fn short_end(window: &[u8; WINDOW], mut at: usize) -> Option<usize> {
    for _ in 0..3 {
        let before = words::before_end(word(window, at));
        at += before;
        if before < 8 {
            return Some(at);
        }
    }
    None
}

/// Eight bytes of the window; zeros if it has no more.
#[inline]
fn word(window: &[u8; WINDOW], at: usize) -> u64 {
    let bytes = window.get(at..).and_then(<[u8]>::first_chunk);
    u64::from_le_bytes(bytes.copied().unwrap_or_default())
}

/// A quote and a colon, as the lower bytes of a word.
const QUOTE_COLON: u64 = u16::from_le_bytes(*b"\":") as u64;
