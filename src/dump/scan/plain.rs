//! Finds where a plain part of a string ends: at its quote, at an escape, or at what no string may contain.

/// Whether a text with this byte must be searched by the masking. Everything that `mask::text` finds has at least one
/// such byte: an address has a dot or a colon, a token a dot, a parameter a question mark or a hash in front, a key a
/// colon, and what is percent-encoded has its percent sign. The scanner notices escapes of JSON, which separate lines.
/// Has no branches, so that many bytes can be tested at once.
pub const fn is_suspect(byte: u8) -> bool {
    (byte == b'.') | (byte == b':') | (byte == b'%') | (byte == b'?') | (byte == b'#')
}

const STOP: u8 = 1;
const SUSPECT: u8 = 2;
const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let (mut class, mut byte) = ([0; 256], 0);
    while byte < 256 {
        class[byte] = if stops(byte as u8) {
            STOP
        } else if is_suspect(byte as u8) {
            SUSPECT
        } else {
            0
        };
        byte += 1;
    }
    class
}

/// True for bytes that end a plain part of a string. Has no branches, so that many bytes can be tested at once.
const fn stops(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// The number of bytes before one that stops a string, and whether one of these is suspect. Most strings are a few
/// bytes long, but most bytes are in long strings. So the first bytes of a string are looked up one by one, and the
/// rest in blocks, for which the compiler uses vector instructions.
pub fn first(bytes: &[u8]) -> (usize, bool) {
    const BLOCK: usize = 64;
    let (head, rest) = bytes.split_at(bytes.len().min(BLOCK));
    let (mut at, mut suspect) = one_by_one(head);
    if at < head.len() {
        return (at, suspect);
    }
    for block in rest.chunks_exact(BLOCK) {
        if block.iter().fold(false, |any, byte| any | stops(*byte)) {
            break;
        }
        suspect |= block.iter().fold(false, |any, byte| any | is_suspect(*byte));
        at += BLOCK;
    }
    let (length, last) = one_by_one(&bytes[at..]);
    (at + length, suspect | last)
}

fn one_by_one(bytes: &[u8]) -> (usize, bool) {
    let mut seen = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let class = CLASS[usize::from(*byte)];
        if class & STOP != 0 {
            return (at, seen & SUSPECT != 0);
        }
        seen |= class;
    }
    (bytes.len(), seen & SUSPECT != 0)
}

/// The number of bytes before one that stops a string that is suspect anyway, because it has an escape. Such a string
/// is a description most often, whose lines are too short for blocks. So eight bytes are looked at as one number.
pub fn further(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (number, word) in words.iter().enumerate() {
        let stops = stops_of(u64::from_le_bytes(*word));
        if stops != 0 {
            return 8 * number + stops.trailing_zeros() as usize / 8;
        }
    }
    let length = rest.iter().position(|byte| stops(*byte)).unwrap_or(rest.len());
    8 * words.len() + length
}

/// The highest bit of each byte that stops a string. There may be more bits, but only above a byte that does stop it.
fn stops_of(word: u64) -> u64 {
    // With their values exchanged, the quote stands next to what is below the blank.
    const EXCHANGE: u8 = b'"' ^ b' ';
    below(word ^ each(EXCHANGE), b' ' + 1) | below(word ^ each(b'\\'), 1)
}

/// The same for bytes below a limit of at most 128.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(each(limit)) & !word & each(0x80)
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same for both, byte by byte.
    fn simple(bytes: &[u8]) -> (usize, bool) {
        let length = bytes.iter().position(|byte| stops(*byte)).unwrap_or(bytes.len());
        (length, bytes[..length].iter().any(|byte| is_suspect(*byte)))
    }

    #[test]
    fn each_byte_counts_at_each_place_and_beside_each_other() {
        const SPECIAL: &[u8] = b"\0\x1f !\"#$%&-./09:;<>?@A[\\]az~\x7f\x80\xa2\xae\xdc\xff";
        for (length, beside) in [(19, SPECIAL), (150, b"a.\"")] {
            let plain = vec![b'a'; length];
            for (at, byte) in (0..length).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
                let mut bytes = plain.clone();
                bytes[at] = byte;
                for special in beside {
                    bytes[(at + 1) % length] = *special;
                    assert_eq!(first(&bytes), simple(&bytes), "{bytes:?}");
                    assert_eq!(further(&bytes), simple(&bytes).0, "{bytes:?}");
                }
            }
            assert_eq!((first(&plain), further(&plain)), ((length, false), length));
        }
    }
}
