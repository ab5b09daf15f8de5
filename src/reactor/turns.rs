//! One turn of one connection: input, lines to the file, seal, answers to the peer, and what comes next.
//!
//! The order is the promise of the server: lines are in the file before anything that could acknowledge them is sent.

use std::io;

use super::core::{Cause, Reactor, Unsealed};
use super::peer::{After, Recorded};
use super::slots::Key;
use crate::connection::{Admission, Blame, CloseReason, Env};
use crate::spool::Recording;
use crate::spool::recording::{Sealed, Unsealed as Refused};

impl Reactor {
    /// One turn of one connection: input or cause, lines to the file, seal, answers to the peer, what comes next.
    pub(super) fn give_turn(&mut self, key: Key, cause: Cause) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        self.turn.clear();
        let turn = &mut self.turn;
        let unavailable = peer.surplus || self.disk_low;
        let env = Env {
            policy: &self.options.policy,
            now: self.now,
            unix_ms: self.unix_ms,
            admission: if unavailable {
                Admission::Unavailable
            } else {
                Admission::Open
            },
            unsent: peer.unsent(),
        };
        let after = match cause {
            Cause::Ready => peer.read(turn, &env, &mut self.scratch, self.options.reads_per_turn),
            Cause::Deadline => peer.late(turn, &env),
            Cause::Shut(reason) => peer.shut(turn, &env, reason),
        };
        let hold = !self.options.flush_interval.is_zero() && turn.seal.is_none();
        match peer.record(turn, &self.parts.place, self.unix_ms, hold) {
            Recorded::Done => {}
            Recorded::NowHeld => self.held.push_back((self.now + self.options.flush_interval, key)),
            Recorded::NowBlocked => self.blocked.push(key),
        }
        // A dump is sealed before the close frame leaves: whoever sees that frame can rely on the dump.
        let ended = turn
            .seal
            .take()
            .and_then(|reason| Some((peer.recording.take()?, reason)));
        if let Some((recording, reason)) = ended {
            self.seal(key, *recording, reason);
        }
        self.conclude(key, after);
    }

    /// Answers the peer and does with its connection what the turn came to.
    fn conclude(&mut self, key: Key, mut after: After) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        if self.turn.messages > 0 {
            self.parts.sync.touch();
        }
        if !peer.answer(&self.turn) && after != After::Gone {
            // The socket takes nothing any more. What the peer has sent before is read to its end, and then sealed.
            after = After::Again;
        }
        let partial = if after == After::Gone {
            0
        } else {
            peer.connection.partial_bytes()
        };
        self.partial = self.partial - peer.partial + partial;
        peer.partial = partial;
        match after {
            After::Wait => {}
            After::Again => self.run_again(key),
            After::Gone => drop(self.peers.remove(key)),
        }
        self.arm(key);
        self.bound_partial();
    }

    /// Puts a connection on the run list: it has something to do that raises no event.
    pub(super) fn run_again(&mut self, key: Key) {
        if let Some(peer) = self.peers.get_mut(key)
            && !std::mem::replace(&mut peer.runnable, true)
        {
            self.runnable.push_back(key);
        }
    }

    /// Ends the connection with the largest partial message while all together hold too much.
    fn bound_partial(&mut self) {
        if self.partial <= self.options.partial_bytes {
            return;
        }
        if let Some((key, _)) = self.peers.iter().max_by_key(|(_, peer)| peer.partial) {
            self.give_turn(key, Cause::Shut(CloseReason::MemoryShort));
        }
    }

    /// Seals a finished session and hands it over. What the disk refuses is tried again by upkeep, and until then the
    /// peer is sent nothing that would vouch for it.
    pub(super) fn seal(&mut self, key: Key, recording: Recording, reason: CloseReason) {
        if recording.messages() == 0 {
            return;
        }
        let id = recording.id();
        if let Err(error) = self.try_seal(key, recording, reason) {
            log::warn!("dump {id} cannot be sealed yet: {error}");
        }
    }

    pub(super) fn try_seal(&mut self, key: Key, recording: Recording, reason: CloseReason) -> io::Result<()> {
        let sealed = recording.seal(&self.parts.place, reason.code(), self.unix_ms);
        self.parts.sync.touch();
        match sealed {
            Ok(Sealed {
                id,
                messages,
                bytes,
                duration_ms,
            }) => {
                let (code, seconds) = (reason.code(), duration_ms as f64 / 1000.0);
                log::log!(
                    level(reason),
                    "session {id} ended: messages {messages}, bytes {bytes}, code {code} ({reason}), {seconds:.1} s"
                );
                self.parts.delivery.submit(id);
                self.note_seal(key, true);
                Ok(())
            }
            Err(Refused { recording, error }) => {
                self.unsealed.push(Unsealed { key, recording, reason });
                self.note_seal(key, false);
                Err(error)
            }
        }
    }

    fn note_seal(&mut self, key: Key, done: bool) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.note_seal(done);
        }
    }
}

/// Only what this program has done wrong is an error; how sessions end is otherwise the ordinary course of things.
fn level(reason: CloseReason) -> log::Level {
    match reason.blame() {
        Blame::Peer | Blame::Operator => log::Level::Info,
        Blame::Us => log::Level::Error,
    }
}
