//! A client made of bytes: request head and frames as a browser sends them, written to the socket in pieces of any
//! size.
//!
//! It knows RFC 6455 only as far as a sender must, so that the server is not tested with the library that it is built
//! on. It does not wait for the answer to the upgrade, so the first frames may arrive together with the request head.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::client::PROTOCOL;
use super::wait::GUARD;

/// Chromium splits a longer message into frames of up to [`FRAGMENT_BYTES_MAX`] bytes.
pub const FRAGMENTED_BYTES: usize = 64 * 1024;
const FRAGMENT_BYTES_MAX: usize = 131_000;

pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;

/// Bytes to be sent.
#[derive(Default)]
pub struct Bytes {
    pub bytes: Vec<u8>,
    /// How many fragments end in the middle of a character.
    pub cut_characters: usize,
    frames: u32,
}

impl Bytes {
    /// An upgrade request. `target` and the additional header lines are sent unchanged.
    pub fn upgrade(target: &str, headers: &[(&str, &str)]) -> Bytes {
        let mut head = format!(
            "GET {target} HTTP/1.1\r\nHost: collector.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        );
        let with_protocol = headers.iter().any(|(name, _)| *name == "Sec-WebSocket-Protocol");
        let protocol = [("Sec-WebSocket-Protocol", PROTOCOL)];
        let offered = if with_protocol { &[][..] } else { &protocol };
        for (name, value) in headers.iter().chain(offered) {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        Bytes::plain(head)
    }

    /// Bytes as they are.
    pub fn plain(text: impl Into<Vec<u8>>) -> Bytes {
        Bytes {
            bytes: text.into(),
            ..Bytes::default()
        }
    }

    /// One text message, in one frame or, if it is long, in several. Where it is cut depends only on the message.
    pub fn text(&mut self, message: &str) {
        let mut rest = message.as_bytes();
        let mut opcode = TEXT;
        let mut random = message.len();
        while message.len() > FRAGMENTED_BYTES && rest.len() > 1 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let length = (1 + (random >> 33) % FRAGMENT_BYTES_MAX).min(rest.len() - 1);
            self.frame(opcode, &rest[..length]);
            rest = &rest[length..];
            self.cut_characters += usize::from(rest[0] & 0xc0 == 0x80);
            opcode = 0;
        }
        self.frame(opcode | 0x80, rest);
    }

    /// A close frame; with 1005, one without a code.
    pub fn close(&mut self, code: u16, reason: &str) {
        let mut payload = Vec::new();
        if code != 1005 {
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(reason.as_bytes());
        }
        self.frame(CLOSE | 0x80, &payload);
    }

    /// One masked frame. `first` is its first byte: FIN, reserved bits, opcode (RFC 6455, section 5.2).
    pub fn frame(&mut self, first: u8, payload: &[u8]) {
        self.frames += 1;
        self.bytes.push(first);
        match payload.len() {
            length @ 0..126 => self.bytes.push(0x80 | length as u8),
            length @ 126..65_536 => {
                self.bytes.push(0x80 | 126);
                self.bytes.extend_from_slice(&(length as u16).to_be_bytes());
            }
            length => {
                self.bytes.push(0x80 | 127);
                self.bytes.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        let key = self.frames.wrapping_mul(0x9e37_79b9).to_be_bytes();
        self.bytes.extend_from_slice(&key);
        self.bytes
            .extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    }

    /// Sends everything in pieces of `split` bytes and then ends the sending direction. Returns all that the server
    /// answers until it has closed. It is not an error if the server closes before everything is sent.
    pub fn send(&self, address: SocketAddr, split: usize) -> Vec<u8> {
        let mut stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.set_nodelay(true).expect("Nagle can be switched off");
        stream.set_read_timeout(Some(GUARD)).expect("a time limit can be set");
        let sent = self.bytes.chunks(split).try_for_each(|piece| stream.write_all(piece));
        if sent.is_ok() {
            // A reset by the server is an end as well.
            let _ = stream.shutdown(Shutdown::Write);
        }
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert_ne!(
                error.kind(),
                std::io::ErrorKind::WouldBlock,
                "the server does not close"
            );
        }
        answer
    }
}

/// The payload of the close frame at the end of an answer, if there is one. A server's frames are not masked, and a
/// close frame has fewer than 126 bytes.
pub fn close_payload(answer: &[u8]) -> Option<&[u8]> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let mut frames = &answer[head..];
    while let [first, length, rest @ ..] = frames {
        let payload = rest.get(..usize::from(*length))?;
        if *first == CLOSE | 0x80 {
            return Some(payload);
        }
        frames = &rest[payload.len()..];
    }
    None
}
