//! `[retention]`: how long stored dumps are kept on this machine, and how much of them.
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{Period, Size};

/// Dumps on this machine are removed by age and by size, the oldest first. Removing dumps from a bucket is left to the
/// bucket's own rules. The server checks this every ten minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct RetentionOptions {
    /// The folder store removes dumps that are older than this (such as `30d`). The start of a dump's session (in its
    /// id) and the time of its file must both say so; a time that is ahead of the clock by more than a day does not
    /// count. If the clock disagrees with the time of the last sweep, or no sweep is known, the log tells for an hour
    /// what is too old before it goes. 0 keeps everything, until the disk is full. The rows stay, with blob_url null
    /// and "blobRemoved" in their metadata.
    pub max_age: Period,

    /// The folder store removes the oldest dumps, at once, when all dumps together have more bytes than this (such as
    /// `200GiB`). The limit also applies to copies beside a bucket. 0 keeps everything, until the disk is full.
    pub max_bytes: Size,

    /// How long a copy of a dump that went to a bucket stays on this machine, in data_dir/copies, by the rules of
    /// max_age. 0 keeps none. Copies are links to the files that the spool held, and count as used disk space (see
    /// spool.min_free).
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
