//! What a connection asks its driver to do, one at a time and in this order.
//!
//! The order is a promise: every message read so far comes as [`Action::Line`] before the [`Action::Send`] that
//! could acknowledge it, so that a driver who writes the lines down before it sends never acknowledges what it
//! could still lose. Never here: decisions; those are made by the states.
use tungstenite::Bytes;

use super::close::CloseReason;
use crate::auth::Claims;

/// One thing to do for a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// A session was let in. Comes before everything else of that session.
    Open(Box<Hello>),
    /// An upgrade was answered, but the session is refused; only to be counted and logged. Nothing it sends comes
    /// as a line, and it has neither `Open` nor `Seal`.
    Refused(CloseReason),
    /// One whole message of the session, as it came.
    Line {
        /// The message. Text is valid UTF-8 (RFC 6455, section 8.1). Shares the buffer it was received in: it is
        /// to be used and dropped before the next poll.
        payload: Bytes,
        /// Whether the peer called it binary.
        binary: bool,
    },
    /// Bytes for the peer. They are queued behind those of earlier sends.
    Send(Vec<u8>),
    /// The session has ended: no line follows. Comes once for each `Open`, before the `Send` with the close frame:
    /// whoever sees that frame can rely on the dump.
    Seal(CloseReason),
    /// Once all that was sent is written, shut down the writing half of the socket, and go on reading: closing at
    /// once would reset the connection under an answer that the peer has not read (RFC 9112, section 9.6).
    Finish,
    /// The connection is over: drop the socket, after one last attempt to write what is unsent. The last action.
    Close,
}

/// What an upgrade request tells about its session, bounded by the limit on request heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The request target as it came, the value of each `rtcstats-token` replaced by a word.
    pub url: String,
    /// The page's origin (RFC 6454).
    pub origin: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// Where the session came from: one address, in text.
    pub remote_addresses: Vec<String>,
    /// The sub-protocol that was chosen: the first one offered.
    pub client_protocol: Option<String>,
    /// What the token says.
    pub claims: Claims,
    /// When the upgrade was answered, in milliseconds since 1970.
    pub start_ms: u64,
}
