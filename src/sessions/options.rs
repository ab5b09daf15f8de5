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
    /// The name of this machine in the rows. If it is empty, the host name is used.
    pub host_identifier: String,
}

impl HostOptions {
    /// The values that cannot be used.
    pub fn unfit(&self) -> Vec<Unfit> {
        let name = &self.host_identifier;
        Vec::from_iter(unfit::unless(
            name.len() <= limits::CLAIM_BYTES_MAX && !name.contains(char::is_control),
            "host_identifier",
            "must be one line of at most 256 bytes",
        ))
    }
}

/// The limits of all sessions together, and of each dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SessionLimits {
    /// The most bytes of one dump. A message beyond that ends the session (1009); what came before it is kept.
    pub dump_bytes: Size,

    /// Bytes of incomplete messages in memory, over all connections. Beyond this, the connection with the largest one
    /// is closed (1013).
    pub partial_bytes: Size,

    /// How often one connection is read before it is the next one's turn; from 1 to 1024.
    #[serde(deserialize_with = "lenient::count")]
    pub reads_per_turn: usize,
}

impl SessionLimits {
    /// The values that cannot be used.
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
