//! The states of a connection and the transitions between them.
//!
//! Each state is a struct with only the data it needs. A transition consumes the old state, so nothing of it can be
//! used by mistake. What a request or a frame means is decided in `head` and `wire`, not here, and there is no clock.
//! Limits: how many bytes are read and dropped after an end, and how many a peer may leave unread. A failure ends a
//! session with a [`CloseReason`].

use std::mem;
use std::net::IpAddr;
use std::time::Instant;

use super::action::Action;
use super::close::CloseReason;
use super::deadline::{self, Due, Liveness};
use super::head::{Head, Verdict};
use super::http::Answer;
use super::policy::{ConnectionLimits, Env};
use super::refusal::Refusal;
use super::wire::{self, Heard, Wire};
use crate::limits::{SWALLOWED_BYTES_MAX, UNSENT_BYTES_MAX};

/// Where a connection is in its life.
#[derive(Debug)]
pub(super) enum State {
    Head(Box<Head>),
    Responding(Responding),
    Streaming(Streaming),
    Closing(Closing),
    Draining(Draining),
    Gone(Gone),
}

/// A plain answer is to be sent, and nothing after it.
#[derive(Debug)]
pub(super) struct Responding {
    response: Vec<u8>,
    since: Instant,
}

/// A session is being recorded.
#[derive(Debug)]
pub(super) struct Streaming {
    wire: Wire,
    out: Vec<u8>,
    life: Liveness,
}

/// Our close frame has been sent and the peer's is awaited. Messages of the peer no longer count.
#[derive(Debug)]
pub(super) struct Closing {
    wire: Wire,
    farewell: Farewell,
    since: Instant,
    swallowed: usize,
}

/// Everything has been sent. What still arrives is dropped unread, so that the peer can read our last bytes.
#[derive(Debug)]
pub(super) struct Draining {
    farewell: Farewell,
    since: Instant,
    swallowed: usize,
    finished: bool,
}

/// The connection is over.
#[derive(Debug)]
pub(super) struct Gone {
    seal: Option<CloseReason>,
    closed: bool,
}

/// What a session that has ended still has to do.
#[derive(Debug, Default)]
struct Farewell {
    seal: Option<CloseReason>,
    out: Vec<u8>,
}

/// The result of driving a state once.
pub(super) enum Step {
    Yield(Action),
    Again,
    Idle,
}

impl State {
    /// The first state of a connection.
    pub(super) fn new(peer: Option<IpAddr>, now: Instant) -> State {
        State::Head(Box::new(Head::new(peer, now)))
    }

    /// Drives the state until there is something to tell. `Idle` means that all of `input` is used up.
    pub(super) fn step(self, input: &mut &[u8], env: &Env<'_>) -> (State, Step) {
        match self {
            State::Head(head) => State::hear_head(head, input, env),
            State::Responding(responding) => responding.step(),
            State::Streaming(streaming) => streaming.step(input, env),
            State::Closing(closing) => closing.step(input, env),
            State::Draining(draining) => draining.step(input),
            State::Gone(gone) => gone.step(input),
        }
    }

    fn hear_head(mut head: Box<Head>, input: &mut &[u8], env: &Env<'_>) -> (State, Step) {
        match head.hear(input, env) {
            None => (State::Head(head), Step::Idle),
            Some(Verdict::Plain { answer, head_only }) => {
                let refused = answer.refusal().map(Action::Refused);
                (
                    State::respond(answer, head_only, env),
                    refused.map_or(Step::Again, Step::Yield),
                )
            }
            Some(Verdict::Session { hello, response }) => (
                State::Streaming(Streaming::new(response, env)),
                Step::Yield(Action::Open(hello)),
            ),
            Some(Verdict::Refused { reason, response }) => (
                Streaming::new(response, env).refuse(reason, env),
                Step::Yield(Action::Refused(Refusal::Session(reason))),
            ),
        }
    }

    /// The peer's stream has ended.
    pub(super) fn cut(self) -> State {
        match self {
            State::Streaming(_) => State::gone(Some(CloseReason::Cut)),
            State::Gone(gone) => State::Gone(gone),
            ending => State::gone(ending.owed_seal()),
        }
    }

    /// When something is due.
    pub(super) fn deadline(&self, limits: &ConnectionLimits) -> Option<Instant> {
        match self {
            State::Head(head) => deadline::after(head.since(), limits.head_time.0),
            State::Responding(responding) => deadline::after(responding.since, limits.close_time.0),
            State::Streaming(streaming) => streaming.life.next(limits),
            State::Closing(closing) => deadline::after(closing.since, limits.close_time.0),
            State::Draining(draining) => deadline::after(draining.since, limits.close_time.0),
            State::Gone(_) => None,
        }
    }

