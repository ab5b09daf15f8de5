//! What depends on the disk: room for sessions, lines that the disk has refused, lines that wait for the flush
//! interval.
//!
//! The writes are the only calls to the file system that are made here: what the disk has room for is passed in, since
//! a question to a disk that does not answer would keep the loop from everybody.

use std::io;
use std::time::Instant;

use super::command::{Cause, Now};
use super::engine::Engine;
use super::peer::Lines;
use super::room::{Room, UPKEEP_INTERVAL};
use super::slots::Key;
use super::unsealed::Unsealed;
use crate::connection::CloseReason;

impl Engine {
    /// A round of upkeep is due.
    pub fn is_upkeep_due(&self, now: Instant) -> bool {
        now >= self.next_upkeep
    }

    /// Does one round of upkeep, about once a second: looks at the free bytes of the spool's disk and whether it
    /// `takes` recordings, and tries to write again what the disk has refused.
    pub fn upkeep(&mut self, free: u64, takes: io::Result<()>, now: Now) {
        self.next_upkeep = now.instant + UPKEEP_INTERVAL;
        self.tally.settle(now.instant);
        self.watch_disk(free, takes.err(), now);
        self.retry_refused(now.instant);
        self.retry_unsealed(now);
    }

    /// Below the minimum, or while no file can be made, no session begins. Below half of the minimum, the live sessions
    /// are sealed while there is still room for that.
    fn watch_disk(&mut self, free: u64, shut: Option<io::Error>, now: Now) {
        let room = match &shut {
            Some(_) => Room::Shut,
            None if free < self.options.spool.min_free.0 => Room::Low,
            None => Room::Enough,
        };
        if std::mem::replace(&mut self.room, room) != room {
            match (room, shut) {
                (Room::Shut, cause) => log::error!(
                    "no recording can be begun below {}, so new sessions are refused until that is mended: {}",
                    self.place.root().display(),
                    cause.map_or_else(String::new, |cause| cause.to_string())
                ),
                (Room::Low, _) => log::error!(
                    "the disk of the spool {} has {} MiB free, less than spool.min_free: new sessions are refused until \
                     it has more",
                    self.place.spool().display(),
                    free >> 20
                ),
                (Room::Enough, _) => log::info!("the spool's disk has room again: sessions are accepted"),
            }
        }
        if free < self.options.spool.min_free.0 / 2 {
            let sessions = self.peers.iter().filter(|(_, peer)| peer.recording.is_some());
            for key in sessions.map(|(key, _)| key).collect::<Vec<_>>() {
                self.turn(key, Cause::Shut(CloseReason::DiskLow), now);
            }
        }
    }

    fn retry_refused(&mut self, now: Instant) {
        for key in std::mem::take(&mut self.refused) {
            let is_refused = |lines| lines == Lines::Refused;
            if !self.peers.get(key).is_some_and(|peer| is_refused(peer.lines)) {
                continue;
            }
            match self.write_pending(key) {
                Lines::Refused => self.refused.push(key),
                _ => self.resume(key, now),
            }
        }
    }

    fn retry_unsealed(&mut self, now: Now) {
        for Unsealed { key, recording, reason } in std::mem::take(&mut self.unsealed) {
            if self.try_seal(key, recording, reason, now).is_ok() {
                let is_alone = self.peers.get(key).is_none();
                self.outlived = self.outlived.saturating_sub(usize::from(is_alone));
                self.resume(key, now.instant);
            }
        }
    }

    /// Writes lines that wait in memory, and returns in what state the lines are then.
    fn write_pending(&mut self, key: Key) -> Lines {
        let Some(peer) = self.peers.get_mut(key) else {
            return Lines::Written;
        };
        if let Some(recording) = &mut peer.recording {
            let written = recording.retry(&self.place);
            self.sync.touch();
            self.note_written(key, written);
        }
        self.peers.get(key).map_or(Lines::Written, |peer| peer.lines)
    }

    /// Lets a connection go on whose socket was not read while the disk refused its lines.
    fn resume(&mut self, key: Key, now: Instant) {
        if let Some(peer) = self.peers.get_mut(key) {
            // The connection was silent because we did not read it, so its times begin anew.
            peer.connection.resume(now);
        }
        self.release(key);
        // The edge for what arrived meanwhile was raised long ago and will not come again.
        self.run_again(key);
    }

    /// Writes the lines whose flush interval is over.
    pub fn flush(&mut self, now: Now) {
        while let Some((until, key)) = self.buffered.pop_front_if(|(until, _)| *until <= now.instant) {
            let waits = Lines::Buffered { until };
            if self.peers.get(key).is_some_and(|peer| peer.lines == waits) {
                self.write_pending(key);
                self.release(key);
            }
        }
    }
}
