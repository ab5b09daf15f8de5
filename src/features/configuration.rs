//! The RTCConfiguration with which a connection was created (W3C WebRTC, section 4.2).
//!
//! Only the first create counts. Servers are counted and their URLs looked at (RFC 7064, RFC 7065); none is kept.
use super::keep::{Keeper, Kept};
use crate::dump::json::{Json, Kind};

#[derive(Debug, Default)]
pub struct Configuration {
    is_known: bool,
    /// The number of ICE servers, if there is a list of them.
    pub servers: Option<u32>,
    /// Only relayed candidates are used, where a list of ICE servers is given.
    pub relay_only: Option<bool>,
    pub stun: bool,
    pub turns: bool,
    pub turn_udp: bool,
    pub turn_tcp: bool,
    pub bundle_policy: Option<Kept>,
    pub data_channels: Option<Kept>,
}

impl Configuration {
    pub fn create(&mut self, value: Json<'_>, keeper: &mut Keeper) {
        if self.is_known {
            return;
        }
        self.is_known = true;
        self.bundle_policy = value.get("bundlePolicy").and_then(|policy| keeper.value(policy));
        let data_channels = value.get("alwaysNegotiateDataChannels");
        self.data_channels = data_channels.and_then(|always| keeper.value(always));
        let Some(servers) = value.get("iceServers").filter(|servers| servers.is_truthy()) else {
            return;
        };
        let policy = value.get("iceTransportPolicy").and_then(Json::as_text);
        self.relay_only = Some(policy.is_some_and(|policy| policy.is("relay")));
        if servers.kind() != Kind::Array {
            return;
        }
        let mut count = 0;
        for server in servers.elements() {
            count += 1;
            let Some(urls) = server.get("urls") else { continue };
            self.url(urls);
            urls.elements().for_each(|url| self.url(url));
        }
        self.servers = Some(count);
    }

    fn url(&mut self, url: Json<'_>) {
        let Some(url) = url.as_text() else { return };
        let url = url.to_str();
        self.stun |= url.starts_with("stun:");
        self.turns |= url.starts_with("turns:");
        let is_turn = url.starts_with("turn:");
        self.turn_udp |= is_turn && url.ends_with("?transport=udp");
        self.turn_tcp |= is_turn && url.ends_with("?transport=tcp");
    }
}
