//! One connection, from its first byte to its last, as a state machine: bytes and time go in, [`Action`]s come out.
//!
//! ```text
//! Head ──► Streaming ──► Closing ──► Draining ──► Gone
//!   └────► Responding ──────────────────┘
//! ```
//!
//! Each state is a struct that holds only what that state needs, and a transition consumes the old one. What the driver
//! has to wait for (input, the next deadline) is computed from the state, never stored beside it. There are no sockets,
//! clocks, files, threads and no JSON here. Memory of a finished message is not kept: between turns an idle session
//! takes about a hundred bytes. Limits: [`ConnectionLimits`], and the section `connection` in [`crate::limits`].
//! Failures are the peer's; they become answers, close frames and [`CloseReason`]s.
//!
//! After each thing that a driver has told the connection (input, the end of the stream, a deadline, a shut), it polls
//! until it gets `None`.

use std::mem;
use std::net::IpAddr;
use std::time::Instant;

mod access;
mod action;
mod close;
mod deadline;
mod gate;
mod head;
mod hello;
mod http;
mod mistake;
mod policy;
mod refusal;
mod state;
mod status;
mod wire;

#[cfg(test)]
mod tests;

pub use access::Access;
pub use action::{Action, Hello};
pub use close::{Blame, CloseReason};
pub use mistake::Mistake;
pub use policy::{Admission, ConnectionLimits, Env, Policy};
pub use refusal::{Refusal, Remark};

use state::{State, Step};

/// One peer's connection.
#[derive(Debug)]
pub struct Connection {
    state: State,
}

impl Connection {
    /// A connection that has just been accepted from `peer`; `None` if the transport has no addresses.
    pub fn new(peer: Option<IpAddr>, now: Instant) -> Connection {
        Connection {
            state: State::new(peer, now),
        }
    }

    /// Processes what has arrived until there is one thing for the driver to do. `None` means that there is nothing to
    /// do for now and that all of `input` is used up.
    pub fn poll(&mut self, input: &mut &[u8], env: &Env<'_>) -> Option<Action> {
        loop {
            let (state, step) = self.take().step(input, env);
            self.state = state;
            match step {
                Step::Yield(action) => return Some(action),
                Step::Again => (),
                Step::Idle => return None,
            }
        }
    }

    /// The peer's stream has ended, regularly or by a reset. Everything that came before must have been polled.
    pub fn end_of_stream(&mut self) {
        self.state = self.take().cut();
    }

    /// When [`deadline_passed`](Connection::deadline_passed) is to be called. Input can move this time further away, so
    /// ask again when it has come.
    pub fn deadline(&self, limits: &ConnectionLimits) -> Option<Instant> {
        self.state.deadline(limits)
    }

    /// Does what is due at `env.now`, if anything.
    pub fn deadline_passed(&mut self, env: &Env<'_>) {
        self.state = self.take().deadline_passed(env);
    }

    /// The driver could not read for a while and now reads again. Silence and slowness are measured from this moment.
    pub fn resume(&mut self, now: Instant) {
        self.state.resume(now);
    }

    /// Ends the connection from our side. A session gets its close frame and its seal; a request gets no answer.
    pub fn shut(&mut self, reason: CloseReason, env: &Env<'_>) {
        self.state = self.take().shut(reason, env);
    }

    /// Bytes held of an unfinished request head or message. They are freed when it is finished, or by a
    /// [`shut`](Connection::shut) with [`CloseReason::MemoryShort`].
    pub fn partial_bytes(&self) -> usize {
        self.state.partial_bytes()
    }

    /// Whether a session was opened whose seal has not been yielded yet.
    pub fn is_session(&self) -> bool {
        self.state.is_session()
    }

    /// Takes the state out, for a transition.
    fn take(&mut self) -> State {
        mem::replace(&mut self.state, State::gone(None))
    }
}
