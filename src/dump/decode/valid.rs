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
        at += skip::separators(&line[at..]);
        match line.get(at) {
            Some(b'"') => {}
            Some(_) => return Ok(at + 1),
            None => return Ok(at),
        }
        at = match wire_key(&line[at + 1..]) {
            Some((digits, number)) => {
                let value = at + digits + 3;
                let end = value + value_length(&line[value..]);
                scratch.numbered(number, &(at + 1..at + 1 + digits), value..end, line)?;
                end
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

/// The digits and the value of a short number without leading zeros, if that is all of a name, and its value follows
/// without blanks.
#[inline]
fn wire_key(name: &[u8]) -> Option<(usize, usize)> {
    let bytes: &[u8; 8] = name.first_chunk()?;
    let digits = words::before_no_digit(u64::from_le_bytes(*bytes));
    let digit = |at: usize| usize::from(bytes[at] & 0xf);
    let number = match digits {
        1 => digit(0),
        2 => 10 * digit(0) + digit(1),
        3 => 100 * digit(0) + 10 * digit(1) + digit(2),
        _ => return None,
    };
    let is_whole = bytes[digits] == b'"' && bytes[digits + 1] == b':' && bytes[digits + 2] > b' ';
    (is_whole && (bytes[0] != b'0' || digits == 1)).then_some((digits, number))
}
