//! `[spool]`: where dumps wait, and how much space is kept free.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::unfit::{self, Unfit};
use crate::units::{Period, Size};

/// Live and undelivered dumps, each a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SpoolOptions {
    /// Where live and undelivered dumps lie, below data_dir.
    pub directory: PathBuf,

    /// With less free space than this, new sessions get 503. With less than half of it, live sessions are ended; what
    /// they have sent so far is kept.
    pub min_free: Size,

    /// How long lines may wait in memory before they are written. 0 means not at all, so that a crash loses nothing. At
    /// most 20 seconds.
    pub flush_interval: Period,

    /// How often what has been written is made safe against a power cut, and the free space is looked at. At most a
    /// minute.
    pub sync_interval: Period,
}

impl SpoolOptions {
    /// The values that cannot be used.
    pub fn unfit(&self) -> Vec<Unfit> {
        let rules = [
            unfit::path("directory", &self.directory),
            unfit::time_at_most("flush_interval", self.flush_interval, limits::FLUSH_INTERVAL_MAX),
            unfit::some_time("sync_interval", self.sync_interval),
            unfit::time_at_most("sync_interval", self.sync_interval, limits::SYNC_INTERVAL_MAX),
        ];
        rules.into_iter().flatten().collect()
    }
}

impl Default for SpoolOptions {
    fn default() -> Self {
        SpoolOptions {
            directory: "spool".into(),
            min_free: Size(limits::SPOOL_FREE_BYTES_DEFAULT),
            flush_interval: Period(limits::FLUSH_INTERVAL_DEFAULT),
            sync_interval: Period(limits::SYNC_INTERVAL_DEFAULT),
        }
    }
}
