//! Tests the whole room as a driver would use it: bytes, time and shuts go in, actions come out.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use super::{Access, Action, Admission, CloseReason, Connection, Env, Policy};
use crate::auth::Verifier;
use crate::time::UnixMs;

mod ending;
mod memory;
mod plain;
mod session;
mod splits;
mod upgrade;

/// 2027-01-15T08:00:00Z.
const START_MS: u64 = 1_800_000_000_000;
/// The key and the accept value given in RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

/// A connection together with its driver.
struct Driver {
    connection: Connection,
    policy: Policy,
    now: Instant,
    unsent: usize,
    admission: Admission,
}

impl Driver {
    fn new() -> Driver {
        let policy = Policy {
            verifier: Verifier::open(),
            access: Access {
                allowed_origins: Vec::new(),
                trusted_proxies: Vec::new(),
            },
            limits: Default::default(),
        };
        Driver::with(policy)
    }

    fn with(policy: Policy) -> Driver {
        let now = Instant::now();
        let peer = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
        Driver {
            connection: Connection::new(Some(peer), now),
            policy,
            now,
            unsent: 0,
            admission: Admission::Open,
        }
    }

    /// A driver whose connection has been upgraded, after the first actions.
    fn session() -> Driver {
        let mut driver = Driver::new();
        driver.hear(upgrade("").as_bytes());
        assert!(driver.connection.is_session());
        driver
    }

    /// The connection, and the environment that it is driven in.
    fn parts(&mut self) -> (&mut Connection, Env<'_>) {
        let env = Env {
            policy: &self.policy,
            now: self.now,
            unix: UnixMs(START_MS),
            admission: self.admission,
            unsent: self.unsent,
        };
        (&mut self.connection, env)
    }

    /// Gives the connection what has arrived, in one piece.
    fn hear(&mut self, bytes: &[u8]) -> Vec<Action> {
        let mut input = bytes;
        let (connection, env) = self.parts();
        let actions = std::iter::from_fn(|| connection.poll(&mut input, &env)).collect();
        assert!(input.is_empty(), "input is used up");
        actions
    }

    /// Lets time pass, and tells the connection if its deadline has passed.
    fn wait(&mut self, time: Duration) -> Vec<Action> {
        self.now += time;
        if self.deadline().is_some_and(|deadline| deadline <= self.now) {
            let (connection, env) = self.parts();
            connection.deadline_passed(&env);
        }
        self.hear(b"")
    }

    fn shut(&mut self, reason: CloseReason) -> Vec<Action> {
        let (connection, env) = self.parts();
        connection.shut(reason, &env);
        self.hear(b"")
    }

    fn end_of_stream(&mut self) -> Vec<Action> {
        self.connection.end_of_stream();
        self.hear(b"")
    }

    fn deadline(&self) -> Option<Instant> {
        self.connection.deadline(&self.policy.limits)
    }
}

/// An upgrade request with these additional header lines.
fn upgrade(lines: &str) -> String {
    format!(
        "GET /room HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{lines}\r\n"
    )
}

/// A frame as a client sends it: masked, with the shortest form of its length.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

const TEXT: u8 = 0x81;
const TEXT_BEGIN: u8 = 0x01;
const MORE: u8 = 0x00;
const LAST: u8 = 0x80;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// An unmasked control frame as the server sends it.
fn control(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, payload.len() as u8], payload].concat()
}

/// A close frame of the server.
fn close(code: u16, text: &str) -> Vec<u8> {
    control(CLOSE, &[&code.to_be_bytes(), text.as_bytes()].concat())
}

fn line(text: &str) -> Action {
    Action::Line {
        payload: text.to_string().into(),
        binary: false,
    }
}

fn send(bytes: &[u8]) -> Action {
    Action::Send(bytes.to_vec())
}
