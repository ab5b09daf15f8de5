//! What a connection is told from outside: the operator's rules, the time, and whether the server takes sessions.
//!
//! This module reads neither a clock nor the configuration, and knows nothing about a single connection. Whoever fills
//! in these values has validated them, so nothing here can fail.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::access::Access;
use crate::auth::Verifier;
use crate::limits;
use crate::time::UnixMs;
use crate::unfit::{self, Unfit};
use crate::units::{Period, Size};

/// Rules that hold for every connection of the server.
#[derive(Debug)]
pub struct Policy {
    /// Judges the token of a session.
    pub verifier: Verifier,
    /// Judges where a session comes from.
    pub access: Access,
    /// The bounds of one connection.
    pub limits: ConnectionLimits,
}

/// The bounds of one connection. The operator can change each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ConnectionLimits {
    /// How long a request head may take from the moment the connection is accepted; after that it gets 408.
    pub head_time: Period,

    /// How long a request head may be; a longer one gets 431. From 1KiB to 1MiB.
    pub head_bytes: Size,

    /// How often a quiet session is pinged. While a ping is unanswered, no other is sent.
    pub ping_interval: Period,

    /// How long a session may be silent before it is given up and its dump is delivered. Pongs end the silence too.
    /// Must be longer than ping_interval.
    pub idle_time: Period,

    /// How long a peer may take to end the connection after the last thing the server has sent (a close frame, a plain
    /// answer).
    pub close_time: Period,

    /// The longest message, all its fragments together. A longer one ends the session (1009), and what came before it
    /// is kept. From 1KiB to 1GiB.
    pub message_bytes: Size,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        ConnectionLimits {
            head_time: Period(limits::HEAD_TIME_DEFAULT),
            head_bytes: Size(limits::HEAD_BYTES_DEFAULT as u64),
            ping_interval: Period(limits::PING_INTERVAL_DEFAULT),
            idle_time: Period(limits::IDLE_TIME_DEFAULT),
            close_time: Period(limits::CLOSE_TIME_DEFAULT),
            message_bytes: Size(limits::MESSAGE_BYTES_DEFAULT as u64),
        }
    }
}

impl ConnectionLimits {
    /// The values that cannot be used.
    pub fn unfit(&self) -> Vec<Unfit> {
        let rules = [
            unfit::some_time("head_time", self.head_time),
            unfit::some_time("ping_interval", self.ping_interval),
            unfit::some_time("idle_time", self.idle_time),
            unfit::some_time("close_time", self.close_time),
            unfit::unless(
                self.idle_time > self.ping_interval,
                "idle_time",
                "must be longer than limits.ping_interval, or every quiet session is ended before its pong",
            ),
            unfit::size("head_bytes", self.head_bytes, 1024..=limits::HEAD_BYTES_MAX),
            unfit::size("message_bytes", self.message_bytes, 1024..=limits::MESSAGE_BYTES_MAX),
        ];
        rules.into_iter().flatten().collect()
    }
}

/// Whether new sessions are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Open,
    /// No: they are told to come back later (503 with `Retry-After`), and so are health checks.
    Unavailable,
}

/// What a connection needs to know each time it is driven.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// The time now, for deadlines.
    pub now: Instant,
    /// The time now, for what is stored and for the expiry of tokens.
    pub unix: UnixMs,
    /// Whether new sessions are taken.
    pub admission: Admission,
    /// Bytes of earlier [`Action::Send`](super::Action::Send)s of this connection that its socket has not taken yet. A
    /// session with more than [`UNSENT_BYTES_MAX`](limits::UNSENT_BYTES_MAX) of them is cut.
    pub unsent: usize,
}
