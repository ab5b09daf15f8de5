//! One connection, from its first byte to its last, as a state machine: bytes and time go in, [`Action`]s come out.
//!
//! ```text
//! Head ──► Streaming ──► Closing ──► Draining ──► Gone
//!   └────► Responding ──────────────────┘
//! ```
//!
//! Each state is a struct that holds only what that state needs; a transition consumes the old one. What the
//! driver has to wait for (input, the next deadline) is computed from the state, never stored beside it. Never
//! here: sockets, clocks, files, threads, JSON, and memory for what is finished: between turns an idle session
//! takes about a hundred bytes. Limits: [`ConnectionLimits`] and the block of this room in [`crate::limits`]. Failures
//! are the peer's; they become answers, close frames and [`CloseReason`]s.
//!
//! A driver polls until `None` after whatever it has told: input, the end of the stream, a deadline, a shut.
use std::mem;
use std::net::IpAddr;
use std::time::Instant;

mod action;
mod close;
mod deadline;
mod gate;
mod hello;
mod http;
mod policy;
mod wire;

pub use action::{Action, Hello};
pub use close::{Blame, CloseReason};
pub use policy::{Admission, ConnectionLimits, Env, Policy};

use crate::limits::{SWALLOWED_BYTES_MAX, UNSENT_BYTES_MAX};
use deadline::{Due, Liveness};
use http::{Answer, Request, Wish};
use wire::{Heard, Wire};

/// One peer's connection.
#[derive(Debug)]
pub struct Connection {
    state: State,
}

#[derive(Debug)]
enum State {
    Head(Box<Head>),
    Responding(Responding),
    Streaming(Streaming),
    Closing(Closing),
    Draining(Draining),
    Gone(Gone),
}

/// The request head is arriving.
#[derive(Debug)]
struct Head {
    peer: IpAddr,
    since: Instant,
    bytes: Vec<u8>,
    /// How much of it has been looked at for errors; next when it has doubled, so that a head that comes byte by
    /// byte costs no more than twice one that comes at once.
    judged: usize,
}

/// A plain answer is to be sent, and then nothing more.
#[derive(Debug)]
struct Responding {
    response: Vec<u8>,
    since: Instant,
}

/// A session is being recorded.
#[derive(Debug)]
struct Streaming {
    wire: Wire,
    out: Vec<u8>,
    life: Liveness,
}

/// Our close frame goes out and the peer's is awaited; its messages no longer count.
#[derive(Debug)]
struct Closing {
    wire: Wire,
    farewell: Farewell,
    since: Instant,
    swallowed: usize,
}

/// All is said. What still arrives is dropped unread, so that the peer can read the last of it.
#[derive(Debug)]
struct Draining {
    farewell: Farewell,
    since: Instant,
    swallowed: usize,
    finished: bool,
}

/// Over.
#[derive(Debug)]
struct Gone {
    seal: Option<CloseReason>,
    closed: bool,
}

/// What a session that has ended still owes.
#[derive(Debug, Default)]
struct Farewell {
    seal: Option<CloseReason>,
    out: Vec<u8>,
}

/// What came of driving a state once.
enum Step {
    Yield(Action),
    Again,
    Idle,
}

impl Connection {
    /// A connection that was accepted from `peer` just now.
    pub fn new(peer: IpAddr, now: Instant) -> Connection {
        Connection {
            state: State::Head(Box::new(Head {
                peer,
                since: now,
                bytes: Vec::new(),
                judged: 0,
            })),
        }
    }

    /// Drives the connection with what has arrived until there is one thing to do; `None` when nothing is left
    /// to do for now, and then all of `input` is used up.
    pub fn poll(&mut self, input: &mut &[u8], env: &Env<'_>) -> Option<Action> {
        loop {
            let (state, step) = match self.take() {
                State::Head(head) => head.step(input, env),
                State::Responding(responding) => responding.step(),
                State::Streaming(streaming) => streaming.step(input, env),
                State::Closing(closing) => closing.step(input, env),
                State::Draining(draining) => draining.step(input),
                State::Gone(gone) => gone.step(input),
            };
            self.state = state;
            match step {
                Step::Yield(action) => return Some(action),
                Step::Again => (),
                Step::Idle => return None,
            }
        }
    }

    /// The peer's stream has ended, in order or by a reset. What came before must have been polled.
    pub fn end_of_stream(&mut self) {
        let seal = match self.take() {
            State::Streaming(_) => Some(CloseReason::Cut),
            ended => ended.owed_seal(),
        };
        self.state = State::gone(seal);
    }

    /// When [`deadline_passed`](Connection::deadline_passed) is to be called. Input can put it off: ask again when
    /// it has come.
    pub fn deadline(&self, limits: &ConnectionLimits) -> Option<Instant> {
        match &self.state {
            State::Head(head) => deadline::after(head.since, limits.head_time),
            State::Responding(responding) => deadline::after(responding.since, limits.close_time),
            State::Streaming(streaming) => streaming.life.next(limits),
            State::Closing(closing) => deadline::after(closing.since, limits.close_time),
            State::Draining(draining) => deadline::after(draining.since, limits.close_time),
            State::Gone(_) => None,
        }
    }

