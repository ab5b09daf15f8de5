//! What the selected pair of candidates leads over (RTCIceCandidatePairStats, RTCIceCandidateStats).
//!
//! Addresses are never looked at: a masked one stands for many hosts.
use super::samples::Slot;
use super::text::clipped;
use crate::dump::json::{Json, Text};
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;

const LOCAL: Property = Property::of("localCandidateId");
const REMOTE: Property = Property::of("remoteCandidateId");
const TYPE: Property = Property::of("candidateType");
const PROTOCOL: Property = Property::of("protocol");
const RELAY_PROTOCOL: Property = Property::of("relayProtocol");
const NETWORK: Property = Property::of("networkType");
const URL: Property = Property::of("url");
const FRAGMENT: Property = Property::of("usernameFragment");

/// One pair, from the time when it was selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The id of its report.
    pub pair: Box<str>,
    serial: u32,
    /// Milliseconds since 1970.
    pub since: f64,
    pub local: End,
    pub remote: End,
}

/// The candidate of one side. What is not told is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct End {
    /// `host`, `srflx`, `prflx` or `relay`.
    pub kind: Box<str>,
    /// `udp` or `tcp`.
    pub protocol: Box<str>,
    /// How the TURN server is reached: `udp`, `tcp` or `tls`.
    pub relay_protocol: Box<str>,
    pub network: Box<str>,
    pub url: Box<str>,
    /// Of ICE: another one after an ICE restart.
    pub fragment: Box<str>,
}

impl Path {
    pub fn of(pair: &Slot, reports: &Reports, time: f64) -> Option<Path> {
        let report = reports.at(pair.place())?;
        let end = |property| End::of(candidate(report, property, reports));
        Some(Path {
            pair: pair.id.clone(),
            serial: pair.serial(),
            since: time,
            local: end(LOCAL),
            remote: end(REMOTE),
        })
    }

    /// Whether it is the same one: a path stays as it was when it was selected.
    pub fn is(&self, other: &Path) -> bool {
        self.serial == other.serial && self.since == other.since
    }

    pub fn is_of(&self, pair: &Slot) -> bool {
        self.serial == pair.serial()
    }

    /// `host/udp → relay/udp`.
    pub fn words(&self) -> String {
        format!("{} → {}", self.local.words(), self.remote.words())
    }
}

fn candidate<'a>(pair: Report<'a>, property: Property, reports: &'a Reports) -> Option<Report<'a>> {
    let id = pair.get(property).and_then(Json::as_text)?;
    (id.raw().len() <= crate::limits::FINDING_TEXT_BYTES_MAX).then(|| reports.find(id))?
}

impl End {
    fn of(candidate: Option<Report<'_>>) -> End {
        let text = |property| -> Box<str> {
            let text = candidate
                .and_then(|report| report.get(property))
                .and_then(Json::as_text);
            let text = text.map(Text::to_str).unwrap_or_default();
            clipped(&text).into()
        };
        End {
            kind: text(TYPE),
            protocol: text(PROTOCOL),
            relay_protocol: text(RELAY_PROTOCOL),
            network: text(NETWORK),
            url: text(URL),
            fragment: text(FRAGMENT),
        }
    }

    /// How this side reaches the network: the relay's protocol if there is one, even if only its URL tells it.
    pub fn transport(&self) -> &str {
        let by_url = match (&*self.kind, self.url.split_once(':')) {
            ("relay", Some(("turns", _))) => Some("tls"),
            ("relay", Some(_)) if self.url.ends_with("transport=tcp") => Some("tcp"),
            _ => None,
        };
        match &*self.relay_protocol {
            "" => by_url.unwrap_or(&self.protocol),
            protocol => protocol,
        }
    }

    pub fn words(&self) -> String {
        let kind = if self.kind.is_empty() { "unknown" } else { &self.kind };
        let network = match &*self.network {
            "" | "unknown" => String::new(),
            network => format!(" on {network}"),
        };
        match self.transport() {
            "" => format!("{kind}{network}"),
            transport => format!("{kind}/{transport}{network}"),
        }
    }
}
