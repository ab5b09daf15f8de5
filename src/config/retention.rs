//! `[retention]`: how long, and how much of, what this machine holds of stored dumps is kept.
//!
//! Never here: what is done about it.
use crate::units::{Period, Size};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `[retention]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct RetentionSection {
    /// 0: for ever.
    pub max_age: Period,
    /// 0: as much as there is room.
    pub max_bytes: Size,
    /// How long a copy is kept of what went to a bucket; 0: there is none.
    pub keep_local: Period,
}

impl Default for RetentionSection {
    fn default() -> Self {
        RetentionSection {
            max_age: Period(Duration::ZERO),
            max_bytes: Size(0),
            keep_local: Period(Duration::ZERO),
        }
    }
}
