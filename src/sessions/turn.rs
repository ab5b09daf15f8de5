//! One turn of one connection: input, lines to the file, seal, answers, and what comes next.
//!
//! The server's promise depends on this order: lines are in the file before anything that could acknowledge them is
//! released. A turn begins with the first call that names its connection and ends with `turn`.

use std::io;

use super::batch::{DumpRules, End, Fit, Reads};
use super::command::{Cause, Command, Now};
use super::engine::Engine;
use super::peer::{Lines, Peer};
use super::room::Room;
use super::slots::Key;
use crate::connection::{Admission, CloseReason, Env};
use crate::fault::{self, Broken};
use crate::limits::BUFFERED_BYTES_MAX;

impl Engine {
    /// Whether the connection's socket is to be read (once more). To be asked before every read. If the answer is no
    /// because the turn has used up its reads, the connection is on the run list afterwards.
    pub fn wants_input(&mut self, key: Key) -> bool {
        self.begin(key);
        let Some(peer) = self.peers.get(key) else { return false };
        if !peer.lines.may_grow() || self.batch.end == End::Closes {
            return false;
        }
        if self.batch.reads == Reads::Done(self.options.limits.reads_per_turn) {
            self.batch.reads = Reads::Spent;
        }
        self.batch.reads != Reads::Spent
    }

    /// Takes the bytes that one read has brought.
    pub fn receive(&mut self, key: Key, bytes: &[u8], now: Now) {
        let is_wanted = self.wants_input(key) || self.peers.get(key).is_none();
        debug_assert!(is_wanted, "a connection is read only while it wants input");
        if let Reads::Done(count) = self.batch.reads {
            self.batch.reads = Reads::Done(count + 1);
        }
        self.drive(key, bytes, now, |_, _| {});
    }

    /// The peer has finished sending, or its connection is broken: nothing will ever come again.
    pub fn end_of_stream(&mut self, key: Key, now: Now) {
        self.begin(key);
        self.drive(key, &[], now, |peer, _| peer.connection.end_of_stream());
    }

    /// Ends the turn: writes its lines with one write, seals the dump if the session is over, and only then releases
    /// what the peer is to be told.
    pub fn turn(&mut self, key: Key, cause: Cause, now: Now) {
        self.begin(key);
        match cause {
            Cause::Ready => {}
            Cause::Deadline => self.drive(key, &[], now, |peer, env| peer.connection.deadline_passed(env)),
            Cause::Shut(reason) => self.drive(key, &[], now, |peer, env| peer.connection.shut(reason, env)),
        }
        self.finish(now);
        self.bound_partial(now);
        self.check(key);
    }

    /// Gives the turn to this connection. If the driver has left another turn open, that one is finished first.
    fn begin(&mut self, key: Key) {
        if self.batch.owner == Some(key) {
            return;
        }
        debug_assert!(self.batch.owner.is_none(), "a turn ends before the next one begins");
        if let Some(now) = self.batch.now {
            self.finish(now);
        }
        let unsent = self.peers.get(key).map_or(0, Peer::unsent_bytes);
        self.batch.begin(Some(key), unsent);
    }

