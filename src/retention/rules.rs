//! How old the dumps on this machine may become, and how many bytes they may have.
use std::time::Duration;

use super::options::RetentionOptions;

/// What is kept. `None` means for ever, or as much as there is room for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retention {
    pub max_age: Option<Duration>,
    pub max_bytes: Option<u64>,
}

impl Retention {
    /// What is kept of a folder store's objects; 0 means no limit.
    pub fn of_objects(options: &RetentionOptions) -> Retention {
        Retention {
            max_age: Some(options.max_age.0).filter(|age| !age.is_zero()),
            ..Retention::of_copies(options)
        }
    }

    /// What is kept of the copies beside a bucket; a `keep_local` of 0 keeps none.
    pub fn of_copies(options: &RetentionOptions) -> Retention {
        Retention {
            max_age: Some(options.keep_local.0),
            max_bytes: Some(options.max_bytes.0).filter(|bytes| *bytes > 0),
        }
    }

    pub fn is_off(&self) -> bool {
        self.max_age.is_none() && self.max_bytes.is_none()
    }
}
