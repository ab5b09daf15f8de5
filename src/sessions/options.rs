//! What an operator decides about sessions.
use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::limits;
use crate::unfit::{self, Unfit};
use crate::units::Size;

/// Who the server is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct HostOptions {
    /// What the rows call this machine. Empty: its host name.
    pub host_identifier: String,
}

impl HostOptions {
    /// The values that cannot be meant.
    pub fn unfit(&self) -> Vec<Unfit> {
        let name = &self.host_identifier;
        Vec::from_iter(unfit::unless(
            name.len() <= limits::CLAIM_BYTES_MAX && !name.contains(char::is_control),
            "host_identifier",
            "must be one line of at most 256 bytes",
        ))
    }
}

/// What all sessions together, and each dump, are held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SessionLimits {
    /// The longest dump; what is longer ends the session (1009). What had come is kept.
    pub dump_bytes: Size,

    /// Bytes of incomplete messages in memory, over all connections; beyond it the largest is closed (1013).
    pub partial_bytes: Size,

    /// Reads of one connection before the next one has its turn; from 1 to 1024.
    #[serde(deserialize_with = "lenient::count")]
    pub reads_per_turn: usize,
}

impl SessionLimits {
    /// The values that cannot be meant.
    pub fn unfit(&self) -> Vec<Unfit> {
        let range = 1..=limits::READS_PER_TURN_MAX;
        Vec::from_iter(unfit::count("reads_per_turn", self.reads_per_turn, range))
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        SessionLimits {
            dump_bytes: Size(limits::DUMP_BYTES_DEFAULT),
            partial_bytes: Size(limits::PARTIAL_BYTES_DEFAULT as u64),
            reads_per_turn: limits::READS_PER_TURN_DEFAULT,
        }
    }
}