    /// Tells the protocol something, lets it process `input`, and gathers what it wants to have done.
    fn drive(&mut self, key: Key, mut input: &[u8], now: Now, tell: impl FnOnce(&mut Peer, &Env)) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        self.batch.now = Some(now);
        let env = Env {
            policy: &self.options.policy,
            now: now.instant,
            unix: now.unix,
            admission: match self.room {
                Room::Enough => peer.admission,
                Room::Low | Room::Shut => Admission::Unavailable,
            },
            unsent: self.batch.unsent,
        };
        let rules = DumpRules {
            host: &self.options.host.host_identifier,
            bytes_max: self.options.limits.dump_bytes.0,
            now: now.unix,
        };
        tell(peer, &env);
        while let Some(action) = peer.connection.poll(&mut input, &env) {
            self.tally.hear(&action, now.instant);
            if self.batch.take(action, peer, &rules) == Fit::DumpFull {
                peer.connection.shut(CloseReason::DumpTooLarge, &env);
            }
        }
    }

    /// Finishes the turn that is open, if there is one.
    fn finish(&mut self, now: Now) {
        let Some(key) = self.batch.owner else { return };
        if !(fault::is_broken(Broken::SealsUnwritten) && self.batch.seal.is_some()) {
            self.record(key, now);
        }
        // A dump is sealed before the close frame is sent: whoever sees that frame can rely on the dump.
        let reason = self.batch.seal.take();
        if let (Some(peer), Some(reason)) = (self.peers.get_mut(key), reason)
            && let Some(recording) = peer.recording.take()
        {
            self.seal(key, *recording, reason, now);
        }
        self.conclude(key, now);
        self.batch.begin(None, 0);
    }

    /// Writes the turn's lines, or keeps them for the flush interval.
    fn record(&mut self, key: Key, now: Now) {
        let Some(peer) = self.peers.get_mut(key).filter(|_| self.batch.messages > 0) else {
            return;
        };
        let Some(recording) = peer.recording.as_mut() else {
            return;
        };
        let (lines, messages) = (&self.batch.lines, self.batch.messages);
        let interval = self.options.spool.flush_interval.0;
        let waits = !interval.is_zero()
            && self.batch.seal.is_none()
            && recording.pending_bytes() + lines.len() <= BUFFERED_BYTES_MAX;
        if fault::is_broken(Broken::AnswersFirst) {
            return recording.buffer(lines, messages, now.unix);
        }
        if waits {
            recording.buffer(lines, messages, now.unix);
            if peer.lines == Lines::Written && !fault::is_broken(Broken::AnswersWhenBuffered) {
                let until = now.instant + interval;
                peer.lines = Lines::Buffered { until };
                self.buffered.push_back((until, key));
            }
            return;
        }
        let written = recording.append(&self.place, lines, messages, now.unix);
        self.sync.touch();
        self.note_written(key, written);
    }

    /// Notes whether all lines of a session are in its file now.
    pub(super) fn note_written(&mut self, key: Key, written: io::Result<()>) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Err(error) = written else {
            peer.lines = Lines::Written;
            return;
        };
        if peer.lines == Lines::Refused {
            return;
        }
        if fault::is_broken(Broken::AnswersWhenRefused) {
            peer.lines = Lines::Written;
            return;
        }
        if let Some(recording) = &peer.recording {
            log::warn!(
                "dump {} cannot be written, its session is held up until it can: {error}",
                recording.id()
            );
        }
        peer.lines = Lines::Refused;
        self.refused.push(key);
    }

    /// Releases the answers, and treats the connection as the result of the turn demands.
    fn conclude(&mut self, key: Key, now: Now) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let partial = match self.batch.end {
            End::Open => peer.connection.partial_bytes(),
            End::Closes => 0,
        };
        self.partial = self.partial - peer.partial + partial;
        peer.partial = partial;
        if self.batch.end == End::Closes {
            return self.close(key);
        }
        let is_deaf = peer.is_deaf();
        self.release(key);
        if self.batch.reads == Reads::Spent || is_deaf {
            self.run_again(key);
        }
        self.arm(key, now.instant);
    }

    /// Forgets a connection that is over.
    fn close(&mut self, key: Key) {
        if let Some(peer) = self.peers.remove(key) {
            self.outlived += usize::from(peer.lines == Lines::Unsealed);
            self.outbox.push_back(Command::Close(key, peer.into_released()));
        }
    }

    /// While the partial messages of all connections together take too much memory, ends the connection with the
    /// largest one.
    fn bound_partial(&mut self, now: Now) {
        if self.partial <= self.options.limits.partial_bytes.as_usize() {
            return;
        }
        if let Some((key, _)) = self.peers.iter().max_by_key(|(_, peer)| peer.partial) {
            self.turn(key, Cause::Shut(CloseReason::MemoryShort), now);
        }
    }
}
