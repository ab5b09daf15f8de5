//! Messages that gzip cannot make small, for dumps that go to a bucket in parts.

/// Enough that a dump of 16 MiB takes few messages, and below the server's limit for one.
const MESSAGE_BYTES: usize = 3 * 1024 * 1024;

/// Messages that pack to at least this. The letters repeat in the alphabet, so that a byte packs to 5.2 bits at most.
pub fn messages(packed_bytes: usize) -> Vec<String> {
    (0..packed_bytes.div_ceil(MESSAGE_BYTES * 5 / 8)).map(message).collect()
}

/// A message of letters without an order that gzip would find: 6 bits in each byte.
fn message(number: usize) -> String {
    format!(r#"["custom",null,"{}",1]"#, letters(number, MESSAGE_BYTES))
}

/// So many letters of that kind, others for each number.
pub fn letters(number: usize, count: usize) -> String {
    const LETTERS: &[u8; 64] = b"ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZghijklmnopGHIJKLMNOPqrst";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number as u64 + 1);
    let letters = (0..count).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(LETTERS[(state >> 40) as usize % 64])
    });
    letters.collect()
}
