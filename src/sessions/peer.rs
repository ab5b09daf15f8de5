//! One connection as the engine sees it: the state of the protocol, the dump that it records, and the bytes that are
//! still to be sent to it.
//!
//! Bytes are released for sending only while every line so far is in the file. [`Lines`] decides that, and nothing else
//! does. Nothing here waits.

use std::time::Instant;

use crate::connection::{Admission, Connection};
use crate::spool::Recording;

/// A connection's slot. An idle connection is this struct and the small boxes behind it.
pub struct Peer {
    pub connection: Connection,
    /// Present from the accepted upgrade until the seal.
    pub recording: Option<Box<Recording>>,
    pub lines: Lines,
    unsent: Vec<u8>,
    outward: Outward,
    /// The earliest timer entry that names this peer.
    pub armed: Option<Instant>,
    /// Bytes of partial messages, as they are counted in the engine's sum.
    pub partial: usize,
    /// Whether it is on the run list, where it must not be twice.
    pub is_runnable: bool,
    /// Whether it was accepted beyond the capacity, only to be told that there is no room.
    pub admission: Admission,
}

/// Whether the lines of all messages so far are in the file. Nothing is sent until they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    Written,
    /// They wait in memory for the end of the flush interval. The socket is still read.
    Buffered {
        until: Instant,
    },
    /// The disk has refused them. The socket is not read.
    Refused,
    /// The disk has refused them and the session is over. The engine has the lines now and tries to seal the dump.
    Unsealed,
}

impl Lines {
    /// Whether the socket may be read, because the disk takes what is written.
    pub fn may_grow(self) -> bool {
        matches!(self, Lines::Written | Lines::Buffered { .. })
    }
}

/// The direction towards the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outward {
    Open,
    /// The direction is to be shut down when nothing is unsent any more.
    Finishing,
    Finished,
    /// The peer takes nothing any more. What it has sent before is still read to its end.
    Deaf,
}

/// What may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    Nothing,
    Bytes,
    /// Everything is sent, and nothing will follow.
    Finish,
}

impl Peer {
    pub fn new(connection: Connection, admission: Admission) -> Peer {
        Peer {
            connection,
            recording: None,
            lines: Lines::Written,
            unsent: Vec::new(),
            outward: Outward::Open,
            armed: None,
            partial: 0,
            is_runnable: false,
            admission,
        }
    }

    /// Adds bytes for the peer after what is unsent. Nothing is sent before it is released.
    pub fn send(&mut self, bytes: Vec<u8>) {
        if self.outward == Outward::Deaf {
            return;
        }
        if self.unsent.is_empty() {
            self.unsent = bytes;
        } else {
            self.unsent.extend_from_slice(&bytes);
        }
    }

    /// Notes that nothing will follow what is unsent.
    pub fn finish(&mut self) {
        if self.outward == Outward::Open {
            self.outward = Outward::Finishing;
        }
    }

    /// Says what may be sent.
    pub fn release(&mut self) -> Release {
        match self.outward {
            _ if self.lines != Lines::Written => Release::Nothing,
            _ if !self.unsent.is_empty() => Release::Bytes,
            Outward::Finishing => {
                self.outward = Outward::Finished;
                Release::Finish
            }
            Outward::Open | Outward::Finished | Outward::Deaf => Release::Nothing,
        }
    }

    /// The bytes that may be sent now.
    pub fn released(&self) -> &[u8] {
        match self.lines {
            Lines::Written => &self.unsent,
            Lines::Buffered { .. } | Lines::Refused | Lines::Unsealed => &[],
        }
    }

    /// Like `released`, for a connection that is over.
    pub fn into_released(self) -> Vec<u8> {
        match self.lines {
            Lines::Written => self.unsent,
            Lines::Buffered { .. } | Lines::Refused | Lines::Unsealed => Vec::new(),
        }
    }

    /// The socket has taken `count` bytes.
    pub fn note_sent(&mut self, count: usize) {
        self.unsent.drain(..count.min(self.unsent.len()));
        if self.unsent.is_empty() {
            // An idle connection keeps no buffer.
            self.unsent = Vec::new();
        }
    }

    /// The socket takes nothing any more.
    pub fn note_deaf(&mut self) {
        self.outward = Outward::Deaf;
        self.unsent = Vec::new();
    }

    pub fn is_deaf(&self) -> bool {
        self.outward == Outward::Deaf
    }

    /// Bytes for the peer that its socket has not taken yet.
    pub fn unsent_bytes(&self) -> usize {
        self.unsent.len()
    }
}
