//! What must be true of the engine between two calls. Builds with `debug_assertions` assert it; other builds pay
//! nothing.
//!
//! After each turn only the connection that had it is checked. The whole engine is checked while it is small, at every
//! 1,024th turn, and at the end. If a test has switched a rule off (`fault::Broken`), nothing is asserted, because then
//! the test has to notice the fault from outside.

use std::collections::BTreeSet;

use super::engine::Engine;
use super::peer::{Lines, Peer};
use super::slots::Key;
use crate::fault;

/// With fewer connections and unsealed dumps than this, every turn checks the whole engine.
const WHOLE_COUNT_MAX: usize = 64;
const WHOLE_TURNS: u32 = 1024;

impl Engine {
    /// Called after a turn of this connection.
    pub(super) fn check(&self, key: Key) {
        if !cfg!(debug_assertions) || fault::is_anything_broken() {
            return;
        }
        self.peers.get(key).into_iter().for_each(check_peer);
        let turns = self.checked_turns.get().wrapping_add(1);
        self.checked_turns.set(turns);
        if self.peers.len() + self.unsealed.len() < WHOLE_COUNT_MAX || turns.is_multiple_of(WHOLE_TURNS) {
            self.check_whole();
        }
    }

    /// Also called at the end.
    pub(super) fn check_whole(&self) {
        if !cfg!(debug_assertions) || fault::is_anything_broken() {
            return;
        }
        self.peers.iter().for_each(|(_, peer)| check_peer(peer));
        let partial: usize = self.peers.iter().map(|(_, peer)| peer.partial).sum();
        assert_eq!(partial, self.partial, "the sum of partial bytes");
        assert_eq!(self.batch.owner, None, "a turn is open between turns");
        self.check_run_list();
        self.check_lines();
    }

    fn check_run_list(&self) {
        let listed: Vec<Key> = self
            .run_list
            .iter()
            .copied()
            .filter(|key| self.peers.get(*key).is_some())
            .collect();
        let once: BTreeSet<Key> = listed.iter().copied().collect();
        assert_eq!(once.len(), listed.len(), "a connection stands in the run list twice");
        let runnable = self.keys(|peer| peer.is_runnable);
        assert_eq!(once, runnable, "the run list holds exactly who is runnable");
    }

    fn check_lines(&self) {
        let refused = self.keys(|peer| peer.lines == Lines::Refused);
        let visited = self.refused.iter().copied().collect();
        assert!(refused.is_subset(&visited), "refused lines are forgotten");
        let due: BTreeSet<_> = self.buffered.iter().copied().collect();
        let is_due = |(key, peer): (Key, &Peer)| match peer.lines {
            Lines::Buffered { until } => due.contains(&(until, key)),
            _ => true,
        };
        assert!(self.peers.iter().all(is_due), "buffered lines are forgotten");
        let owners: BTreeSet<Key> = self.unsealed.iter().map(|unsealed| unsealed.key).collect();
        assert_eq!(owners.len(), self.unsealed.len(), "a connection has two unsealed dumps");
        let (alive, outlived): (BTreeSet<Key>, _) = owners.iter().partition(|key| self.peers.get(**key).is_some());
        assert_eq!(
            alive,
            self.keys(|peer| peer.lines == Lines::Unsealed),
            "who is unsealed"
        );
        assert_eq!(outlived.len(), self.outlived, "unsealed dumps without a connection");
    }

    fn keys(&self, choose: impl Fn(&Peer) -> bool) -> BTreeSet<Key> {
        let chosen = self.peers.iter().filter(|(_, peer)| choose(peer));
        chosen.map(|(key, _)| key).collect()
    }
}

fn check_peer(peer: &Peer) {
    assert_eq!(peer.partial, peer.connection.partial_bytes(), "partial bytes");
    let pending = peer
        .recording
        .as_ref()
        // A dump's head is kept in memory until the first message arrives, and that is not a pending line.
        .map(|recording| recording.messages() > 0 && recording.pending_bytes() > 0);
    let is_right = match peer.lines {
        Lines::Written => pending != Some(true),
        Lines::Buffered { .. } | Lines::Refused => pending == Some(true),
        Lines::Unsealed => pending.is_none(),
    };
    assert!(is_right, "{:?}, but pending: {pending:?}", peer.lines);
}
