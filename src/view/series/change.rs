//! The changes of one value, as bytes: at which poll, and to what.
//!
//! ```text
//! change = varint(polls since the last change × 4 + TAG) value
//! value  = nothing | signed varint | signed varint | 8 bytes
//! ```
//!
//! Most changes of a call are counters that grow by less than 8,192 from one poll to the next: they take three bytes.
//! Numbers come back as they were, but for fractions of a millionth, which are rounded to nine digits at least.
use super::super::binary::{read_signed, read_varint, write_signed, write_varint};

const ABSENT: u64 = 0;
const INTEGER: u64 = 1;
const MICRO: u64 = 2;
const EXACT: u64 = 3;

/// Up to here a double has each integer.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

/// Where a writer or a reader of changes is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    poll: u32,
    value: f64,
}

impl Place {
    /// Before the first change: a value that is there from this poll on.
    pub fn new(poll: u32, value: f64) -> Place {
        Place { poll, value }
    }

    /// The poll of the last change.
    pub fn poll(&self) -> u32 {
        self.poll
    }

    /// The value that holds.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Appends a change. A value that is absent is NaN.
    pub fn write(&mut self, poll: u32, value: f64, out: &mut Vec<u8>) {
        let polls = u64::from(poll.saturating_sub(self.poll)) << 2;
        let before = if self.value.is_nan() { 0.0 } else { self.value };
        if value.is_nan() {
            write_varint(polls | ABSENT, out);
        } else if let Some((new, old)) = whole(value, 1.0).zip(whole(before.trunc(), 1.0)) {
            write_varint(polls | INTEGER, out);
            write_signed(new - old, out);
        } else if let Some((new, old)) = whole(value, MILLION).zip(micro(before)) {
            write_varint(polls | MICRO, out);
            write_signed(new - old, out);
        } else {
            write_varint(polls | EXACT, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        *self = Place { poll, value };
    }

    /// The next change.
    pub fn read(&mut self, bytes: &mut &[u8]) -> Option<(u32, f64)> {
        let first = read_varint(bytes)?;
        let before = if self.value.is_nan() { 0.0 } else { self.value };
        let value = match first & 3 {
            ABSENT => f64::NAN,
            INTEGER => (whole(before.trunc(), 1.0)? + read_signed(bytes)?) as f64,
            MICRO => (micro(before)? + read_signed(bytes)?) as f64 / MILLION,
            _ => {
                let (exact, rest) = bytes.split_first_chunk::<8>()?;
                *bytes = rest;
                f64::from_le_bytes(*exact)
            }
        };
        let poll = self.poll.saturating_add(u32::try_from(first >> 2).ok()?);
        *self = Place { poll, value };
        Some((poll, value))
    }
}

const MILLION: f64 = 1e6;

/// The number of such parts that a value is, if it is a whole one. Parts smaller than one may be off by the ninth
/// digit: sums of doubles are.
pub fn whole(value: f64, parts: f64) -> Option<i64> {
    let scaled = value * parts;
    let rounded = scaled.round();
    let is_same = scaled == rounded || (parts > 1.0 && (scaled - rounded).abs() <= 1e-9 * scaled.abs());
    (rounded.abs() < INTEGER_MAX && is_same).then_some(rounded as i64)
}

fn micro(value: f64) -> Option<i64> {
    let scaled = (value * MILLION).round();
    (scaled.abs() < INTEGER_MAX).then_some(scaled as i64)
}
