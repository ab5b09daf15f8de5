//! The settings with which a manager is made.
use std::time::Duration;

use super::availability::{Destination, Pauses};
use super::stage::Bounds;
use crate::id::Id;
use crate::limits::DISK_LOOK_S_MAX;

/// The settings with which a manager is made.
#[derive(Debug)]
pub struct Settings {
    /// How many hands may pack at a time, at least one. Packing needs a whole core; the rest of a delivery mostly
    /// waits.
    pub pack_slots: usize,
    /// The names of the destinations in the log, in the order of [`Destination::ALL`].
    pub names: [String; Destination::ALL.len()],
    /// The recordings that were there before this process recorded anything.
    pub orphans: Vec<Id>,
    pub pace: Pace,
}

/// How often things are done and how many are held. Only tests change the default.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub pauses: Pauses,
    /// The time between two looks at the disk when nothing else asks for one.
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
