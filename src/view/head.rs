//! The head of the data: everything but the arrays, as it is written into JSON.
//!
//! Names are those of `docs/view-format.md`. Times are ms since 1970. What is not known is null.
mod values;

use std::collections::BTreeMap;
use std::ops::Not;

use serde::Serialize;
use serde_json::Value;

use super::binary::{Array, Number};
use super::judgement::Judgement;

pub use values::{Level, Polls, Report, Sampled, Series};

/// The version of the form of the data.
pub const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    pub version: u32,
    pub source: Source,
    pub clock: Clock,
    pub facts: Facts,
    #[serde(flatten)]
    pub judgement: Judgement,
    pub features: Features,
    pub client: Client,
    pub connections: Vec<Connection>,
    pub sdp: Sdp,
    pub events: Events,
    pub series: Vec<Series>,
    /// The series that most charts are drawn from.
    pub headline: Vec<usize>,
}

/// Where the data come from, and what of it was not read.
#[derive(Debug, Default, Serialize)]
pub struct Source {
    pub name: String,
    /// `library`, `internals` or `export`.
    pub form: &'static str,
    /// As `dump info` calls it.
    pub format: &'static str,
    pub flags: Vec<&'static str>,
    /// Whether it was masked for this page. A dump does not tell whether that was done before.
    #[serde(skip_serializing_if = "Not::not")]
    pub masked: bool,
    pub complete: bool,
    /// How the client's connection to the server ended.
    pub closing: Option<String>,
    pub notes: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    pub start: Number,
    pub end: Number,
    /// What the server's clock is ahead of the client's, in ms, with the time that the first message took.
    pub server_offset: Option<Number>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    pub browser: Option<String>,
    pub system: Option<String>,
    pub machine: Option<String>,
    pub user_agent: Option<String>,
    pub screen: Option<String>,
    pub origin: Option<String>,
    /// In ms.
    pub duration: Option<Number>,
    pub path: Option<String>,
    pub codecs: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Connection {
    /// From 1 on, in the order of first events; 0 is the client.
    pub index: usize,
    pub name: String,
    pub start: Number,
    pub end: Number,
    pub closed: bool,
    pub states: States,
    pub setup: Vec<Step>,
    pub path: Vec<Path>,
    /// Between polls that came much later than others.
    pub gaps: Vec<(Number, Number)>,
    pub rounds: Vec<Round>,
    pub tracks: Vec<Track>,
    pub matrix: Vec<Direction>,
    pub ice: Ice,
    pub polls: Polls,
    pub reports: Vec<Report>,
}

/// Each change of a state: when, and to what.
pub type Changes = Vec<(Number, String)>;

#[derive(Clone, Debug, Default, Serialize)]
pub struct States {
    pub signaling: Changes,
    pub ice: Changes,
    pub connection: Changes,
    pub gathering: Changes,
}

#[derive(Debug, Serialize)]
pub struct Events {
    /// Of the dump, without statistics.
    pub count: usize,
    pub shown: usize,
    pub omitted: usize,
    /// Of these, calls, failures and states.
    pub calls_omitted: usize,
    pub columns: Columns,
    pub methods: Vec<String>,
    pub values: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Columns {
    /// Since the start of the clock, in ms.
    pub time: Array,
    /// The index of a connection.
    pub connection: Array,
    /// The index of a name in `methods`.
    pub method: Array,
    /// The index of a text in `values`.
    pub value: Array,
    /// How long the call took, in ms; -1 if it is none, or did not return.
    pub duration: Array,
}

pub fn number(value: f64) -> Number {
    Number(value)
}

/// One round of negotiation. `offer` and `answer` are places in the list of descriptions.
#[derive(Debug, Serialize)]
pub struct Round {
    pub number: usize,
    pub start: Number,
    pub end: Option<Number>,
    pub trigger: String,
    pub by: &'static str,
    pub offer: Option<usize>,
    pub answer: Option<usize>,
}

#[derive(Debug, Default, Serialize)]
pub struct Sdp {
    pub texts: Vec<String>,
    pub descriptions: Vec<Description>,
    pub omitted: usize,
    pub diffs: Vec<Diff>,
    pub explanations: BTreeMap<&'static str, &'static str>,
}

#[derive(Debug, Serialize)]
pub struct Description {
    pub connection: usize,
    pub time: Number,
    pub side: &'static str,
    pub role: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub text: usize,
    pub event: Option<usize>,
}

/// `from` and `to` are places in the list of descriptions.
#[derive(Debug, Serialize)]
pub struct Diff {
    pub kind: &'static str,
    pub from: usize,
    pub to: usize,
    pub sections: Vec<DiffSection>,
}

#[derive(Debug, Serialize)]
pub struct DiffSection {
    pub mid: Option<String>,
    /// Which section of `to` it is, with 0 for the session; absent if `to` has none.
    pub to: Option<usize>,
    pub title: String,
    pub operations: Vec<Value>,
}

/// One step of a set-up.
#[derive(Debug, Serialize)]
pub struct Step {
    pub phase: &'static str,
    pub start: Number,
    pub end: Option<Number>,
}

/// Over which pair media went from this time on.
#[derive(Debug, Serialize)]
pub struct Path {
    pub time: Number,
    /// RTCIceCandidateType of both sides.
    pub local: Option<String>,
    pub remote: Option<String>,
    pub protocol: Option<String>,
    pub relay: Option<String>,
    pub network: Option<String>,
    /// The id of its report.
    pub pair: Option<String>,
}

#[derive(Debug, Default, Serialize)]
pub struct Ice {
    pub policy: Option<String>,
    pub servers: Vec<Server>,
    pub candidates: Vec<Candidate>,
    pub pairs: Vec<Pair>,
}

#[derive(Debug, Serialize)]
pub struct Server {
    pub url: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// From the beginning of gathering to the first candidate of this server, in ms.
    pub first: Option<Number>,
    pub error: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Candidate {
    /// When an event told of it; absent if only statistics have it.
    pub time: Option<Number>,
    pub side: &'static str,
    #[serde(rename = "type")]
    pub kind: String,
    pub protocol: Option<String>,
    pub relay: Option<String>,
    pub address: Option<String>,
    pub port: Option<Number>,
    pub url: Option<String>,
    pub foundation: Option<String>,
    pub report: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Pair {
    pub id: String,
    pub local: Option<String>,
    pub remote: Option<String>,
    pub state: Option<String>,
    pub nominated: bool,
    /// It was selected at some time.
    pub selected: bool,
    pub series: Vec<usize>,
}

#[derive(Debug, Serialize)]
pub struct Track {
    pub id: String,
    pub kind: String,
    pub direction: &'static str,
    pub mid: Option<String>,
    pub label: Option<String>,
    pub source: Option<String>,
    pub layers: Vec<Layer>,
    pub remote: Vec<String>,
    pub series: Vec<usize>,
    pub bands: Vec<Band>,
    pub codec: Option<String>,
    pub implementation: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Layer {
    pub report: String,
    pub rid: Option<String>,
    pub ssrc: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Band {
    pub kind: &'static str,
    pub start: Number,
    pub end: Number,
    /// Of one layer of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Direction {
    pub mid: Option<String>,
    pub kind: String,
    pub wanted: &'static str,
    pub negotiated: Option<&'static str>,
    pub sent: Option<bool>,
    pub received: Option<bool>,
    pub decoded: Option<bool>,
}

#[derive(Debug, Serialize)]
pub struct Client {
    pub calls: Vec<ClientCall>,
}

#[derive(Debug, Serialize)]
pub struct ClientCall {
    pub time: Number,
    pub end: Option<Number>,
    pub kind: &'static str,
    pub text: String,
    pub failed: bool,
}

#[derive(Debug, Serialize)]
pub struct Features {
    pub definitions: Definitions,
    pub client: Vec<Feature>,
    pub connections: Vec<Owned>,
    pub tracks: Vec<Owned>,
}

/// By name. Connections and tracks have features of one name with other meanings (`duration`).
#[derive(Debug, Serialize)]
pub struct Definitions {
    pub client: BTreeMap<&'static str, Definition>,
    pub connection: BTreeMap<&'static str, Definition>,
    pub track: BTreeMap<&'static str, Definition>,
}

#[derive(Debug, Serialize)]
pub struct Definition {
    pub unit: &'static str,
    pub about: String,
}

#[derive(Debug, Serialize)]
pub struct Owned {
    pub connection: usize,
    pub features: Vec<Feature>,
}

#[derive(Debug, Serialize)]
pub struct Feature {
    pub name: &'static str,
    pub value: Value,
}
