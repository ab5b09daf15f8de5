//! Looks at eight bytes at once, without a loop, so that no branch depends on how long a name or a number is.

/// 1, or the highest bit, in each byte.
const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES * 0x80;

/// How many words of eight bytes are looked at before a string counts as long.
pub const SHORT: usize = 4;

/// How many of eight bytes stand before one that stops a string. Only the first such byte is found for certain, which
/// is the lowest bit.
#[inline]
pub const fn before_stop(word: u64) -> usize {
    let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    let quotes = quote.wrapping_sub(ONES) & !quote;
    let backslashes = backslash.wrapping_sub(ONES) & !backslash;
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    ((quotes | backslashes | controls) & HIGH).trailing_zeros() as usize / 8
}

/// How many of eight bytes stand before one that may stand behind a number or a literal: a comma, a bracket, a brace,
/// or what is no visible character.
#[inline]
pub const fn before_end(word: u64) -> usize {
    // With this bit, both closing brackets are the same, and no other byte of a number or literal becomes one of these.
    let folded = word | (ONES * 0x20);
    let (comma, close) = (folded ^ (ONES * b',' as u64), folded ^ (ONES * b'}' as u64));
    let commas = comma.wrapping_sub(ONES) & !comma;
    let closes = close.wrapping_sub(ONES) & !close;
    let blanks = word.wrapping_sub(ONES * 0x21) & !word;
    ((commas | closes | blanks) & HIGH).trailing_zeros() as usize / 8
}

/// How many of eight bytes are digits before the first one that is not.
#[inline]
pub const fn before_no_digit(word: u64) -> usize {
    let value = word ^ (ONES * b'0' as u64);
    ((value | ((value & !HIGH) + ONES * 0x76)) & HIGH).trailing_zeros() as usize / 8
}

/// The number that the first `count` of eight bytes are, if these are digits.
#[inline]
pub const fn number(word: u64, count: usize) -> u64 {
    if count == 0 {
        return 0;
    }
    // What is in front are zeros then.
    let digits = (word ^ (ONES * b'0' as u64)) << (64 - 8 * count);
    let pairs = (digits.wrapping_mul(10) + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff
}

/// The first eight bytes, or all and zeros behind them.
#[inline]
pub fn first(bytes: &[u8]) -> u64 {
    let four = |bytes: [u8; 4]| u64::from(u32::from_le_bytes(bytes));
    match (bytes.first_chunk(), bytes.first_chunk(), bytes.last_chunk()) {
        (Some(eight), ..) => u64::from_le_bytes(*eight),
        // They overlap in bytes that are the same.
        (None, Some(first), Some(last)) => four(*first) | four(*last) << (8 * (bytes.len() - 4)),
        _ => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}
