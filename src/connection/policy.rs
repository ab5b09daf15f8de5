//! What a connection is told from outside: the operator's rules, the time, and how the server is doing.
//!
//! Never here: a clock, a configuration file, anything about one connection. The values are validated by whoever
//! read them; nothing here can fail.
use std::time::{Duration, Instant};

use crate::auth::Verifier;
use crate::limits;
use crate::network::Network;

/// Rules that hold for every connection of the server.
#[derive(Debug)]
pub struct Policy {
    /// Judges the token of a session.
    pub verifier: Verifier,
    /// Serialized origins (RFC 6454, section 6.2: `https://host` or `https://host:port`) whose pages may send
    /// dumps. Empty: all, and programs that send no origin as well.
    pub allowed_origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The bounds of one connection.
    pub limits: ConnectionLimits,
}

/// The bounds of one connection, each an operator's to tune.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// From accepting to the end of the request head; then 408.
    pub head_time: Duration,
    /// Between two pings. A ping without an answer is not followed by another.
    pub ping_interval: Duration,
    /// From the last byte received to the end of the session.
    pub idle_time: Duration,
    /// From our last word (a close frame, a plain answer) to the end of the peer's stream.
    pub close_time: Duration,
    /// Bytes of a request head; beyond it 431.
    pub head_bytes: usize,
    /// Bytes of one message, all fragments together; beyond it close code 1009.
    pub message_bytes: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        ConnectionLimits {
            head_time: limits::HEAD_TIME_DEFAULT,
            ping_interval: limits::PING_INTERVAL_DEFAULT,
            idle_time: limits::IDLE_TIME_DEFAULT,
            close_time: limits::CLOSE_TIME_DEFAULT,
            head_bytes: limits::HEAD_BYTES_DEFAULT,
            message_bytes: limits::MESSAGE_BYTES_DEFAULT,
        }
    }
}

/// Whether new sessions are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// They are.
    Open,
    /// They are told to come back later (503 with `Retry-After`); health checks are answered all the same.
    Unavailable,
}

/// What a connection needs to know at the moment it is driven.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// Now, for deadlines.
    pub now: Instant,
    /// Now, in milliseconds since 1970, for what is stored and for the expiry of tokens.
    pub unix_ms: u64,
    /// Whether new sessions are taken.
    pub admission: Admission,
    /// Bytes of earlier [`Action::Send`](super::Action::Send)s of this connection that its socket has not taken
    /// yet. A session with more than [`UNSENT_BYTES_MAX`](limits::UNSENT_BYTES_MAX) of them is cut.
    pub unsent: usize,
}
