//! Collects the request head while it arrives, and decides what becomes of the request.
//!
//! Bytes after the head are left in the input. Limits: the operator's limit on the length of the head. It is checked
//! for errors each time its length has doubled, so a head that comes byte by byte costs at most twice as much as one
//! that comes at once. Failures are verdicts.

use std::net::IpAddr;
use std::time::Instant;

use super::action::Hello;
use super::close::CloseReason;
use super::hello;
use super::http::{self, Answer, Request, Wish};
use super::mistake::Mistake;
use super::policy::{Admission, Env};

/// The request head is arriving.
#[derive(Debug)]
pub(super) struct Head {
    peer: Option<IpAddr>,
    since: Instant,
    bytes: Vec<u8>,
    /// How many bytes of it have been checked for errors.
    judged: usize,
}

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is answered, and the connection ends.
    Plain { answer: Answer, head_only: bool },
    /// It becomes a session as soon as `response` is sent.
    Session { hello: Box<Hello>, response: Vec<u8> },
    /// It does not become a session. After `response`, a close frame says why, because a browser does not show a plain
    /// answer to its page.
    Refused { reason: CloseReason, response: Vec<u8> },
}

impl Head {
    pub(super) fn new(peer: Option<IpAddr>, now: Instant) -> Head {
        Head {
            peer,
            since: now,
            bytes: Vec::new(),
            judged: 0,
        }
    }

    /// When the connection began.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Bytes that have arrived.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the head out of the input. `None` means that there is no verdict yet; then all of the input is taken.
    pub(super) fn hear(&mut self, input: &mut &[u8], env: &Env<'_>) -> Option<Verdict> {
        let limit = env.policy.limits.head_bytes.as_usize();
        let before = self.bytes.len();
        let offered = input.len().min(limit.saturating_sub(before));
        self.bytes.extend_from_slice(&input[..offered]);
        if let Some(len) = http::head_len(&self.bytes, before) {
            *input = &input[len - before..];
            self.bytes.truncate(len);
            return Some(self.judge(env).unwrap_or_else(Verdict::plain));
        }
        *input = &input[offered..];
        self.early_answer(limit).map(Verdict::plain)
    }

    /// The answer to an incomplete head that cannot, or must not, become complete.
    fn early_answer(&mut self, limit: usize) -> Option<Answer> {
        let full = self.bytes.len() >= limit;
        if !full && self.bytes.len() < 2 * self.judged.max(1) {
            return None;
        }
        self.judged = self.bytes.len();
        let mistake = Request::parse(&self.bytes).err();
        mistake.or(full.then_some(Mistake::HeadTooLarge)).map(Answer::Mistaken)
    }

    fn judge(&self, env: &Env<'_>) -> Result<Verdict, Answer> {
        let request = Request::parse(&self.bytes).and_then(|request| request.ok_or(Mistake::NoHttp));
        let request = request.map_err(Answer::Mistaken)?;
        let key = match request.wish() {
            Wish::Plain { answer, head_only } => {
                let answer = answer.under(env.admission);
                return Ok(Verdict::Plain { answer, head_only });
            }
            Wish::Upgrade(_) if env.admission == Admission::Unavailable => return Err(Answer::Unavailable),
            Wish::Upgrade(key) => key,
        };
        let response = http::switching_protocols(key, hello::sub_protocol(&request));
        Ok(match hello::judge(&request, self.peer, env.policy, env.unix) {
            Ok(hello) => Verdict::Session { hello, response },
            Err(reason) => Verdict::Refused { reason, response },
        })
    }
}

impl Verdict {
    fn plain(answer: Answer) -> Verdict {
        Verdict::Plain {
            answer,
            head_only: false,
        }
    }
}
