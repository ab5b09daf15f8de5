//! How the engine stops: it accepts no new connection, tells every peer, seals every session, and waits a short time
//! for the peers' answers.

use std::time::Instant;

use super::command::{Cause, Now};
use super::engine::Engine;
use super::unsealed::Unsealed;
use crate::connection::CloseReason;

impl Engine {
    /// Ends every connection. A second call does nothing.
    pub fn stop(&mut self, now: Now) {
        if self.stopping.is_some() {
            return;
        }
        log::info!(
            "stopping: {} connections are closed and their dumps sealed",
            self.peers.len()
        );
        self.stopping = Some(now.instant + self.options.farewell_time);
        for key in self.peers.keys() {
            self.turn(key, Cause::Shut(CloseReason::GoingAway), now);
        }
    }

    /// Whether it was told to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_some()
    }

    /// Whether everything is sealed and every peer was told, or the time for that is over.
    pub fn is_finished(&self, now: Instant) -> bool {
        self.stopping.is_some_and(|limit| self.peers.len() == 0 || now >= limit)
    }

    /// Drops the connections that are left, after a last attempt to write what the disk has refused so far.
    pub fn end(&mut self, now: Now) {
        self.check_whole();
        self.tally.end();
        for key in self.peers.keys() {
            if let Some(peer) = self.peers.remove(key)
                && let Some(recording) = peer.recording
            {
                self.seal(key, *recording, CloseReason::GoingAway, now);
            }
        }
        for Unsealed { key, recording, reason } in std::mem::take(&mut self.unsealed) {
            let id = recording.id();
            if let Err(error) = self.try_seal(key, recording, reason, now) {
                log::error!("the last lines of dump {id} are lost: {error}");
            }
        }
    }
}
