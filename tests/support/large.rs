//! Sessions that pack to tens of megabytes, so that their dumps go to a bucket in parts.
//!
//! Their letters are in no order that gzip could use. The messages are the same in each session.

use super::client::Client;
use super::server::Server;

pub const MEBIBYTE: usize = 1024 * 1024;

/// A dump that packs to this goes in three parts (`S3_SINGLE_BYTES_MAX` is 16 MiB, a part has 8).
pub const IN_PARTS: usize = 17 * MEBIBYTE;

/// So long that few messages are needed, and below the server's limit for one message.
pub const MESSAGE_BYTES: usize = 3 * MEBIBYTE;

/// This many letters in an order that gzip cannot use, 6 bits in each byte. The same number gives the same letters.
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

/// How many such texts pack to at least this size.
pub fn count(packed_bytes: usize) -> usize {
    // Some letters stand twice in the alphabet, so a byte packs to 5.2 bits at most.
    packed_bytes.div_ceil(MESSAGE_BYTES * 5 / 8)
}

/// Messages that pack to at least this size.
pub fn messages(packed_bytes: usize) -> Vec<String> {
    let message = |number| format!(r#"["custom",null,"{}",1]"#, letters(number, MESSAGE_BYTES));
    (0..count(packed_bytes)).map(message).collect()
}

/// Records a session that packs to at least this size and is closed regularly, and returns its messages.
pub fn session(server: &Server, packed_bytes: usize) -> Vec<String> {
    let messages = messages(packed_bytes);
    let mut client = Client::open(server.address(), "/");
    messages.iter().for_each(|message| client.send(message));
    client.close(None);
    messages
}
