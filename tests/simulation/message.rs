//! What simulated clients send: messages of every kind, each with the line that a delivered dump must have for it, and
//! the frames (RFC 6455, section 5.2) in which they are sent.
//!
//! The expected lines are written down here and not computed by the server's code. They hold nothing that masking
//! changes.

use super::random::Random;

/// One message and its line in the dump.
#[derive(Clone, Debug)]
pub struct Message {
    pub payload: Vec<u8>,
    pub binary: bool,
    /// Without its LF.
    pub line: Vec<u8>,
}

impl Message {
    /// A message that contains its own name, in one of the forms that clients, or their mistakes, give to messages.
    pub fn random(random: &mut Random, client: usize, number: usize) -> Message {
        let name = format!("c{client} m{number}");
        match random.below(16) {
            0 => text(
                &format!("[\"note\",null,\"{name}\nnext\",5]"),
                &format!("[\"note\",null,\"{name}\\nnext\",5]"),
            ),
            1 => text(
                &format!("[\"note\",\nnull,\n\"{name}\",5]\n"),
                &format!("[\"note\", null, \"{name}\",5] "),
            ),
            2 => unparsed(&format!("{name} is no JSON")),
            3 => unparsed("RTCStatsDump"),
            4 => unparsed(""),
            5 => odd_bytes(&name),
            6 => Message {
                binary: true,
                ..same(&name, "as bytes")
            },
            7 => {
                let length = random.between(1000, 15_000);
                same(&name, &"x".repeat(length))
            }
            8 => same(&name, &"zwölf Öre für 12 € 🦀 ".repeat(random.between(1, 40))),
            9 => text(r#"["close",null,1000,17]"#, r#"["close",null,1000,17]"#),
            10 => forged(r#"["close",null,1000,{"end":1,"recovered":false},17]"#),
            _ => same(&name, ""),
        }
    }
}

fn text(payload: &str, line: &str) -> Message {
    Message {
        payload: payload.as_bytes().to_vec(),
        binary: false,
        line: line.as_bytes().to_vec(),
    }
}

/// An event that a page has defined. It comes out exactly as it went in.
fn same(name: &str, more: &str) -> Message {
    let event = format!("[\"note\",null,\"{name} {more}\",5]");
    text(&event, &event)
}

/// Not a JSON array: packing keeps the text as an event.
fn unparsed(content: &str) -> Message {
    text(content, &format!("[\"unparsed\",null,\"{content}\",0]"))
}

/// A line such as the server itself writes at the end; a blank distinguishes it.
fn forged(event: &str) -> Message {
    text(event, &format!("{event} "))
}

/// Bytes that are not text. Each comes out as the character with its number.
fn odd_bytes(name: &str) -> Message {
    Message {
        payload: [name.as_bytes(), &[0xff, 0x00, b'"', b'\\', b'\n', 0x80]].concat(),
        binary: true,
        line: format!("[\"binary\",null,\"{name}\u{ff}\\u0000\\\"\\\\\\u000a\u{80}\",0]").into_bytes(),
    }
}

pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// A frame as a client sends it, masked.
pub fn frame(random: &mut Random, opcode: u8, last: bool, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![opcode | if last { 0x80 } else { 0 }];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    let key = (random.next() as u32).to_be_bytes();
    bytes.extend_from_slice(&key);
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// The payload of a close frame.
pub fn close_payload(code: u16) -> Vec<u8> {
    [&code.to_be_bytes()[..], b"bye"].concat()
}

/// Takes one frame of the server off the front of `bytes`: opcode and payload. The server sends only control frames,
/// unmasked.
pub fn take_frame(bytes: &mut Vec<u8>) -> Result<Option<(u8, Vec<u8>)>, String> {
    let &[first, length, ..] = &bytes[..] else {
        return Ok(None);
    };
    if first & 0xf0 != 0x80 || length > 125 {
        return Err(format!(
            "the server sent a frame that begins with {first:#x} {length:#x}"
        ));
    }
    let end = 2 + usize::from(length);
    if bytes.len() < end {
        return Ok(None);
    }
    let payload = bytes[2..end].to_vec();
    bytes.drain(..end);
    Ok(Some((first & 0x0f, payload)))
}
