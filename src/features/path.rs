//! The way that media took: transport, selected candidate pair, DTLS, and averages over them.
//!
//! Looks at the reports that an event has changed, and remembers the ids of transports (at most
//! `FEATURE_TRANSPORTS_MAX`) and of pairs that were selected (at most `FEATURE_PAIRS_MAX`). Further ones do not count,
//! which is counted. A browser that does not say which pair a transport uses (older Firefox, Safari) marks the pair.
use super::keep::{Id, Keeper, Kept};
use super::rank::Rank;
use super::value::property;
use crate::dump::json::{Json, Text};
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;
use crate::limits::{FEATURE_PAIRS_MAX, FEATURE_TRANSPORTS_MAX, FEATURE_VALUE_BYTES_MAX};

const SELECTED_PAIR: Property = Property::of("selectedCandidatePairId");
const SELECTED: Property = Property::of("selected");
const NOMINATED: Property = Property::of("nominated");
const STATE: Property = Property::of("state");
const TRANSPORT: Property = Property::of("transportId");
const TLS_VERSION: Property = Property::of("tlsVersion");
const DTLS_ROLE: Property = Property::of("dtlsRole");
const SRTP_CIPHER: Property = Property::of("srtpCipher");
const BYTES_SENT: Property = Property::of("bytesSent");
const BYTES_RECEIVED: Property = Property::of("bytesReceived");
const ROUND_TRIP_TIME: Property = Property::of("totalRoundTripTime");
const RESPONSES: Property = Property::of("responsesReceived");

/// What is asked of reports here.
pub const ASKED: &[Property] = &[
    SELECTED_PAIR,
    SELECTED,
    NOMINATED,
    STATE,
    TRANSPORT,
    TLS_VERSION,
    DTLS_ROLE,
    SRTP_CIPHER,
    BYTES_SENT,
    BYTES_RECEIVED,
    ROUND_TRIP_TIME,
    RESPONSES,
];

#[derive(Debug, Default)]
pub struct Path {
    /// Ids of transports, in the order of reports.
    transports: Vec<Rank>,
    /// Ids of candidate pairs, as long as no transport has said which one it uses.
    candidates: Vec<Rank>,
    transport_says: bool,
    peer_connection: Option<Rank>,
    pub dtls: Option<Dtls>,
    pub clock_skew: Option<f64>,
    selected: Vec<Selected>,
    begin: Option<Bytes>,
    end: Option<Bytes>,
}

/// What the transport says of DTLS, at the first time.
#[derive(Debug)]
pub struct Dtls {
    pub version: Option<Kept>,
    pub role: Option<Kept>,
    pub srtp_cipher: Option<Kept>,
}

/// A pair that was selected at some time, and its counters when it was so last.
#[derive(Debug)]
struct Selected {
    id: Id,
    round_trip_s: f64,
    responses: f64,
}

/// Counters of the transport at some time.
#[derive(Clone, Copy, Debug)]
struct Bytes {
    time: f64,
    sent: Option<f64>,
    received: Option<f64>,
}

impl Path {
    /// Takes note of a report that has been changed.
    pub fn changed(&mut self, kind: Text<'_>, report: Report<'_>, keeper: &mut Keeper) {
        if kind.is("candidate-pair") {
            if !self.transport_says {
                Rank::insert(&mut self.candidates, report.id(), FEATURE_PAIRS_MAX, keeper);
            }
        } else if kind.is("transport") {
            if !Rank::insert(&mut self.transports, report.id(), FEATURE_TRANSPORTS_MAX, keeper) {
                keeper.omit();
            }
        } else if self.clock_skew.is_none() && kind.is("peer-connection") {
            let mut first = self.peer_connection.take().into_iter().collect();
            Rank::insert(&mut first, report.id(), 2, keeper);
            self.peer_connection = first.into_iter().next();
        }
    }

