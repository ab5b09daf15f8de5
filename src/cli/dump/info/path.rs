//! Which way the media of a connection took: the selected candidate pair, from the statistics.
//!
//! The pair is the one that the first transport names (RTCTransportStats.selectedCandidatePairId), or, where no
//! transport does, one that says itself that it is selected, as Firefox has it. What is told is of the last statistics
//! in which there was a pair. Texts are cut to `INFO_TEXT_CHARS_MAX`.
use serde::Serialize;

use super::text::{number, word};
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;

/// The last path of a connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Path {
    pub local: Candidate,
    pub remote: Candidate,
    /// The state of the pair (RTCStatsIceCandidatePairState).
    pub state: Option<String>,
    /// Seconds (RTCIceCandidatePairStats.currentRoundTripTime).
    pub round_trip_time: Option<f64>,
    /// Bits per second (RTCIceCandidatePairStats.availableOutgoingBitrate).
    pub available_outgoing_bitrate: Option<f64>,
    /// Bytes since the beginning, of the transport or else of the pair.
    pub bytes_sent: Option<f64>,
    pub bytes_received: Option<f64>,
    /// RTCTransportStats.tlsVersion: `FEFD` is DTLS 1.2.
    pub tls_version: Option<String>,
    pub srtp_cipher: Option<String>,
    /// How often another pair was selected.
    pub changes: u64,
    #[serde(skip)]
    id: String,
}

/// One end (RTCIceCandidateStats).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// RTCIceCandidateType: host, srflx, prflx or relay.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub protocol: Option<String>,
    /// How a relay is reached: udp, tcp or tls.
    pub relay_protocol: Option<String>,
    pub network_type: Option<String>,
    pub address: Option<String>,
}

const CANDIDATE_TYPE: Property = Property::of("candidateType");
const PROTOCOL: Property = Property::of("protocol");
const RELAY_PROTOCOL: Property = Property::of("relayProtocol");
const NETWORK_TYPE: Property = Property::of("networkType");
const ADDRESS: Property = Property::of("address");
const SELECTED_PAIR: Property = Property::of("selectedCandidatePairId");
const SELECTED: Property = Property::of("selected");
const LOCAL: Property = Property::of("localCandidateId");
const REMOTE: Property = Property::of("remoteCandidateId");
const STATE: Property = Property::of("state");
const ROUND_TRIP: Property = Property::of("currentRoundTripTime");
const AVAILABLE: Property = Property::of("availableOutgoingBitrate");
const BYTES_SENT: Property = Property::of("bytesSent");
const BYTES_RECEIVED: Property = Property::of("bytesReceived");
const TLS_VERSION: Property = Property::of("tlsVersion");
const SRTP_CIPHER: Property = Property::of("srtpCipher");

impl Path {
    /// Looks at the statistics of one moment. `transport` is the first one of them, `selected` a pair that says so
    /// itself.
    pub fn look(
        known: &mut Option<Path>,
        reports: &Reports,
        transport: Option<Report<'_>>,
        selected: Option<Report<'_>>,
    ) {
        let named = transport.and_then(|transport| pair_of(reports, transport));
        let Some(pair) = named.or(selected) else { return };
        let path = known.get_or_insert_default();
        let id = pair.id().to_str();
        if path.id != id {
            path.changes += u64::from(!path.id.is_empty());
            path.id = id.into_owned();
        }
        let end = |property| Some(Candidate::of(reports.get(&pair.get(property)?.as_text()?.to_str())?));
        path.local = end(LOCAL).unwrap_or_default();
        path.remote = end(REMOTE).unwrap_or_default();
        path.state = word(pair.get(STATE));
        path.round_trip_time = number(pair.get(ROUND_TRIP));
        path.available_outgoing_bitrate = number(pair.get(AVAILABLE));
        let counter = |property| {
            let of_transport = transport.and_then(|transport| number(transport.get(property)));
            of_transport.or_else(|| number(pair.get(property)))
        };
        path.bytes_sent = counter(BYTES_SENT);
        path.bytes_received = counter(BYTES_RECEIVED);
        path.tls_version = transport.and_then(|transport| word(transport.get(TLS_VERSION)));
        path.srtp_cipher = transport.and_then(|transport| word(transport.get(SRTP_CIPHER)));
    }

    /// Whether a pair says itself that it is selected.
    pub fn is_selected(pair: Report<'_>) -> bool {
        pair.get(SELECTED).and_then(Json::as_bool) == Some(true)
    }

    /// Whether a transport names a pair.
    pub fn names_pair(transport: Report<'_>) -> bool {
        transport.get(SELECTED_PAIR).is_some_and(Json::is_truthy)
    }
}

impl Candidate {
    fn of(report: Report<'_>) -> Candidate {
        Candidate {
            kind: word(report.get(CANDIDATE_TYPE)),
            protocol: word(report.get(PROTOCOL)),
            relay_protocol: word(report.get(RELAY_PROTOCOL)),
            network_type: word(report.get(NETWORK_TYPE)),
            address: word(report.get(ADDRESS)),
        }
    }
}

fn pair_of<'a>(reports: &'a Reports, transport: Report<'_>) -> Option<Report<'a>> {
    reports.get(&transport.get(SELECTED_PAIR)?.as_text()?.to_str())
}
