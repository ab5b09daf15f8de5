//! The words between the engine and its driver: what it is told, what it asks for. Nothing happens here.

use std::time::Instant;

use super::slots::Key;
use crate::connection::CloseReason;
use crate::id::Id;
use crate::time::UnixMs;

/// One moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For deadlines.
    pub instant: Instant,
    /// For what is written into dumps, and for the expiry of tokens. Never used to measure how long something took.
    pub unix: UnixMs,
}

/// What the connections of a listener are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sessions that are recorded, and plain requests such as the health check.
    Sessions,
}

/// Why a connection gets a turn.
#[derive(Clone, Copy, Debug)]
pub enum Cause {
    /// Its socket had something to read, or its time to be read again has come.
    Ready,
    /// Its deadline has passed.
    Deadline,
    /// The server ends it.
    Shut(CloseReason),
}

/// What the driver is to do, in this order. A command that names a connection whose socket is gone means nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Write what [`Engine::unsent`](super::Engine::unsent) gives, as far as the socket takes it, and say how much that
    /// was ([`sent`](super::Engine::sent)). What is left is tried again when the socket has room.
    Send(Key),
    /// Shut down the writing half and read on: the peer must be able to read the last of what was sent.
    Finish(Key),
    /// Drop the socket, after one attempt to write these last bytes. The key names nothing any more.
    Close(Key, Vec<u8>),
    /// Read the socket again: there may be more in it than its last turn took, and no event will say so.
    ReadAgain(Key),
    /// This dump is complete and lies in ready.
    Sealed(Id),
}