    /// Looks at the statistics after an event, and gives the selected pair.
    pub fn look<'a>(&mut self, time: f64, reports: &'a Reports, keeper: &mut Keeper) -> Option<Report<'a>> {
        self.first_times(time, reports, keeper);
        let transports = self
            .transports
            .iter()
            .filter_map(|rank| typed(reports, rank, "transport"));
        let transport = transports
            .filter_map(|report| Some((report, truthy(report, SELECTED_PAIR)?)))
            .next();
        let (transport, pair) = match transport {
            Some((transport, id)) => {
                self.transport_says = true;
                self.candidates = Vec::new();
                (Some(transport), find(reports, id)?)
            }
            None => {
                let pair = self.marked(reports)?;
                (property(pair, TRANSPORT).and_then(|id| find(reports, id)), pair)
            }
        };
        self.add(time, transport, pair, keeper);
        Some(pair)
    }

    /// What counts only once.
    fn first_times(&mut self, time: f64, reports: &Reports, keeper: &mut Keeper) {
        if self.dtls.is_none() {
            let mut transports = self
                .transports
                .iter()
                .filter_map(|rank| typed(reports, rank, "transport"));
            let first = transports.find(|report| truthy(*report, TLS_VERSION).is_some());
            self.dtls = first.map(|report| {
                let mut kept = |property| report.get(property).and_then(|value| keeper.value(value));
                Dtls {
                    version: kept(TLS_VERSION),
                    role: kept(DTLS_ROLE),
                    srtp_cipher: kept(SRTP_CIPHER),
                }
            });
        }
        if self.clock_skew.is_none()
            && let Some(rank) = &self.peer_connection
            && let Some(report) = typed(reports, rank, "peer-connection")
        {
            let statistics = property(report, Property::TIMESTAMP).and_then(Json::as_f64);
            self.clock_skew = statistics.map(|statistics| (time - statistics + 0.5).floor());
        }
    }

    /// The pair that says of itself that it is used.
    fn marked<'a>(&self, reports: &'a Reports) -> Option<Report<'a>> {
        let pairs = || {
            self.candidates
                .iter()
                .filter_map(|rank| typed(reports, rank, "candidate-pair"))
        };
        let is = |report: &Report, name| property(*report, name).and_then(Json::as_bool) == Some(true);
        let succeeded = |report: &Report| {
            let state = property(*report, STATE).and_then(Json::as_text);
            state.is_some_and(|state| state.is("succeeded"))
        };
        let selected = pairs().find(|pair| is(pair, SELECTED));
        selected.or_else(|| pairs().find(|pair| is(pair, NOMINATED) && succeeded(pair)))
    }

    fn add(&mut self, time: f64, transport: Option<Report<'_>>, pair: Report<'_>, keeper: &mut Keeper) {
        let number = |report, name| property(report, name).and_then(Json::as_f64);
        let id = pair.id();
        let known = self.selected.iter().rposition(|selected| *selected.id == *id.raw());
        let at = known.or_else(|| self.select(id, keeper));
        if let Some(selected) = at.and_then(|at| self.selected.get_mut(at)) {
            selected.round_trip_s = number(pair, ROUND_TRIP_TIME).unwrap_or(0.0);
            selected.responses = number(pair, RESPONSES).unwrap_or(0.0);
        }
        let bytes = Bytes {
            time,
            sent: transport.and_then(|transport| number(transport, BYTES_SENT)),
            received: transport.and_then(|transport| number(transport, BYTES_RECEIVED)),
        };
        if bytes.sent > Some(0.0) && bytes.received > Some(0.0) {
            self.begin.get_or_insert(bytes);
        }
        self.end = Some(bytes);
    }

    fn select(&mut self, id: Text<'_>, keeper: &mut Keeper) -> Option<usize> {
        if self.selected.len() == FEATURE_PAIRS_MAX {
            keeper.omit();
            return None;
        }
        self.selected.push(Selected {
            id: keeper.id(id)?,
            round_trip_s: 0.0,
            responses: 0.0,
        });
        Some(self.selected.len() - 1)
    }

    /// The mean time of a STUN round trip over all pairs that were selected, in seconds.
    pub fn round_trip_time(&self) -> Option<f64> {
        let time: f64 = self.selected.iter().map(|pair| pair.round_trip_s).sum();
        let responses: f64 = self.selected.iter().map(|pair| pair.responses).sum();
        (responses != 0.0).then(|| time / responses)
    }

    /// Bits sent per second, from the first time at which both counters are above zero to the last one.
    pub fn outbound_bitrate(&self) -> Option<f64> {
        self.bitrate(|bytes| bytes.sent)
    }

    pub fn inbound_bitrate(&self) -> Option<f64> {
        self.bitrate(|bytes| bytes.received)
    }

    fn bitrate(&self, counter: impl Fn(&Bytes) -> Option<f64>) -> Option<f64> {
        let (begin, end) = (self.begin.as_ref()?, self.end.as_ref()?);
        let bytes = counter(end)? - counter(begin)?;
        (begin.time < end.time).then(|| bytes * 8.0 / ((end.time - begin.time) / 1000.0))
    }
}

/// The report of this id, if it is of this type.
fn typed<'a>(reports: &'a Reports, rank: &Rank, kind: &str) -> Option<Report<'a>> {
    let report = reports.find(rank.id())?;
    report.kind().is_some_and(|own| own.is(kind)).then_some(report)
}

fn truthy<'a>(report: Report<'a>, name: Property) -> Option<Json<'a>> {
    property(report, name).filter(|value| value.is_truthy())
}

/// The report to which a reference leads. None is as long as what features keep.
pub fn find<'a>(reports: &'a Reports, reference: Json<'_>) -> Option<Report<'a>> {
    let id = reference.as_text()?;
    (id.raw().len() <= FEATURE_VALUE_BYTES_MAX).then(|| reports.find(id))?
}
