//! Whether the disk takes new sessions, and how often that is looked at.

use std::time::Duration;

/// The time between two rounds of upkeep.
pub const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Whether the spool's disk takes new sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Enough,
    /// Less than `spool.min_free` is free.
    Low,
    /// No recording could be begun: its folder is gone, or may not be written.
    Shut,
}
