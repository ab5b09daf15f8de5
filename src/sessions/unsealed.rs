//! A session that has ended but whose dump is not sealed yet.

use super::slots::Key;
use crate::connection::CloseReason;
use crate::spool::Recording;

/// A session that is over but whose last lines the disk still refuses.
pub struct Unsealed {
    /// The connection that recorded it; it may be gone.
    pub key: Key,
    pub recording: Recording,
    pub reason: CloseReason,
}
