//! A look at one session from outside, for the simulation: it has to know what a session has been taken up to, at each
//! moment at which the process may die.

use super::engine::Engine;
use super::peer::Lines;
use super::slots::Key;
use crate::id::Id;

/// A session that is being recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub id: Id,
    /// Messages so far, those of a turn that is not over included.
    pub messages: usize,
    pub lines: Stage,
}

/// How far its lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A turn is open that ends the session.
    Ending,
    /// Some are in memory.
    Pending,
    /// The engine vouches for all of them.
    Written,
}

impl Engine {
    /// The session of a connection, if it has one that is not over.
    pub fn view(&self, key: Key) -> Option<View> {
        let peer = self.peers.get(key)?;
        let recording = peer.recording.as_ref()?;
        let is_open = self.batch.owner == Some(key);
        let gathered = if is_open { self.batch.messages } else { 0 };
        let lines = match peer.lines {
            _ if is_open && self.batch.seal.is_some() => Stage::Ending,
            Lines::Written if gathered == 0 => Stage::Written,
            _ => Stage::Pending,
        };
        Some(View {
            id: recording.id(),
            messages: (recording.messages() + gathered) as usize,
            lines,
        })
    }
}
