//! How often delivery tries again and looks again. Never here: a clock.
use std::time::Duration;

use super::backoff::Pauses;
use crate::limits::{DISK_LOOK_S_MAX, RETRY_PAUSE_S_MAX, RETRY_PAUSE_S_MIN, SETTLE_PAUSE_MS_MIN};

/// How often things are tried again; the defaults are what an operator gets.
#[derive(Debug, Clone, Copy)]
pub struct Tempo {
    /// Before a destination that is down is probed again.
    pub pauses: Pauses,
    /// Between two looks at the disk that nothing else asks for.
    pub look: Duration,
    /// Before looking again whether the sync has removed what it was told to.
    pub settle: Duration,
}

impl Default for Tempo {
    fn default() -> Self {
        Tempo {
            pauses: Pauses {
                first: Duration::from_secs(RETRY_PAUSE_S_MIN),
                last: Duration::from_secs(RETRY_PAUSE_S_MAX),
            },
            look: Duration::from_secs(DISK_LOOK_S_MAX),
            settle: Duration::from_millis(SETTLE_PAUSE_MS_MIN),
        }
    }
}
