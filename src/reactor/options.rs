//! What an operator decides about sockets.
use std::net::{Ipv6Addr, SocketAddr};

use serde::{Deserialize, Deserializer, Serialize};

use crate::lenient;
use crate::limits;
use crate::unfit::{self, Unfit};

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

impl ListenOptions {
    /// The values that cannot be used.
    pub fn unfit(&self) -> Vec<Unfit> {
        let rules = [
            unfit::unless(
                !self.listen.is_empty(),
                "listen",
                "is empty; list an address, such as \"[::]:8080\"",
            ),
            unfit::unless(self.max_connections > 0, "max_connections", "must be at least 1"),
        ];
        rules.into_iter().flatten().collect()
    }
}

impl Default for ListenOptions {
    fn default() -> Self {
        ListenOptions {
            listen: vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 8080))],
            max_connections: limits::CONNECTIONS_COUNT_DEFAULT,
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
