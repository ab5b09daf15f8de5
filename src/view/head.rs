//! The head of the data: everything but the arrays, as it is written into JSON.
//!
//! Names are those of `docs/view-format.md`. Times are ms since 1970. What is not known is null.
use serde::Serialize;

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
