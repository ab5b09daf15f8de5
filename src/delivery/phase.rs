//! The phases of delivery, from the recovery of the spool to its stop.

/// What delivery does at all. The next phase never leads back, except that a recovery that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Recovery comes first and alone, because it removes what looks like an unfinished pack.
    Unrecovered,
    Recovering,
    Running,
    Stopping,
}
