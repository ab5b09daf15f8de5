//! A socket to the server with nothing in between: requests and frames are made and read byte by byte.
//!
//! It is for what a well-behaved client cannot do: split a head, break the framing, stay silent, never read. Frames are
//! masked with zeros, which RFC 6455 allows and which leaves payloads readable in a capture.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::client::PROTOCOL;
use super::wait::GUARD;

pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// One frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub opcode: u8,
    pub payload: Vec<u8>,
}

impl Frame {
    /// The code in a close frame.
    pub fn code(&self) -> Option<u16> {
        (self.opcode == CLOSE && self.payload.len() >= 2)
            .then(|| u16::from_be_bytes([self.payload[0], self.payload[1]]))
    }
}

/// A connection, with the bytes that were received but not used yet.
pub struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
}

/// The head of an upgrade request, with additional header lines (each with its CRLF).
pub fn upgrade(path: &str, further: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{further}\r\n"
    )
    .into_bytes()
}

/// A whole message in one frame.
pub fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    fragment(0x80 | opcode, payload)
}

/// A frame with this first byte. The caller sets its final bit.
pub fn fragment(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = frame_head(first, payload.len());
    bytes.extend_from_slice(payload);
    bytes
}

/// A frame without its payload.
pub fn frame_head(first: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(0x80 | length as u8),
        126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Raw {
        Raw::try_connect(address).expect("the server accepts connections")
    }

    pub fn try_connect(address: SocketAddr) -> std::io::Result<Raw> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(GUARD))?;
        stream.set_write_timeout(Some(GUARD))?;
        stream.set_nodelay(true)?;
        Ok(Raw {
            stream,
            received: Vec::new(),
        })
    }

    /// Connects and upgrades.
    pub fn open(address: SocketAddr) -> Raw {
        Raw::try_open(address).unwrap_or_else(|answer| panic!("the upgrade was answered with: {answer}"))
    }

    /// Connects and asks for an upgrade. The error is any other answer.
    pub fn try_open(address: SocketAddr) -> Result<Raw, String> {
        let mut raw = Raw::try_connect(address).map_err(|error| error.to_string())?;
        // A server that refuses before it has read everything breaks the connection; its answer shows that.
        let _ = raw.try_write(&upgrade("/", &format!("Sec-WebSocket-Protocol: {PROTOCOL}\r\n")));
        let head = raw.head();
        if head.starts_with("HTTP/1.1 101 ") {
            Ok(raw)
        } else {
            Err(head)
        }
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.try_write(bytes).expect("the server takes bytes");
    }

    pub fn try_write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends one text message.
    pub fn text(&mut self, line: &str) {
        self.write(&frame(TEXT, line.as_bytes()));
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) {
        self.stream
            .shutdown(Shutdown::Write)
            .expect("the connection is still there");
    }

    /// Sends a ping and waits for its pong. What comes before the pong is dropped.
    pub fn sync(&mut self) {
        self.write(&frame(PING, b"sync"));
        let pong = Frame {
            opcode: PONG,
            payload: b"sync".to_vec(),
        };
        while self.frame().expect("the server answers a ping") != pong {}
    }

    /// A response head, or the part of it that came before the stream ended.
    pub fn head(&mut self) -> String {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.receive() {
                break self.received.len();
            }
        };
        let head = self.received.drain(..end).collect();
        String::from_utf8(head).expect("a response head is text")
    }

    /// Everything up to the end of the stream, as text.
    pub fn rest(&mut self) -> String {
        while self.receive() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned()
    }

    /// The next frame, or `None` when the stream has ended.
    pub fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.take_frame() {
                return Some(frame);
            }
            if !self.receive() {
                return None;
            }
        }
    }

    /// The next frame, if it has already arrived.
    pub fn frame_now(&mut self) -> Option<Frame> {
        let wait = |stream: &TcpStream, time| stream.set_read_timeout(time).expect("a time limit can be set");
        wait(&self.stream, Some(Duration::from_millis(1)));
        let mut chunk = [0; 4096];
        if let Ok(count) = self.stream.read(&mut chunk) {
            self.received.extend_from_slice(&chunk[..count]);
        }
        wait(&self.stream, Some(GUARD));
        self.take_frame()
    }

    /// Reads until the server has closed, and returns the code of its close frame, if there was one.
    pub fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(frame) = self.frame() {
            code = code.or(frame.code());
        }
        code
    }

    /// Reads up to the server's close frame, and answers it as a client must.
    pub fn told(&mut self) -> Option<u16> {
        while let Some(next) = self.frame() {
            if next.opcode == CLOSE {
                let _ = self.try_write(&frame(CLOSE, &next.payload));
                return next.code();
            }
        }
        None
    }

    fn take_frame(&mut self) -> Option<Frame> {
        let (&first, &second) = (self.received.first()?, self.received.get(1)?);
        // This server sends only control frames: unmasked, short, final.
        assert!(
            first & 0x80 != 0 && second <= 125,
            "not a control frame: {first:#x} {second:#x}"
        );
        let end = 2 + usize::from(second);
        if self.received.len() < end {
            return None;
        }
        let bytes: Vec<u8> = self.received.drain(..end).collect();
        Some(Frame {
            opcode: first & 0x0f,
            payload: bytes[2..].to_vec(),
        })
    }

    /// Waits for more bytes. False at the end of the stream; a reset counts as an end.
    fn receive(&mut self) -> bool {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk) {
            Ok(count) => {
                self.received.extend_from_slice(&chunk[..count]);
                count > 0
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                panic!("the server sent nothing for {} s", GUARD.as_secs())
            }
            Err(_) => false,
        }
    }
}
