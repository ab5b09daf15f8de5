//! The head of the data: everything but the arrays, as it is written into JSON.
//!
//! Names are those of `docs/view-format.md`. Times are ms since 1970. What is not known is null.
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::binary::{Array, Number};
use super::judgement::Judgement;

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
    pub connections: Vec<Connection>,
    pub events: Events,
    pub series: Vec<Series>,
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

/// The polls of a connection.
#[derive(Debug, Serialize)]
pub struct Polls {
    pub count: usize,
    /// In ms since 1970.
    #[serde(flatten)]
    pub times: Array,
}

/// A report of a connection.
#[derive(Debug, Serialize)]
pub struct Report {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// In polls, from and to.
    pub spans: Vec<(usize, usize)>,
    pub constants: BTreeMap<String, Value>,
    pub series: Vec<usize>,
}

#[derive(Debug, Serialize)]
pub struct Series {
    /// The place of the connection in the head.
    pub connection: usize,
    pub report: String,
    pub property: String,
    pub kind: &'static str,
    /// Of what is drawn.
    pub unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Number>,
    /// The unit of the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<&'static str>,
    /// The series by which this one is divided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<usize>,
    /// The poll of the first value.
    pub first: usize,
    pub count: usize,
    pub encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dictionary: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<(usize, usize)>,
    /// How many polls a point stands for; 1 if all values are there.
    pub step: usize,
    #[serde(flatten)]
    pub values: Option<Array>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
}

/// The least numbers of all buckets, then the greatest, then the last.
#[derive(Debug, Serialize)]
pub struct Level {
    pub step: usize,
    #[serde(flatten)]
    pub values: Array,
}
