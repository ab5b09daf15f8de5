//! The candidates of the pair over which a connection was connected first (RTCIceCandidateStats).
use super::keep::{Keeper, Kept};
use super::path::find;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;

const LOCAL: Property = Property::of("localCandidateId");
const REMOTE: Property = Property::of("remoteCandidateId");
const PRIORITY: Property = Property::of("priority");
const ADDRESS: Property = Property::of("address");
const NETWORK_TYPE: Property = Property::of("networkType");
const PROTOCOL: Property = Property::of("protocol");
const RELAY_PROTOCOL: Property = Property::of("relayProtocol");
const URL: Property = Property::of("url");
const TYPE: Property = Property::of("candidateType");

/// What is asked of reports here.
pub const ASKED: &[Property] = &[
    LOCAL,
    REMOTE,
    PRIORITY,
    ADDRESS,
    NETWORK_TYPE,
    PROTOCOL,
    RELAY_PROTOCOL,
    URL,
    TYPE,
];

/// What is kept of both candidates.
#[derive(Debug)]
pub struct FirstPair {
    pub local_address: Option<Kept>,
    pub local_network_type: Option<Kept>,
    pub local_protocol: Option<Kept>,
    pub local_relay_protocol: Option<Kept>,
    pub local_relay_url: Option<Kept>,
    pub local_type: Option<Kept>,
    /// RFC 8445, section 5.1.2.1: the highest byte of the priority.
    pub local_type_preference: f64,
    pub remote_address: Option<Kept>,
    pub remote_type: Option<Kept>,
}

impl FirstPair {
    /// `None` if one of the candidates is not among the reports.
    pub fn of(pair: Report<'_>, reports: &Reports, keeper: &mut Keeper) -> Option<FirstPair> {
        let candidate = |name| pair.get(name).and_then(|id| find(reports, id));
        let local = candidate(LOCAL)?;
        let remote = candidate(REMOTE)?;
        let mut kept = |report: Report, name| report.get(name).and_then(|value| keeper.value(value));
        let priority = local.get(PRIORITY).and_then(Json::as_f64);
        Some(FirstPair {
            local_address: kept(local, ADDRESS),
            local_network_type: kept(local, NETWORK_TYPE),
            local_protocol: kept(local, PROTOCOL),
            local_relay_protocol: kept(local, RELAY_PROTOCOL),
            local_relay_url: kept(local, URL),
            local_type: kept(local, TYPE),
            local_type_preference: type_preference(priority),
            remote_address: kept(remote, ADDRESS),
            remote_type: kept(remote, TYPE),
        })
    }
}

/// As JavaScript's `priority >> 24` has it: negative from 2^31 on, 0 if there is no number.
fn type_preference(priority: Option<f64>) -> f64 {
    let priority = priority.filter(|priority| priority.is_finite()).unwrap_or(0.0);
    let modulo = priority.trunc().rem_euclid(4_294_967_296.0) as u32;
    f64::from(modulo as i32 >> 24)
}