    /// Does what is due at `env.now`, which may be nothing.
    pub fn deadline_passed(&mut self, env: &Env<'_>) {
        let limits = &env.policy.limits;
        if let State::Streaming(streaming) = &mut self.state {
            match streaming.life.due(env.now, limits) {
                Due::Nothing => (),
                Due::Ping => wire::write_ping(&mut streaming.out),
                Due::Reap => self.shut(CloseReason::Idle, env),
            }
        } else if self.deadline(limits).is_some_and(|deadline| deadline <= env.now) {
            self.state = match self.take() {
                State::Head(_) => State::respond(Answer::HeadTooSlow, false, env),
                late => State::gone(late.owed_seal()),
            };
        }
    }

    /// Ends the connection from our side: a session gets its close frame and its seal, a request no answer.
    pub fn shut(&mut self, reason: CloseReason, env: &Env<'_>) {
        self.state = match self.take() {
            State::Head(_) => State::gone(None),
            State::Streaming(streaming) => streaming.end(reason, env),
            State::Closing(closing) if !reason.keeps_reading() => State::drain(closing.farewell, env),
            ending => ending,
        };
    }

    /// Bytes held of what is unfinished: a request head or a message. Finishing or [`shut`](Connection::shut) with
    /// [`CloseReason::MemoryShort`] frees them.
    pub fn partial_bytes(&self) -> usize {
        match &self.state {
            State::Head(head) => head.bytes.len(),
            State::Streaming(streaming) => streaming.wire.held(),
            State::Closing(closing) => closing.wire.held(),
            State::Responding(_) | State::Draining(_) | State::Gone(_) => 0,
        }
    }

    /// Whether a session was opened and its seal has not been yielded yet.
    pub fn is_session(&self) -> bool {
        match &self.state {
            State::Streaming(_) => true,
            State::Closing(Closing { farewell, .. }) | State::Draining(Draining { farewell, .. }) => {
                farewell.seal.is_some()
            }
            State::Gone(gone) => gone.seal.is_some(),
            State::Head(_) | State::Responding(_) => false,
        }
    }

    /// Whether input is to be read: in every state but the last, so that the end of the stream is noticed.
    pub fn wants_input(&self) -> bool {
        !matches!(self.state, State::Gone(_))
    }

    /// Takes the state out for a transition.
    fn take(&mut self) -> State {
        mem::replace(&mut self.state, State::gone(None))
    }
}

impl State {
    fn respond(answer: Answer, head_only: bool, env: &Env<'_>) -> State {
        State::Responding(Responding {
            response: answer.response(head_only),
            since: env.now,
        })
    }

    fn drain(farewell: Farewell, env: &Env<'_>) -> State {
        State::Draining(Draining {
            farewell,
            since: env.now,
            swallowed: 0,
            finished: false,
        })
    }

    fn gone(seal: Option<CloseReason>) -> State {
        State::Gone(Gone { seal, closed: false })
    }

    /// The seal of an ended session that has not been yielded yet.
    fn owed_seal(self) -> Option<CloseReason> {
        match self {
            State::Closing(Closing { farewell, .. }) | State::Draining(Draining { farewell, .. }) => farewell.seal,
            State::Gone(gone) => gone.seal,
            State::Head(_) | State::Responding(_) | State::Streaming(_) => None,
        }
    }
}

impl Head {
    fn step(mut self: Box<Self>, input: &mut &[u8], env: &Env<'_>) -> (State, Step) {
        let limit = env.policy.limits.head_bytes;
        let before = self.bytes.len();
        let offered = input.len().min(limit.saturating_sub(before));
        self.bytes.extend_from_slice(&input[..offered]);
        if let Some(len) = http::head_len(&self.bytes, before) {
            *input = &input[len - before..];
            self.bytes.truncate(len);
            return self.answer(env);
        }
        *input = &input[offered..];
        match self.early_answer(limit) {
            Some(answer) => (State::respond(answer, false, env), Step::Again),
            None => (State::Head(self), Step::Idle),
        }
    }

    /// The answer to a head that is not whole, if it cannot or must not become so.
    fn early_answer(&mut self, limit: usize) -> Option<Answer> {
        let full = self.bytes.len() >= limit;
        if !full && self.bytes.len() < 2 * self.judged.max(1) {
            return None;
        }
        self.judged = self.bytes.len();
        Request::parse(&self.bytes)
            .err()
            .or(full.then_some(Answer::HeadTooLarge))
    }

    fn answer(&self, env: &Env<'_>) -> (State, Step) {
        let request = match Request::parse(&self.bytes) {
            Ok(Some(request)) => request,
            Ok(None) => return (State::respond(Answer::BadRequest, false, env), Step::Again),
            Err(answer) => return (State::respond(answer, false, env), Step::Again),
        };
        match request.wish() {
            Wish::Plain { answer, head_only } => (State::respond(answer, head_only, env), Step::Again),
            Wish::Upgrade(_) if env.admission == Admission::Unavailable => {
                (State::respond(Answer::Unavailable, false, env), Step::Again)
            }
            Wish::Upgrade(key) => self.upgrade(&request, key, env),
        }
    }

