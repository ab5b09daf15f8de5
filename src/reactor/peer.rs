//! One connection as the loop sees it: the socket, the protocol's state, the dump it records, what it has yet to be sent.
//!
//! A turn reads what has arrived, gathers the lines of all messages, writes them to the dump with one write, and only
//! then sends anything: an answer proves that what came before it is in the file. Nothing here waits.

use std::io;
use std::time::Instant;

use super::socket::{Arrival, Socket};
use super::turn::{Outcome, Turn};
use crate::connection::{CloseReason, Connection, Env};
use crate::limits::HELD_BYTES_MAX;
use crate::spool::{Place, Recording};

/// A connection's slot. An idle one is this struct and the small boxes behind it.
pub struct Peer {
    socket: Socket,
    pub connection: Connection,
    /// From the accepted upgrade until the seal.
    pub recording: Option<Box<Recording>>,
    unsent: Vec<u8>,
    /// The writing half is to be shut once nothing is unsent.
    finishing: bool,
    /// The peer takes nothing any more. What it has sent before is still read to its end.
    deaf: bool,
    /// The earliest timer entry that names this peer.
    pub armed: Option<Instant>,
    /// Bytes of partial messages as counted in the loop's sum.
    pub partial: usize,
    lines: Lines,
    /// Stands in the run list, where it must not stand twice.
    pub runnable: bool,
    /// Accepted beyond the capacity, only to be told so.
    pub surplus: bool,
}

/// Whether the lines of all messages so far are in the file. Until they are nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    Written,
    /// They wait for the flush interval; the socket is read on.
    Held,
    /// The disk refused them; the socket is not read.
    Blocked,
    /// As blocked, but the session is over: the lines are with the loop, which tries to seal the dump.
    Sealing,
}

/// What became of a turn's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    Done,
    /// From now on lines are held: the loop has to release them after the flush interval.
    NowHeld,
    /// From now on the peer is blocked: the loop has to retry.
    NowBlocked,
}

/// What has to happen with a peer after its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Wait for the next event.
    Wait,
    /// Its budget is spent and there may be more to read.
    Again,
    /// The transport is to be closed.
    Gone,
}

impl Peer {
    pub fn new(socket: Socket, connection: Connection, surplus: bool) -> Peer {
        Peer {
            socket,
            connection,
            recording: None,
            unsent: Vec::new(),
            finishing: false,
            deaf: false,
            armed: None,
            partial: 0,
            lines: Lines::Written,
            runnable: false,
            surplus,
        }
    }

    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// Reads until the edge is used up or the budget is spent.
    pub fn read(&mut self, turn: &mut Turn, env: &Env, scratch: &mut [u8], reads: usize) -> After {
        self.flush();
        if self.is_held_up() {
            return After::Wait;
        }
        for _ in 0..reads {
            match self.socket.read(scratch) {
                Arrival::Bytes { count, drained } => {
                    let after = self.drive(turn, env, &scratch[..count]);
                    if drained || after == After::Gone {
                        return after;
                    }
                }
                Arrival::Nothing => return After::Wait,
                Arrival::End => {
                    self.connection.end_of_stream();
                    return self.drive(turn, env, &[]);
                }
            }
        }
        After::Again
    }

    /// Lets the protocol act on a deadline that has passed.
    pub fn late(&mut self, turn: &mut Turn, env: &Env) -> After {
        self.connection.deadline_passed(env);
        self.drive(turn, env, &[])
    }

    /// Ends the session, or whatever the connection is doing, from our side.
    pub fn shut(&mut self, turn: &mut Turn, env: &Env, reason: CloseReason) -> After {
        self.connection.shut(reason, env);
        self.drive(turn, env, &[])
    }

    /// Lets the protocol work off `input` and gathers what it wants done.
    fn drive(&mut self, turn: &mut Turn, env: &Env, mut input: &[u8]) -> After {
        while let Some(action) = self.connection.poll(&mut input, env) {
            if turn.take(action, &mut self.recording, env) == Outcome::DumpFull {
                self.connection.shut(CloseReason::DumpTooLarge, env);
            }
        }
        if turn.ends() { After::Gone } else { After::Wait }
    }

    /// Writes the turn's lines, or holds them. Comes before anything of that turn is sent.
    pub fn record(&mut self, turn: &Turn, place: &Place, now: u64, hold: bool) -> Recorded {
        let Some(recording) = self.recording.as_mut().filter(|_| turn.messages > 0) else {
            return Recorded::Done;
        };
        if hold && recording.pending_bytes() + turn.lines.len() <= HELD_BYTES_MAX {
            recording.hold(&turn.lines, turn.messages, now);
            if self.lines == Lines::Written {
                self.lines = Lines::Held;
                return Recorded::NowHeld;
            }
        } else if let Err(error) = recording.append(place, &turn.lines, turn.messages, now) {
            self.block(&error);
            return Recorded::NowBlocked;
        }
        Recorded::Done
    }

    /// Sends what the turn gathered for the peer. Returns false if the connection is broken.
    pub fn answer(&mut self, turn: &Turn) -> bool {
        self.finishing |= turn.finishes;
        self.send(&turn.output)
    }

    fn block(&mut self, error: &io::Error) {
        if let Some(recording) = &self.recording
            && self.lines != Lines::Blocked
        {
            log::warn!(
                "dump {} cannot be written, its session is held up until it can: {error}",
                recording.id()
            );
        }
        self.lines = Lines::Blocked;
    }

    /// Writes the lines that are held or were refused. Returns whether all are in the file now.
    pub fn write_pending(&mut self, place: &Place) -> bool {
        match self.recording.as_mut().map(|recording| recording.retry(place)) {
            Some(Ok(())) => self.lines = Lines::Written,
            Some(Err(error)) => self.block(&error),
            None => {}
        }
        self.lines == Lines::Written
    }

    /// Its dump is sealed, or is not yet: until then nothing is sent that would vouch for the last lines.
    pub fn note_seal(&mut self, done: bool) {
        self.lines = if done { Lines::Written } else { Lines::Sealing };
    }

    /// Its lines wait for the flush interval.
    pub fn is_held(&self) -> bool {
        self.lines == Lines::Held
    }

    /// The disk refuses lines of a session that is not over.
    pub fn is_blocked(&self) -> bool {
        self.lines == Lines::Blocked
    }

    /// The disk refuses its lines, so its socket is not read.
    pub fn is_held_up(&self) -> bool {
        matches!(self.lines, Lines::Blocked | Lines::Sealing)
    }

    /// Bytes for the peer that its socket has not taken yet.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Sends bytes behind what is unsent. Returns false if the peer takes nothing any more.
    fn send(&mut self, bytes: &[u8]) -> bool {
        self.unsent.extend_from_slice(bytes);
        self.flush();
        !self.deaf
    }

    /// Sends what is unsent, as far as the socket takes it.
    fn flush(&mut self) {
        if self.lines != Lines::Written {
            return;
        }
        if !self.deaf {
            match self.socket.write(&self.unsent) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(_) => self.deaf = true,
            }
        }
        if self.deaf {
            self.unsent.clear();
        }
        self.finish_if_sent();
    }

    fn finish_if_sent(&mut self) {
        if self.unsent.is_empty() {
            // An idle connection keeps no buffer.
            self.unsent = Vec::new();
            if std::mem::take(&mut self.finishing) {
                self.socket.finish_sending();
            }
        }
    }
}
