//! What a connection asks its driver to do, one action at a time and in a fixed order.
//!
//! The order is a promise: every message read so far comes as [`Action::Line`] before the [`Action::Send`] that could
//! acknowledge it. A driver that writes the lines before it sends therefore never acknowledges what it could still
//! lose. No decisions are made here; the states make them.

use tungstenite::Bytes;

use super::close::CloseReason;
use super::refusal::{Refusal, Remark};
use crate::labels::Labels;
use crate::time::UnixMs;

/// One thing to do for a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// A session was let in. This comes before everything else of that session.
    Open(Box<Hello>),
    /// A session or a request is refused. This is only for counting and logging: no `Open`, `Line` or `Seal` comes for
    /// such a connection.
    Refused(Refusal),
    /// One whole message of the session, unchanged.
    Line {
        /// The message. Text is valid UTF-8 (RFC 6455, section 8.1). It shares the buffer that it was received in, so
        /// it must be used and dropped before the next poll.
        payload: Bytes,
        /// Whether the peer sent it as binary.
        binary: bool,
    },
    /// Bytes for the peer, to be queued behind those of earlier sends.
    Send(Vec<u8>),
    /// The session has ended, and no line follows. This comes once for each `Open`, before the `Send` with the close
    /// frame, so a peer that sees that frame can rely on the dump.
    Seal(CloseReason),
    /// When everything sent so far is written, shut down the writing half of the socket and go on reading. Closing at
    /// once could reset the connection before the peer has read our answer (RFC 9112, section 9.6).
    Finish,
    /// The connection is over: try one last time to write what is unsent, then drop the socket. No action follows.
    Close,
}

/// What an upgrade request tells about its session. The limit on request heads bounds its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The request target as it came, with the value of each `rtcstats-token` replaced by a fixed word.
    pub url: String,
    /// The page's origin (RFC 6454).
    pub origin: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// Where the session came from: one address, as text; empty if its transport has no addresses.
    pub remote_addresses: Vec<String>,
    /// The sub-protocol that was chosen: the first one offered.
    pub client_protocol: Option<String>,
    /// What the token says.
    pub claims: Labels,
    /// What the operator should know of this upgrade.
    pub remarks: Vec<Remark>,
    /// When the upgrade was answered.
    pub start: UnixMs,
}