    /// Does what is due.
    pub(super) fn deadline_passed(self, env: &Env<'_>) -> State {
        if self
            .deadline(&env.policy.limits)
            .is_none_or(|deadline| deadline > env.now)
        {
            return self;
        }
        match self {
            State::Head(_) => State::respond(Answer::HeadTooSlow, false, env),
            State::Streaming(streaming) => streaming.check_life(env),
            late => State::gone(late.owed_seal()),
        }
    }

    /// The peer could not be heard until now, so waiting begins anew.
    pub(super) fn resume(&mut self, now: Instant) {
        match self {
            State::Streaming(streaming) => streaming.life.heard(now),
            State::Closing(closing) => closing.since = now,
            State::Draining(draining) => draining.since = now,
            State::Head(_) | State::Responding(_) | State::Gone(_) => {}
        }
    }

    /// Ends the connection from our side.
    pub(super) fn shut(self, reason: CloseReason, env: &Env<'_>) -> State {
        match self {
            State::Head(_) => State::gone(None),
            State::Streaming(streaming) => streaming.end(reason, env),
            State::Closing(closing) if !reason.keeps_reading() => State::drain(closing.farewell, closing.since),
            ending => ending,
        }
    }

    /// Bytes held of an unfinished head or message.
    pub(super) fn partial_bytes(&self) -> usize {
        match self {
            State::Head(head) => head.held(),
            State::Streaming(streaming) => streaming.wire.held(),
            State::Closing(closing) => closing.wire.held(),
            State::Responding(_) | State::Draining(_) | State::Gone(_) => 0,
        }
    }

    /// Whether a session was opened whose seal has not been yielded yet.
    pub(super) fn is_session(&self) -> bool {
        match self {
            State::Streaming(_) => true,
            State::Closing(Closing { farewell, .. }) | State::Draining(Draining { farewell, .. }) => {
                farewell.seal.is_some()
            }
            State::Gone(gone) => gone.seal.is_some(),
            State::Head(_) | State::Responding(_) => false,
        }
    }

    /// Whether nothing is held besides the state itself.
    #[cfg(test)]
    pub(super) fn is_bare(&self) -> bool {
        matches!(self, State::Streaming(streaming) if !streaming.wire.has_context() && streaming.out.capacity() == 0)
    }

    fn respond(answer: Answer, head_only: bool, env: &Env<'_>) -> State {
        State::Responding(Responding {
            response: answer.response(head_only),
            since: env.now,
        })
    }

    /// `since` is when the end began: draining gets no time in addition to what a closing handshake has taken.
    fn drain(farewell: Farewell, since: Instant) -> State {
        State::Draining(Draining {
            farewell,
            since,
            swallowed: 0,
            finished: false,
        })
    }

    /// The last state, with the seal that may still have to be yielded.
    pub(super) fn gone(seal: Option<CloseReason>) -> State {
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

impl Responding {
    fn step(self) -> (State, Step) {
        let farewell = Farewell {
            seal: None,
            out: self.response,
        };
        (State::drain(farewell, self.since), Step::Again)
    }
}

impl Streaming {
    fn new(out: Vec<u8>, env: &Env<'_>) -> Streaming {
        Streaming {
            wire: Wire::default(),
            out,
            life: Liveness::new(env.now),
        }
    }

    fn step(mut self, input: &mut &[u8], env: &Env<'_>) -> (State, Step) {
        if !input.is_empty() {
            self.life.heard(env.now);
        }
        let step = match self
            .wire
            .hear(input, &mut self.out, env.policy.limits.message_bytes.as_usize())
        {
            Heard::Message { payload, binary } => Step::Yield(Action::Line { payload, binary }),
            Heard::Ping => Step::Again,
            Heard::Pong => {
                self.life.answered(env.now);
                Step::Again
            }
            Heard::Close(reason) | Heard::Broken(reason) => return (self.end(reason, env), Step::Again),
            Heard::Nothing if env.unsent > UNSENT_BYTES_MAX => {
                return (self.end(CloseReason::NotReading, env), Step::Again);
            }
            Heard::Nothing if self.out.is_empty() => Step::Idle,
            Heard::Nothing => Step::Yield(Action::Send(mem::take(&mut self.out))),
        };
        (State::Streaming(self), step)
    }

    fn check_life(mut self, env: &Env<'_>) -> State {
        match self.life.due(env.now, &env.policy.limits) {
            Due::Nothing => (),
            Due::Ping => wire::write_ping(&mut self.out),
            Due::Reap => return self.end(CloseReason::Idle, env),
        }
        State::Streaming(self)
    }

    /// Ends the session. What is still to be sent depends on the reason.
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
                env.now,
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
        let heard = self
            .wire
            .hear(input, &mut Vec::new(), env.policy.limits.message_bytes.as_usize());
        self.swallowed += before - input.len();
        match heard {
            _ if self.swallowed > SWALLOWED_BYTES_MAX => (State::gone(None), Step::Again),
            Heard::Close(_) | Heard::Broken(_) => (State::drain(self.farewell, self.since), Step::Again),
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
