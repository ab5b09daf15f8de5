//! What an operator decides about sockets and sessions.
use std::net::{Ipv6Addr, SocketAddr};

use serde::{Deserialize, Deserializer, Serialize};

use crate::lenient;
use crate::limits;
use crate::units::Size;

/// Where the server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ListenOptions {
    /// Where to listen. `[::]:8080` is every address of this machine, IPv4 too; `127.0.0.1:8080` is this machine only.
    #[serde(deserialize_with = "addresses")]
    pub listen: Vec<SocketAddr>,

    /// Connections that are open at a time; more get 503. Each takes two file descriptors.
    #[serde(deserialize_with = "lenient::count")]
    pub max_connections: usize,
}

/// Who the server is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct HostOptions {
    /// What the rows call this machine. Empty: its host name.
    pub host_identifier: String,
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

impl Default for ListenOptions {
    fn default() -> Self {
        ListenOptions {
            listen: vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 8080))],
            max_connections: limits::CONNECTIONS_COUNT_DEFAULT,
        }
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

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    lenient::list_by(deserializer, |text| {
        text.parse().map_err(|_| {
            format!(
                "{text:?} is no address with a port; write it like \"[::]:8080\" (all, IPv4 too) or \"127.0.0.1:8080\" \
                 (this machine only)"
            )
        })
    })
}
