//! A session that has ended and whose dump has not.

use super::slots::Key;
use crate::connection::CloseReason;
use crate::spool::Recording;

/// A session that is over but whose last lines the disk still refuses.
pub struct Unsealed {
    /// Whose it is; that connection may be gone.
    pub key: Key,
    pub recording: Recording,
    pub reason: CloseReason,
}
