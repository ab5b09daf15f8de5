//! The WebSocket protocol over an in-memory wire: bytes that have arrived go in, messages and frames to send come out.
//!
//! tungstenite's context does the protocol; this module gives it its stream and its limits, and decides how long it
//! lives. Between turns a wire with nothing unfinished keeps no context, so an idle one is a pointer and a flag. When
//! no bytes are left, the stream answers `WouldBlock`, never a read of 0: that would be the end of the stream, which is
//! for the driver to notice. Everything written is taken at once, so the context never holds output back.
//!
//! There are no sockets and no time here, and what to do about an end is decided elsewhere. Limits: [`Gate`] enforces
//! the message limit by frame headers. A context with an unfinished message can take up to about three times the bytes
//! that [`Wire::held`] counts, because buffers grow by doubling and a fragment is collected before it is appended.

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
    /// Our close frame has been sent. A new context must be told so.
    closing: bool,
}

/// What is needed for an unfinished message.
#[derive(Debug)]
struct Live {
    context: WebSocketContext,
    gate: Gate,
}

/// What was received.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A whole message.
    Message { payload: Bytes, binary: bool },
    /// A ping. Its answer has been appended to the output.
    Ping,
    /// The answer to a ping, or a pong that nobody asked for.
    Pong,
    /// The peer's close frame. The answer, if one is due, has been appended to the output. Nothing must be read after
    /// it.
    Close(CloseReason),
    /// The peer broke a rule. Nothing must be read after it.
    Broken(CloseReason),
    /// Nothing for now: the input is used up.
    Nothing,
}

impl Wire {
    /// Processes the input until there is one thing to report. Frames that are due are appended to `out`.
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

    /// Appends our close frame to `out`. The peer's frame is still to come.
    pub(super) fn close(&mut self, frame: CloseFrame, out: &mut Vec<u8>) {
        write_frame(Frame::close(Some(frame)), out);
        self.closing = true;
        if let Some(live) = &mut self.live {
            live.begin_closing();
        }
    }

    /// Bytes received of a message that is not complete yet.
    pub(super) fn held(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.gate.held())
    }

    #[cfg(test)]
    pub(super) fn has_context(&self) -> bool {
        self.live.is_some()
    }
}

/// Appends an empty ping. The context need not know of it, since any pong is accepted.
pub(super) fn write_ping(out: &mut Vec<u8>) {
    write_frame(Frame::ping(Bytes::new()), out);
}

/// Appends a close frame to a wire that will not be read again.
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
            // The gate decides which frames may be this long; this setting would apply to control frames as well.
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

    /// Tells the context that a close frame has been sent. The frame that the context itself writes for this is
    /// dropped.
    fn begin_closing(&mut self) {
        let mut nowhere = Vec::new();
        let mut stream = Stream {
            input: &mut &[][..],
            out: &mut nowhere,
            gate: &mut self.gate,
            message_bytes: 0,
        };
        // This cannot fail: nothing is held back, and the stream takes everything.
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
                // Writes the answer to the peer's close frame. The error that it returns is the regular end.
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

/// What the context uses as its socket.
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
