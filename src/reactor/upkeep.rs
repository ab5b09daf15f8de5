//! What the loop looks after once a second: free space, lines the disk refused, listeners that ran out of descriptors.

use std::time::Duration;

use super::core::{Cause, Reactor, Unsealed};
use super::slots::Key;
use crate::connection::CloseReason;

/// Between two rounds of upkeep. Free space itself is measured by the sync thread.
pub const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

impl Reactor {
    /// Does its round if it is due.
    pub(super) fn upkeep(&mut self) {
        if self.now < self.next_upkeep {
            return;
        }
        self.next_upkeep = self.now + UPKEEP_INTERVAL;
        self.accepting.fill(true);
        self.watch_disk();
        self.retry_blocked();
        self.retry_unsealed();
    }

    /// Below the minimum no session begins; below half of it the live ones are sealed while there is room to do so.
    fn watch_disk(&mut self) {
        let free = self.parts.sync.free_bytes();
        let low = free < self.options.min_free;
        if low != self.disk_low {
            self.disk_low = low;
            match low {
                true => log::error!(
                    "the spool's disk has {} MiB free, less than spool.min_free: new sessions are refused until it has more",
                    free >> 20
                ),
                false => log::info!("the spool's disk has room again: sessions are accepted"),
            }
        }
        if free < self.options.min_free / 2 {
            let sessions: Vec<_> = self
                .peers
                .iter()
                .filter(|(_, peer)| peer.recording.is_some())
                .map(|(key, _)| key)
                .collect();
            for key in sessions {
                self.give_turn(key, Cause::Shut(CloseReason::DiskLow));
            }
        }
    }

    fn retry_blocked(&mut self) {
        for key in std::mem::take(&mut self.blocked) {
            let Some(peer) = self.peers.get_mut(key).filter(|peer| peer.is_blocked()) else {
                continue;
            };
            if peer.write_pending(&self.parts.place) {
                self.parts.sync.touch();
                self.resume(key);
            } else {
                self.blocked.push(key);
            }
        }
    }

    fn retry_unsealed(&mut self) {
        for Unsealed { key, recording, reason } in std::mem::take(&mut self.unsealed) {
            if self.try_seal(key, recording, reason).is_ok() {
                self.resume(key);
            }
        }
    }

    /// Reads a socket again that was not read while the disk refused its lines.
    fn resume(&mut self, key: Key) {
        if let Some(peer) = self.peers.get_mut(key) {
            // The silence was ours, and its times begin anew.
            peer.connection.resume(self.now);
        }
        // What arrived meanwhile raised its edge long ago.
        self.run_again(key);
    }

    /// Writes the lines whose flush interval is over.
    pub(super) fn flush_held(&mut self) {
        while let Some((_, key)) = self.held.pop_front_if(|(at, _)| *at <= self.now) {
            let Some(peer) = self.peers.get_mut(key).filter(|peer| peer.is_held()) else {
                continue;
            };
            if peer.write_pending(&self.parts.place) {
                self.parts.sync.touch();
                self.give_turn(key, Cause::Ready);
            } else {
                self.blocked.push(key);
            }
        }
    }
}
