//! The double that is nearest to a JSON number (RFC 8259, section 6).
//!
//! Most numbers of dumps are integers or short decimals: their digits and the power of ten are doubles without an
//! error, so one division rounds rightly. All others take the way of the standard library, with the same result.

use crate::dump::scan::words;

/// Integers up to here are doubles (2^53).
const EXACT: u64 = 1 << 53;

/// So many digits fit an integer of 64 bits.
const DIGITS_MAX: usize = 19;

/// The powers of ten that are doubles, as far as they are needed.
const POWERS: [f64; DIGITS_MAX + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
];

const WHOLE_POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// `raw` is a number. What is beyond all doubles is infinite.
#[inline]
pub fn nearest(raw: &[u8]) -> Option<f64> {
    if raw.len() <= 8 {
        let word = words::first(raw);
        if words::before_no_digit(word) == raw.len() {
            return Some(words::number(word, raw.len()) as f64);
        }
    }
    short(raw).or_else(|| std::str::from_utf8(raw).ok()?.parse().ok())
}

/// The same for digits, perhaps with a fraction, that make an integer which is a double. `None` for all others.
fn short(raw: &[u8]) -> Option<f64> {
    let (sign, text) = match raw {
        [b'-', text @ ..] => (-1.0, text),
        text => (1.0, text),
    };
    if text.len() > DIGITS_MAX {
        return None;
    }
    let (integer, rest) = with_digits(0, text);
    let (integer, fraction, rest) = match rest {
        [b'.', digits @ ..] => {
            let (integer, rest) = with_digits(integer, digits);
            (integer, digits.len(), rest)
        }
        rest => (integer, 0, rest),
    };
    (rest.is_empty() && integer <= EXACT).then(|| sign * (integer as f64 / POWERS[fraction]))
}

/// The integer with these digits behind its own, and what follows them.
fn with_digits(mut integer: u64, mut text: &[u8]) -> (u64, &[u8]) {
    while let Some(word) = text.first_chunk() {
        let word = u64::from_le_bytes(*word);
        let count = words::before_no_digit(word);
        integer = integer * WHOLE_POWERS[count] + words::number(word, count);
        text = &text[count..];
        if count < 8 {
            return (integer, text);
        }
    }
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        integer = integer * 10 + u64::from(digit - b'0');
        text = rest;
    }
    (integer, text)
}
