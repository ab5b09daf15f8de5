//! A blocking WebSocket client as simple as the browser's: it offers `rtcstats#5.0`, sends lines and closes.
//!
//! It reads with a time limit, so that a server that does not answer fails the test instead of hanging it.

use std::io::{ErrorKind, Read, Result as IoResult, Write};
use std::net::{SocketAddr, TcpStream};

use tungstenite::client::IntoClientRequest;
use tungstenite::http::{HeaderName, HeaderValue};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tungstenite::{Error, HandshakeError, Message, WebSocket};

use super::wait::GUARD;

/// The sub-protocol that this client offers.
pub const PROTOCOL: &str = "rtcstats#5.0";

/// A socket that repeats a call when the system interrupts it. That happens to calls with a time limit whenever this
/// process was stopped for a moment, and the WebSocket library would take it for the end of the stream.
struct Steady(TcpStream);

impl Read for Steady {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        steadily(|| self.0.read(buffer))
    }
}

impl Write for Steady {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        steadily(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> IoResult<()> {
        self.0.flush()
    }
}

fn steadily(mut call: impl FnMut() -> IoResult<usize>) -> IoResult<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// An open WebSocket to the server.
pub struct Client {
    socket: WebSocket<Steady>,
    pings: u32,
}

impl Client {
    /// Opens a session on `path` (with its query).
    pub fn open(address: SocketAddr, path: &str) -> Client {
        Client::open_with(address, path, &[]).unwrap_or_else(|status| panic!("the upgrade was answered with {status}"))
    }

    /// Opens a session with additional request headers. The error is the HTTP status, if the server refuses the
    /// upgrade.
    pub fn open_with(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Client, u16> {
        let stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.set_read_timeout(Some(GUARD)).expect("a time limit can be set");
        stream.set_nodelay(true).expect("Nagle can be switched off");
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .expect("a valid URL");
        let mut header = |name: &str, value: &str| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value).expect("a header value"));
        };
        header("Sec-WebSocket-Protocol", PROTOCOL);
        headers.iter().for_each(|(name, value)| header(name, value));
        // No limit of the client may hide one of the server's limits.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        match tungstenite::client::client_with_config(request, Steady(stream), Some(config)) {
            Ok((socket, _)) => Ok(Client { socket, pings: 0 }),
            Err(HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
            Err(error) => panic!("the upgrade failed: {error}"),
        }
    }

    /// Sends one text message.
    pub fn send(&mut self, line: &str) {
        self.socket
            .send(Message::text(line))
            .expect("the server takes messages");
    }

    /// Sends one text message, or returns an error if the server has ended the session.
    pub fn try_send(&mut self, line: &str) -> Result<(), Error> {
        self.socket.send(Message::text(line))
    }

    /// Sends one binary message.
    pub fn send_binary(&mut self, payload: &[u8]) {
        self.socket
            .send(Message::binary(payload.to_vec()))
            .expect("the server takes messages");
    }

    /// Sends a ping and waits for its pong. After that, everything sent before is in the server's file.
    pub fn sync(&mut self) {
        self.try_sync().expect("the server answers a ping");
    }

    /// As [`Client::sync`], but returns an error if the server has gone.
    pub fn try_sync(&mut self) -> Result<(), Error> {
        self.pings += 1;
        let mark = self.pings.to_be_bytes();
        self.socket.send(Message::Ping(mark.to_vec().into()))?;
        while self.socket.read()? != Message::Pong(mark.to_vec().into()) {}
        Ok(())
    }

    /// Closes as `trace.close()` does (without a code), or with `code`, and waits until the server has closed too.
    pub fn close(mut self, code: Option<u16>) {
        let frame = code.map(|code| CloseFrame {
            code: CloseCode::from(code),
            reason: "".into(),
        });
        self.socket.close(frame).expect("a close frame can be sent");
        self.closed();
    }

    /// Reads until the server has ended the session, and returns the code of its close frame; `None` if it sent no
    /// frame or no code.
    pub fn closed(mut self) -> Option<u16> {
        let mut code = None;
        loop {
            match self.socket.read() {
                Ok(Message::Close(frame)) => code = frame.map(|frame| u16::from(frame.code)),
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("the server did not end the session within {} s", GUARD.as_secs())
                }
                Err(_) => return code,
            }
        }
    }

    /// The socket itself, for tests that write frames by hand or cut the connection.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.socket.get_mut().0
    }
}
