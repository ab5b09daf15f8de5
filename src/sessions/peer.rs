//! One connection as the engine sees it: the protocol's state, the dump it records, what it has yet to be sent.
//!
//! What is sent is released only while every line so far is in the file; that is decided here, by [`Lines`], and
//! nowhere else. Nothing here waits.

use std::time::Instant;

use crate::connection::{Admission, Connection};
use crate::spool::Recording;

/// A connection's slot. An idle one is this struct and the small boxes behind it.
pub struct Peer {
    pub connection: Connection,
    /// From the accepted upgrade until the seal.
    pub recording: Option<Box<Recording>>,
    pub lines: Lines,
    unsent: Vec<u8>,
    outward: Outward,
    /// The earliest timer entry that names this peer.
    pub armed: Option<Instant>,
    /// Bytes of partial messages as counted in the engine's sum.
    pub partial: usize,
    /// Stands in the run list, where it must not stand twice.
    pub is_runnable: bool,
    /// Accepted beyond the capacity, only to be told so.
    pub admission: Admission,
}

/// Whether the lines of all messages so far are in the file. Until they are nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    Written,
    /// They wait in memory for the end of the flush interval; the socket is read on.
    Buffered {
        until: Instant,
    },
    /// The disk has refused them; the socket is not read.
    Refused,
    /// As refused, but the session is over: the lines are with the engine, which tries to seal the dump.
    Unsealed,
}

impl Lines {
    /// The disk keeps pace, so the socket may be read.
    pub fn may_grow(self) -> bool {
        matches!(self, Lines::Written | Lines::Buffered { .. })
    }
}

/// The direction towards the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outward {
    Open,
    /// It is to be shut once nothing is unsent.
    Finishing,
    Finished,
    /// The peer takes nothing any more. What it has sent before is still read to its end.
    Deaf,
}

/// What may leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    Nothing,
    Bytes,
    /// All is sent, and nothing will follow.
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

    /// Takes bytes for the peer, behind what is unsent. Nothing leaves before it is released.
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

    /// Nothing will follow what is unsent.
    pub fn finish(&mut self) {
        if self.outward == Outward::Open {
            self.outward = Outward::Finishing;
        }
    }

    /// Says what may leave.
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

    /// The bytes that may leave now.
    pub fn released(&self) -> &[u8] {
        match self.lines {
            Lines::Written => &self.unsent,
            Lines::Buffered { .. } | Lines::Refused | Lines::Unsealed => &[],
        }
    }

    /// As `released`, of a connection that is over.
    pub fn into_released(self) -> Vec<u8> {
        match self.lines {
            Lines::Written => self.unsent,
            Lines::Buffered { .. } | Lines::Refused | Lines::Unsealed => Vec::new(),
        }
    }

    /// The socket has taken so many bytes.
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
