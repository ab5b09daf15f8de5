//! `[retention]`: how long, and how much of, what this machine holds of stored dumps is kept.
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{Period, Size};

/// What lies on this machine is let go by age and by size, oldest first. What lies in a bucket is for the bucket's own
/// rules to remove. A look is taken every ten minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct RetentionOptions {
    /// The folder store lets go what was packed longer ago (such as `30d`). 0 keeps everything, until the disk is full.
    /// The rows stay, with blob_url null and "blobRemoved" in their metadata.
    pub max_age: Period,

    /// The folder store lets go what is more than so many bytes in sum (such as `200GiB`); copies beside a bucket are
    /// bounded as well. 0 keeps everything, until the disk is full.
    pub max_bytes: Size,

    /// How long a copy of what went to a bucket stays on this machine, in data_dir/copies. 0 keeps none. Copies are
    /// links to what the spool held, and count as disk that is used (see spool.min_free).
    pub keep_local: Period,
}

impl Default for RetentionOptions {
    fn default() -> Self {
        RetentionOptions {
            max_age: Period(Duration::ZERO),
            max_bytes: Size(0),
            keep_local: Period(Duration::ZERO),
        }
    }
}
