//! How the loop ends: no new connection, every session told and sealed, a short wait for the peers' answers.

use super::core::{Cause, Reactor, Unsealed, unix_ms};
use crate::connection::CloseReason;

impl Reactor {
    /// The first signal begins the end; a second one never gets here.
    pub(super) fn signalled(&mut self) {
        if !self.signals.arrived() || self.stopping.is_some() {
            return;
        }
        log::info!(
            "stopping: {} connections are closed and their dumps sealed",
            self.peers.len()
        );
        crate::systemd::notify_stopping();
        // Closed listeners make the kernel refuse, and a balancer or another process take over.
        self.parts.listeners.clear();
        self.accepting.clear();
        self.stopping = Some(self.now + self.options.farewell_time);
        for key in self.peers.keys() {
            self.give_turn(key, Cause::Shut(CloseReason::GoingAway));
        }
    }

    /// All is sealed and told, or the time for telling is over.
    pub(super) fn is_finished(&self) -> bool {
        self.stopping
            .is_some_and(|limit| self.peers.len() == 0 || self.now >= limit)
    }

    /// The last try for what the disk has refused so far.
    pub(super) fn end(&mut self) {
        self.unix_ms = unix_ms();
        for key in self.peers.keys() {
            if let Some(peer) = self.peers.remove(key)
                && let Some(recording) = peer.recording
            {
                self.seal(key, *recording, CloseReason::GoingAway);
            }
        }
        for Unsealed { key, recording, reason } in std::mem::take(&mut self.unsealed) {
            let id = recording.id();
            if let Err(error) = self.try_seal(key, recording, reason) {
                log::error!("the last lines of dump {id} are lost: {error}");
            }
        }
    }
}
