//! What a manager is made with.
use std::time::Duration;

use super::active::Bounds;
use super::availability::{Destination, Pauses};
use crate::id::Id;
use crate::limits::DISK_LOOK_S_MAX;

/// What a manager is made with.
#[derive(Debug)]
pub struct Settings {
    /// How many may pack at a time, at least one: packing takes a whole core, the rest of a delivery mostly waits.
    pub pack_slots: usize,
    /// What the log calls the destinations, in the order of [`Destination::ALL`].
    pub names: [String; Destination::ALL.len()],
    /// The recordings that were there before this process recorded anything.
    pub orphans: Vec<Id>,
    pub pace: Pace,
}

/// How often things are done and how many are held. Only tests choose others than the default.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub pauses: Pauses,
    /// Between two looks at the disk that nothing else asks for.
    pub look: Duration,
    pub bounds: Bounds,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            pauses: Pauses::default(),
            look: Duration::from_secs(DISK_LOOK_S_MAX),
            bounds: Bounds::default(),
        }
    }
}
