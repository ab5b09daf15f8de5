//! The stages of a dump while delivery knows of it, its rank in a queue, and how many dumps each stage holds.
use super::availability::Destination;
use super::step::Step;
use crate::limits::{ACTIVE_IDS_MAX, HELD_IDS_MAX, REMOVALS_IDS_MAX};
use crate::spool::Removal;

/// The stage of a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It takes this step when its turn comes.
    Waiting(Step, Rank),
    /// A hand takes this step with it.
    Busy(Step, Option<Removal>),
    /// It waits for a destination that is down.
    Deferred(Destination),
    /// A rule of a destination refuses it this step, and it waits by itself.
    Held(Step),
    /// It is packed, and goes on when its unmasked file is gone.
    Syncing,
    /// It is stored and recorded, and is forgotten when its files are gone.
    Leaving,
}

impl Stage {
    /// Whether the dump comes to the destination without a pause.
    pub fn leads_to(self, destination: Destination) -> bool {
        match self {
            Stage::Waiting(step, _) | Stage::Busy(step, _) => step.leads_to(destination),
            _ => false,
        }
    }

    /// Whether the dump goes on if it is to be erased.
    pub fn yields_to_erasure(self) -> bool {
        match self {
            Stage::Deferred(destination) => destination == Destination::Spool,
            Stage::Held(step) => step != Step::Erase,
            _ => false,
        }
    }
}

/// Whose turn comes first. Within a rank, the oldest dump is first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// It tries a destination that is down.
    Attempt,
    InTurn,
    /// It has met a failure of a destination. The cause may be its own (a folder that only it needs), so the others
    /// come first. Otherwise the oldest such dump would make the destination count as down again and again.
    Behind,
}

/// The limits of the set. Tests choose smaller ones.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most ids that may wait to be judged or packed. The same number again may be deferred.
    pub active: usize,
    /// The most ids that may wait for a removal; hands at work may add theirs. As many may wait for the next steps.
    pub removals: usize,
    /// The most ids that may be refused by rules and wait by themselves.
    pub held: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            active: ACTIVE_IDS_MAX,
            removals: REMOVALS_IDS_MAX,
            held: HELD_IDS_MAX,
        }
    }
}
