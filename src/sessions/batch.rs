//! What one turn of one connection gathers: lines for its dump, and how the turn ends.
//!
//! All connections share one `Batch`, which is emptied between their turns, so that its buffer is allocated once.
//! Limits: a dump has its own limit, and of the buffer `TURN_BYTES_KEPT_MAX` bytes are kept.

use super::command::Now;
use super::peer::Peer;
use super::slots::Key;
use crate::connection::{Action, CloseReason, Hello};
use crate::dump::event::append_message;
use crate::dump::header::{Metadata, Ticket, write_head};
use crate::limits::TURN_BYTES_KEPT_MAX;
use crate::spool::Recording;
use crate::time::UnixMs;

/// What one turn has gathered; see the module.
#[derive(Default)]
pub struct Batch {
    /// Whose turn it is; `None` between turns.
    pub owner: Option<Key>,
    /// When the connection was last driven in this turn; `None` if it was not.
    pub now: Option<Now>,
    pub lines: Vec<u8>,
    pub messages: u64,
    pub seal: Option<CloseReason>,
    pub reads: Reads,
    pub end: End,
    /// Bytes that the peer's socket had not taken when the turn began.
    pub unsent: usize,
}

/// How often the socket was read in this turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    Done(usize),
    /// The socket was read as often as one turn allows, and there may be more to read.
    Spent,
}

impl Default for Reads {
    fn default() -> Reads {
        Reads::Done(0)
    }
}

/// What becomes of the connection after this turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    #[default]
    Open,
    /// The connection is over.
    Closes,
}

/// Whether the dump took what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Taken,
    /// The line would take the dump beyond its limit and was left out.
    DumpFull,
}

/// What the head of a dump says in addition to what the upgrade told, and how long the dump may get.
pub struct DumpRules<'a> {
    pub host: &'a str,
    pub bytes_max: u64,
    /// When the turn is.
    pub now: UnixMs,
}

impl Batch {
    /// Empties the batch for the next turn. If one large message made the buffer grow, that memory is given back.
    pub fn begin(&mut self, owner: Option<Key>, unsent: usize) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.clear();
        lines.shrink_to(TURN_BYTES_KEPT_MAX);
        *self = Batch {
            owner,
            lines,
            unsent,
            ..Batch::default()
        };
    }

    /// Takes one action of the connection.
    pub fn take(&mut self, action: Action, peer: &mut Peer, rules: &DumpRules) -> Fit {
        match action {
            Action::Open(hello) => peer.recording = Some(Box::new(record(*hello, rules))),
            Action::Line { payload, binary } => {
                let recorded = peer.recording.as_ref().map_or(0, |recording| recording.bytes());
                return self.line(&payload, binary, recorded, rules.bytes_max);
            }
            Action::Send(bytes) => peer.send(bytes),
            Action::Seal(reason) => self.seal = Some(reason),
            Action::Refused(_) => {}
            Action::Finish => peer.finish(),
            Action::Close => self.end = End::Closes,
        }
        Fit::Taken
    }

    fn line(&mut self, payload: &[u8], binary: bool, recorded: u64, bytes_max: u64) -> Fit {
        let before = self.lines.len();
        append_message(payload, binary, &mut self.lines);
        if recorded + self.lines.len() as u64 > bytes_max {
            self.lines.truncate(before);
            return Fit::DumpFull;
        }
        self.messages += 1;
        Fit::Taken
    }
}

/// Starts a recording whose head says what the upgrade told.
fn record(hello: Hello, rules: &DumpRules) -> Recording {
    let ticket = Ticket {
        labels: hello.claims,
        host: rules.host.to_owned(),
        start: hello.start,
    };
    let metadata = Metadata {
        url: hello.url,
        origin: hello.origin,
        user_agent: hello.user_agent,
        start_time: hello.start,
        remote_addresses: hello.remote_addresses,
        client_protocol: hello.client_protocol,
    };
    let mut head = Vec::with_capacity(1024);
    write_head(&metadata, &ticket, &mut head);
    head.shrink_to_fit();
    Recording::new(head, rules.now)
}
