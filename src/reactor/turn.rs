//! What one turn of one connection gathers: lines for the dump, bytes for the peer, and how it ends.
//!
//! One `Turn` is shared by all connections and emptied between them, so that its buffers are allocated once.

use crate::connection::{Action, CloseReason, Env, Hello};
use crate::dump::event::append_message;
use crate::dump::header::{Metadata, write_head};
use crate::limits::TURN_BYTES_KEPT_MAX;
use crate::spool::{Recording, Ticket};

/// Gathered within a turn; see the module.
#[derive(Default)]
pub struct Turn {
    pub lines: Vec<u8>,
    pub messages: u64,
    pub output: Vec<u8>,
    pub seal: Option<CloseReason>,
    /// The writing half is to be shut once all is sent.
    pub finishes: bool,
    closes: bool,
    /// Bytes that the dump may still grow by, and the host that stands in its ticket.
    pub settings: Settings,
}

/// What of the configuration a turn needs.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `limits.dump_bytes`.
    pub dump_bytes: u64,
    /// `server.host_identifier`.
    pub host: String,
}

/// Whether the dump took what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Taken,
    /// The line would take the dump beyond its limit and was left out.
    DumpFull,
}

impl Turn {
    pub fn new(settings: Settings) -> Turn {
        Turn {
            settings,
            ..Turn::default()
        }
    }

    /// Empties it for the next connection. A buffer that one large message has grown is given back.
    pub fn clear(&mut self) {
        for buffer in [&mut self.lines, &mut self.output] {
            buffer.clear();
            buffer.shrink_to(TURN_BYTES_KEPT_MAX);
        }
        self.messages = 0;
        self.seal = None;
        self.finishes = false;
        self.closes = false;
    }

    /// The connection wants its transport closed.
    pub fn ends(&self) -> bool {
        self.closes
    }

    /// Takes one action of a connection.
    pub fn take(&mut self, action: Action, recording: &mut Option<Box<Recording>>, env: &Env) -> Outcome {
        match action {
            Action::Open(hello) => *recording = Some(Box::new(begin(*hello, &self.settings.host, env.unix_ms))),
            Action::Line { payload, binary } => {
                return self.line(
                    &payload,
                    binary,
                    recording.as_ref().map_or(0, |recording| recording.bytes()),
                );
            }
            Action::Send(bytes) => self.output.extend_from_slice(&bytes),
            Action::Seal(reason) => self.seal = Some(reason),
            Action::Refused(reason) => log::info!("a session was refused: {reason}"),
            Action::Finish => self.finishes = true,
            Action::Close => self.closes = true,
        }
        Outcome::Taken
    }

    fn line(&mut self, payload: &[u8], binary: bool, recorded: u64) -> Outcome {
        let before = self.lines.len();
        append_message(payload, binary, &mut self.lines);
        if recorded + self.lines.len() as u64 > self.settings.dump_bytes {
            self.lines.truncate(before);
            return Outcome::DumpFull;
        }
        self.messages += 1;
        Outcome::Taken
    }
}

/// A recording that begins with what the upgrade told.
fn begin(hello: Hello, host: &str, now: u64) -> Recording {
    let ticket = Ticket {
        user: hello.claims.user,
        conference: hello.claims.conference,
        session: hello.claims.session,
        host: host.to_owned(),
        start: hello.start_ms,
    };
    let metadata = Metadata {
        url: hello.url,
        origin: hello.origin,
        user_agent: hello.user_agent,
        start_time: hello.start_ms,
        remote_addresses: hello.remote_addresses,
        client_protocol: hello.client_protocol,
    };
    let mut head = Vec::with_capacity(1024);
    write_head(&metadata, &ticket, &mut head);
    head.shrink_to_fit();
    Recording::new(head, now)
}
