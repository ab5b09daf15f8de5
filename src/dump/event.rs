//! Makes exactly one line of a dump out of one message, on the loop thread.
//!
//! No JSON is parsed here (but for what is as short as a closing line and begins like one) and nothing is refused or
//! dropped: what a message is worth is seen when it is masked. The cost is a copy and a search for line feeds. Limits:
//! a binary message that is no text grows, at worst to six times its size (`\u0000` for a byte), before the dump's own
//! bound is looked at.
use std::io::Write;

use memchr::memchr2;

use super::header::read_close;

/// Appends a message as exactly one line including its LF.
///
/// Text goes as it came. A line feed inside a string literal becomes `\n`, elsewhere a blank, which is the same to a
/// reader of JSON. The character U+0000, which JSON does not allow as such, becomes `\u0000`: in a file of a dump a
/// byte of value 0 then means that a power cut took what had been written there. Binary messages that are UTF-8 are
/// text; others become `["binary",null,"…",0]`, where each byte is the character U+0000 to U+00FF of the same number.
/// What would read as the server's own closing line gets a blank at its end: left last in a file by a crash, it would
/// be taken for the seal, and missed among the messages.
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
