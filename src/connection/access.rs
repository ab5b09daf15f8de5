//! Which pages may send, and which proxies are believed about a peer's address.

use serde::{Deserialize, Deserializer, Serialize};

use crate::lenient;
use crate::network::Network;

/// Who may open a session, as far as the request head tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Access {
    /// Reverse proxies whose X-Forwarded-For is believed; by default those in loopback and private networks.
    #[serde(deserialize_with = "lenient::list")]
    pub trusted_proxies: Vec<Network>,

    /// Origins of the pages that may send, as browsers write them: `["https://meet.example.org"]`. If empty, all pages
    /// may send, and also programs that name no page.
    #[serde(deserialize_with = "origins")]
    pub allowed_origins: Vec<String>,
}

impl Default for Access {
    fn default() -> Self {
        Access {
            trusted_proxies: Network::LOCAL.to_vec(),
            allowed_origins: Vec::new(),
        }
    }
}

fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    lenient::list_by(deserializer, origin)
}

/// Takes an origin serialized as browsers send it (RFC 6454 §6.2): `https://host` or `https://host:port`.
fn origin(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err("\"*\" is no origin; leave the list empty to allow every page".to_string());
    }
    let host = text.split_once("://").map_or("", |(_, host)| host);
    let plain =
        !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']) && !text.contains(char::is_uppercase);
    if plain || text == "null" {
        return Ok(text.to_string());
    }
    Err(format!(
        "{text:?} is no origin; write it as browsers send it, in small letters, without a path: \"https://example.org\""
    ))
}
