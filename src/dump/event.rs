//! Makes exactly one line of a dump out of one message, on the loop thread.
//!
//! No JSON is parsed here (except what begins like a closing line and is as short), and nothing is refused or dropped:
//! masking will show what a message is worth. The cost is a copy and a search for line feeds. Limits: a binary message
//! that is not text grows to at most six times its size (`\u0000` for a byte) before the dump's own limit is checked.
use std::io::Write;

use memchr::memchr2;

use super::header::read_close;

/// Appends a message as exactly one line including its LF.
///
/// Text stays as it came, with these exceptions. A line feed inside a string literal becomes `\n`; elsewhere it becomes
/// a blank, which means the same to a reader of JSON. The character U+0000, which JSON does not allow unescaped,
/// becomes `\u0000`. So a byte of value 0 in a dump's file always means that a power cut destroyed what had been
/// written there. Binary messages that are UTF-8 count as text. Others become `["binary",null,"…",0]`, where each byte
/// becomes the character U+0000 to U+00FF with the same number. A message that reads like the server's own closing line
/// gets a blank at its end. Otherwise, if a crash left it as the last line of a file, it would be taken for the seal
/// and be missing among the messages.
pub fn append_message(payload: &[u8], binary: bool, out: &mut Vec<u8>) {
    let begin = out.len();
    if binary && std::str::from_utf8(payload).is_err() {
        append_binary(payload, out);
    } else if memchr2(b'\n', 0, payload).is_some() {
        append_folded(payload, out);
    } else {
        out.extend_from_slice(payload);
    }
    let line = &out[begin..];
    if read_close(line).is_some() {
        out.push(b' ');
    }
    out.push(b'\n');
}

fn append_folded(payload: &[u8], out: &mut Vec<u8>) {
    let (mut literal, mut escaped) = (false, false);
    for byte in payload {
        match byte {
            b'\n' if literal && escaped => out.extend_from_slice(b"n"),
            b'\n' if literal => out.extend_from_slice(b"\\n"),
            b'\n' => out.push(b' '),
            0 => out.extend_from_slice(b"\\u0000"),
            byte => out.push(*byte),
        }
        literal ^= *byte == b'"' && !escaped;
        escaped = literal && *byte == b'\\' && !escaped;
    }
}

fn append_binary(payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"[\"binary\",null,\"");
    for byte in payload {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..0x20 => write!(out, "\\u{byte:04x}").expect("writing to a vector cannot fail"),
            0x20..0x80 => out.push(*byte),
            0x80.. => out.extend_from_slice(&[0xc0 | byte >> 6, 0x80 | byte & 0x3f]),
        }
    }
    out.extend_from_slice(b"\",0]");
}

#[cfg(test)]
mod tests;
