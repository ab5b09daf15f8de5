//! The vocabulary between the engine and its driver: what the engine is told and what it asks for. Nothing is done
//! here.

use std::time::Instant;

use super::slots::Key;
use crate::connection::CloseReason;
use crate::id::Id;
use crate::time::UnixMs;

/// One moment, as both clocks show it.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For deadlines.
    pub instant: Instant,
    /// For what is written into dumps, and for the expiry of tokens. It never measures how long something took.
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
    /// Its socket had something to read, or it is on the run list and its turn to be read again has come.
    Ready,
    /// Its deadline has passed.
    Deadline,
    /// The server ends the connection.
    Shut(CloseReason),
}

/// What the driver is to do, in the order given. A command for a connection whose socket is gone is to be ignored.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Write what [`Engine::unsent`](super::Engine::unsent) gives, as much as the socket takes, and report how much
    /// that was ([`sent`](super::Engine::sent)). Try the rest again when the socket has room.
    Send(Key),
    /// Shut down the writing half and go on reading, so that the peer is able to read the last of what was sent.
    Finish(Key),
    /// Drop the socket after one attempt to write these last bytes. After that, the key names nothing.
    Close(Key, Vec<u8>),
    /// Read the socket again: it may hold more than its last turn took, and no event will announce that.
    ReadAgain(Key),
    /// This dump is complete and lies in `ready`.
    Sealed(Id),
}