    /// Answers the upgrade in any case: a refusal has to be a close frame, since a browser tells its page nothing
    /// about a plain answer.
    fn upgrade(&self, request: &Request<'_>, key: &[u8], env: &Env<'_>) -> (State, Step) {
        let out = http::switching_protocols(key, hello::sub_protocol(request));
        let session = Streaming {
            wire: Wire::default(),
            out,
            life: Liveness::new(env.now),
        };
        match hello::judge(request, self.peer, env.policy, env.unix_ms) {
            Ok(hello) => (State::Streaming(session), Step::Yield(Action::Open(hello))),
            Err(reason) => (session.refuse(reason, env), Step::Yield(Action::Refused(reason))),
        }
    }
}

impl Responding {
    fn step(self) -> (State, Step) {
        let farewell = Farewell {
            seal: None,
            out: self.response,
        };
        (
            State::Draining(Draining {
                farewell,
                since: self.since,
                swallowed: 0,
                finished: false,
            }),
            Step::Again,
        )
    }
}

impl Streaming {
    fn step(mut self, input: &mut &[u8], env: &Env<'_>) -> (State, Step) {
        if env.unsent > UNSENT_BYTES_MAX {
            return (self.end(CloseReason::NotReading, env), Step::Again);
        }
        if !input.is_empty() {
            self.life.heard(env.now);
        }
        let step = match self.wire.hear(input, &mut self.out, env.policy.limits.message_bytes) {
            Heard::Message { payload, binary } => Step::Yield(Action::Line { payload, binary }),
            Heard::Ping => Step::Again,
            Heard::Pong => {
                self.life.answered(env.now);
                Step::Again
            }
            Heard::Close(reason) | Heard::Broken(reason) => return (self.end(reason, env), Step::Again),
            Heard::Nothing if self.out.is_empty() => Step::Idle,
            Heard::Nothing => Step::Yield(Action::Send(mem::take(&mut self.out))),
        };
        (State::Streaming(self), step)
    }

    fn end(mut self, reason: CloseReason, env: &Env<'_>) -> State {
        if reason.keeps_reading() {
            self.wire.close(reason.frame(), &mut self.out);
            return self.close(Some(reason), env);
        }
        if reason.sends_frame() {
            wire::write_close(reason.frame(), &mut self.out);
        }
        match reason {
            CloseReason::Cut | CloseReason::NotReading => State::gone(Some(reason)),
            _ => State::drain(
                Farewell {
                    seal: Some(reason),
                    out: self.out,
                },
                env,
            ),
        }
    }

    fn refuse(mut self, reason: CloseReason, env: &Env<'_>) -> State {
        self.wire.close(reason.frame(), &mut self.out);
        self.close(None, env)
    }

    fn close(self, seal: Option<CloseReason>, env: &Env<'_>) -> State {
        let farewell = Farewell { seal, out: self.out };
        State::Closing(Closing {
            wire: self.wire,
            farewell,
            since: env.now,
            swallowed: 0,
        })
    }
}

impl Closing {
    fn step(mut self, input: &mut &[u8], env: &Env<'_>) -> (State, Step) {
        if let Some(action) = self.farewell.next() {
            return (State::Closing(self), Step::Yield(action));
        }
        let before = input.len();
        let heard = self.wire.hear(input, &mut Vec::new(), env.policy.limits.message_bytes);
        self.swallowed += before - input.len();
        match heard {
            _ if self.swallowed > SWALLOWED_BYTES_MAX => (State::gone(None), Step::Again),
            Heard::Close(_) | Heard::Broken(_) => (State::drain(self.farewell, env), Step::Again),
            Heard::Message { .. } | Heard::Ping | Heard::Pong => (State::Closing(self), Step::Again),
            Heard::Nothing => (State::Closing(self), Step::Idle),
        }
    }
}

impl Draining {
    fn step(mut self, input: &mut &[u8]) -> (State, Step) {
        let step = match self.farewell.next() {
            Some(action) => Step::Yield(action),
            None if !self.finished => {
                self.finished = true;
                Step::Yield(Action::Finish)
            }
            None => {
                self.swallowed += mem::take(input).len();
                if self.swallowed > SWALLOWED_BYTES_MAX {
                    return (State::gone(None), Step::Again);
                }
                Step::Idle
            }
        };
        (State::Draining(self), step)
    }
}

impl Gone {
    fn step(mut self, input: &mut &[u8]) -> (State, Step) {
        *input = &[];
        let step = match self.seal.take() {
            Some(reason) => Step::Yield(Action::Seal(reason)),
            None if !self.closed => {
                self.closed = true;
                Step::Yield(Action::Close)
            }
            None => Step::Idle,
        };
        (State::Gone(self), step)
    }
}

impl Farewell {
    fn next(&mut self) -> Option<Action> {
        if let Some(reason) = self.seal.take() {
            return Some(Action::Seal(reason));
        }
        (!self.out.is_empty()).then(|| Action::Send(mem::take(&mut self.out)))
    }
}
