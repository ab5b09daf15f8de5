//! The WebSocket protocol over an in-memory wire: what has arrived goes in, messages and frames to send come out.
//!
//! tungstenite's context does the protocol; here it gets its stream, its limits and its lifetime. Between turns a
//! wire with nothing unfinished keeps no context: an idle one is a pointer and a flag. No bytes left means
//! `WouldBlock`, never a read of 0, which would be the end of the stream: that is for the driver to notice.
//! Everything written is taken at once, so that the context never holds output back. Never here: sockets, time,
//! the choice of what to do about an end. Limits: the message limit, by frame header, through [`Gate`]. A context
//! with an unfinished message can take up to about three times the bytes that [`Wire::held`] counts, since
//! buffers grow by doubling and a fragment is collected before it is appended.
use std::io::{self, Read, Write};

use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Bytes, Error};

use super::close::CloseReason;
use super::gate::Gate;
use crate::limits::{CONTROL_FRAME_BYTES_MAX, WIRE_READ_BYTES, WIRE_WRITE_BYTES_MAX};

/// One peer's WebSocket.
#[derive(Debug, Default)]
pub(super) struct Wire {
    live: Option<Box<Live>>,
    /// Our close frame has been sent; a new context must know.
    closing: bool,
}

/// What an unfinished message needs.
#[derive(Debug)]
struct Live {
    context: WebSocketContext,
    gate: Gate,
}

/// What came over the wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A whole message.
    Message { payload: Bytes, binary: bool },
    /// A ping; its answer is in the output.
    Ping,
    /// The answer to a ping, asked for or not.
    Pong,
    /// The peer's close frame; the answer, where one is due, is in the output. Nothing is to be read after it.
    Close(CloseReason),
    /// The peer broke a rule. Nothing is to be read after it.
    Broken(CloseReason),
    /// Nothing more for now: the input is used up.
    Nothing,
}

impl Wire {
    /// Takes in the input until it makes one thing to report. Frames that are due go to the end of `out`.
    pub(super) fn hear(&mut self, input: &mut &[u8], out: &mut Vec<u8>, message_bytes: usize) -> Heard {
        if self.live.is_none() && input.is_empty() {
            return Heard::Nothing;
        }
        let closing = self.closing;
        let live = self.live.get_or_insert_with(|| Live::new(message_bytes, closing));
        let heard = live.hear(input, out, message_bytes);
        if heard == Heard::Nothing && live.gate.at_rest() {
            self.live = None;
        }
        heard
    }

    /// Appends our close frame to `out`. The peer's is still to come.
    pub(super) fn close(&mut self, frame: CloseFrame, out: &mut Vec<u8>) {
        write_frame(Frame::close(Some(frame)), out);
        self.closing = true;
        if let Some(live) = &mut self.live {
            live.begin_closing();
        }
    }

    /// Bytes received that belong to no whole message yet.
    pub(super) fn held(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.gate.held())
    }

    #[cfg(test)]
    pub(super) fn has_context(&self) -> bool {
        self.live.is_some()
    }
}

/// Appends an empty ping. The context need not know: any pong is welcome.
pub(super) fn write_ping(out: &mut Vec<u8>) {
    write_frame(Frame::ping(Bytes::new()), out);
}

/// Appends a close frame for a wire that is not going to be read again.
pub(super) fn write_close(frame: CloseFrame, out: &mut Vec<u8>) {
    write_frame(Frame::close(Some(frame)), out);
}

fn write_frame(frame: Frame, out: &mut Vec<u8>) {
    frame.format(out).expect("writing to a vector cannot fail");
}

impl Live {
    fn new(message_bytes: usize, closing: bool) -> Box<Live> {
        let config = WebSocketConfig::default()
            .read_buffer_size(WIRE_READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(WIRE_WRITE_BYTES_MAX)
            .max_message_size(Some(message_bytes))
            // The gate knows what may be this long; here it would count for control frames as well.
            .max_frame_size(Some(message_bytes.max(CONTROL_FRAME_BYTES_MAX)));
        let context = WebSocketContext::new(Role::Server, Some(config));
        let mut live = Box::new(Live {
            context,
            gate: Gate::default(),
        });
        if closing {
            live.begin_closing();
        }
        live
    }

    /// Tells the context that a close frame has been sent; its own copy of the frame goes nowhere.
    fn begin_closing(&mut self) {
        let mut nowhere = Vec::new();
        let mut stream = Stream {
            input: &mut &[][..],
            out: &mut nowhere,
            gate: &mut self.gate,
            message_bytes: 0,
        };
        // Cannot fail: nothing is held back, and the stream takes everything.
        let _ = self.context.close(&mut stream, None);
    }

    fn hear(&mut self, input: &mut &[u8], out: &mut Vec<u8>, message_bytes: usize) -> Heard {
        let mut stream = Stream {
            input,
            out,
            gate: &mut self.gate,
            message_bytes,
        };
        match self.context.read(&mut stream) {
            Ok(Message::Text(text)) => Heard::Message {
                payload: text.into(),
                binary: false,
            },
            Ok(Message::Binary(payload)) => Heard::Message { payload, binary: true },
            Ok(Message::Ping(_)) => {
                // Writes the pong, which would otherwise wait for the next read.
                let _ = self.context.flush(&mut stream);
                Heard::Ping
            }
            Ok(Message::Pong(_)) => Heard::Pong,
            Ok(Message::Close(frame)) => {
                // Writes the answer to the peer's close frame; the error it returns is the regular end.
                let _ = self.context.flush(&mut stream);
                Heard::Close(CloseReason::of_peer(frame))
            }
            Ok(Message::Frame(_)) => Heard::Broken(CloseReason::Internal),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                self.gate.broken().map_or(Heard::Nothing, Heard::Broken)
            }
            Err(error) => Heard::Broken(CloseReason::of_error(&error)),
        }
    }
}

/// What the context takes for its socket.
struct Stream<'a, 'b> {
    input: &'a mut &'b [u8],
    out: &'a mut Vec<u8>,
    gate: &'a mut Gate,
    message_bytes: usize,
}

impl Read for Stream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let offered = &self.input[..self.input.len().min(buffer.len())];
        let passed = self.gate.pass(offered, self.message_bytes);
        if passed == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        buffer[..passed].copy_from_slice(&offered[..passed]);
        *self.input = &self.input[passed..];
        Ok(passed)
    }
}

impl Write for Stream<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
