//! The ICE servers of a connection (RFC 7064, RFC 7065), and what came of each: candidates and errors.
//!
//! A masked address stands for many hosts. So a server whose host is an address is known by all the rest of its URL
//! alone, masked or not: two such servers that differ in nothing else count as one. At most `FINDING_SERVERS_MAX`.
use super::call::Call;
use super::text::clipped;
use crate::dump::json::{Json, Text};
use crate::limits::{FINDING_SERVER_ERRORS_MAX, FINDING_SERVERS_MAX};
use crate::sdp::Candidate;

/// See the head of the file. Times are ms since 1970.
#[derive(Debug, Default)]
pub struct Servers {
    pub configuration: Configuration,
    pub relay_only: bool,
    pub list: Vec<Server>,
    /// Reflexive or relayed candidates that do not tell their server, as those of Firefox.
    pub nameless: u32,
}

/// Whether it is known which servers the page has given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Configuration {
    #[default]
    Unknown,
    Known,
}

#[derive(Clone, Debug)]
pub struct Server {
    /// As it was sent last.
    pub url: Box<str>,
    key: Box<str>,
    pub kind: Kind,
    /// Whether the last configuration has it.
    pub is_configured: bool,
    /// The first reflexive and the first relayed candidate of it since gathering began.
    pub reflexive: Option<f64>,
    pub relay: Option<f64>,
    pub errors: Vec<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stun,
    Turn,
}

/// An error of one code, the first time.
#[derive(Clone, Debug)]
pub struct Failure {
    pub code: u32,
    pub time: f64,
    pub text: Box<str>,
    pub count: u32,
}

impl Servers {
    pub fn call(&mut self, call: &Call<'_>) {
        match &*call.method {
            "create" | "setConfiguration" => self.configured(call.value),
            "onicecandidate" => self.candidate(call),
            "onicecandidateerror" => self.error(call),
            _ => {}
        }
    }

    /// Candidates of before have nothing to do with what follows.
    pub fn gather_again(&mut self) {
        self.nameless = 0;
        for server in &mut self.list {
            (server.reflexive, server.relay) = (None, None);
            server.errors.clear();
        }
    }

    pub fn has_turn(&self) -> bool {
        self.list
            .iter()
            .any(|server| server.kind == Kind::Turn && server.is_configured)
    }

    fn configured(&mut self, value: Json<'_>) {
        self.configuration = Configuration::Known;
        let policy = value.get("iceTransportPolicy").and_then(Json::as_text);
        self.relay_only = policy.is_some_and(|policy| policy.is("relay"));
        self.list.iter_mut().for_each(|server| server.is_configured = false);
        for server in value.get("iceServers").into_iter().flat_map(Json::elements) {
            for name in ["urls", "url"] {
                let Some(urls) = server.get(name) else { continue };
                for url in urls.elements().chain([urls]).filter_map(Json::as_text) {
                    if let Some(server) = self.at(url) {
                        server.is_configured = true;
                    }
                }
            }
        }
    }

    fn candidate(&mut self, call: &Call<'_>) {
        let Some(text) = call.member("candidate") else { return };
        let Some(candidate) = Candidate::parse(&text) else {
            return;
        };
        let is_relay = match candidate.kind {
            "srflx" => false,
            "relay" => true,
            _ => return,
        };
        let Some(server) = call.value.get("url").and_then(Json::as_text) else {
            self.nameless += 1;
            return;
        };
        if let Some(server) = self.at(server) {
            let first = if is_relay {
                &mut server.relay
            } else {
                &mut server.reflexive
            };
            first.get_or_insert(call.time);
        }
    }

    fn error(&mut self, call: &Call<'_>) {
        let code = call.value.get("errorCode").and_then(Json::as_f64);
        let Some(url) = call.value.get("url").and_then(Json::as_text) else {
            return;
        };
        let text = call.member("errorText").unwrap_or_default();
        let Some(server) = self.at(url) else { return };
        let code = code.unwrap_or_default() as u32;
        if let Some(known) = server.errors.iter_mut().find(|known| known.code == code) {
            known.count = known.count.saturating_add(1);
        } else if server.errors.len() < FINDING_SERVER_ERRORS_MAX {
            server.errors.push(Failure {
                code,
                time: call.time,
                text: clipped(&text).into(),
                count: 1,
            });
        }
    }

    fn at(&mut self, url: Text<'_>) -> Option<&mut Server> {
        let url = url.to_str();
        let url = clipped(&url);
        let (kind, key) = key(url)?;
        let at = self.list.iter().position(|server| *server.key == *key);
        let at = match at {
            Some(at) => at,
            None if self.list.len() == FINDING_SERVERS_MAX => return None,
            None => {
                self.list.push(Server {
                    url: Box::default(),
                    key: key.into(),
                    kind,
                    is_configured: false,
                    reflexive: None,
                    relay: None,
                    errors: Vec::new(),
                });
                self.list.len() - 1
            }
        };
        let server = &mut self.list[at];
        if *server.url != *url {
            server.url = url.into();
        }
        Some(server)
    }
}

impl Server {
    /// The first error with one of these codes.
    pub fn failure(&self, codes: &[u32]) -> Option<&Failure> {
        self.errors.iter().find(|failure| codes.contains(&failure.code))
    }

    /// How the server is reached: `udp`, `tcp` or `tls`.
    pub fn transport(&self) -> &str {
        self.key.rsplit_once('/').map_or("", |(_, transport)| transport)
    }
}

/// What makes a server another one than others: scheme, host if it is a name, port, and transport.
fn key(url: &str) -> Option<(Kind, String)> {
    let (scheme, rest) = url.split_once(':')?;
    let (kind, port, transport) = match scheme {
        "stun" => (Kind::Stun, "3478", "udp"),
        "stuns" => (Kind::Stun, "5349", "tls"),
        "turn" => (Kind::Turn, "3478", "udp"),
        "turns" => (Kind::Turn, "5349", "tls"),
        _ => return None,
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let transport = match query.strip_prefix("transport=") {
        Some("tcp") if transport == "udp" => "tcp",
        _ => transport,
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, own)) if !own.contains(']') && !host.ends_with(':') => (host, own),
        _ => (place, port),
    };
    let host = if is_address(host) { "*" } else { host };
    Some((
        kind,
        format!("{scheme}:{}:{port}/{transport}", host.to_ascii_lowercase()),
    ))
}

/// Whether it is an address, whole or masked (`198.51.100.x`, `[2001:db8:0:x:x:x:x:x]`).
fn is_address(host: &str) -> bool {
    let is_part = |part: &str| part == "x" || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    host.starts_with('[') || host.contains(':') || (host.contains('.') && host.split('.').all(is_part))
}

#[cfg(test)]
mod tests;
