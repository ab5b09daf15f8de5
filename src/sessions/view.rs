//! Shows one session from outside, for the simulation. At each moment at which the process may die, the simulation has
//! to know how much of the session the engine has taken.

use super::engine::Engine;
use super::peer::Lines;
use super::slots::Key;
use crate::id::Id;

/// A session that is being recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub id: Id,
    /// Messages so far, including those of a turn that is not over.
    pub messages: usize,
    pub lines: Stage,
}

/// Where its lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A turn is open that will end the session.
    Ending,
    /// Some lines are only in memory.
    Pending,
    /// The engine guarantees that all lines are in the file.
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
