//! The part of the head that is about statistics.
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::super::binary::{Array, Number};

/// The polls of a connection.
#[derive(Debug, Serialize)]
pub struct Polls {
    pub count: usize,
    /// In ms since 1970.
    #[serde(flatten)]
    pub times: Array,
    /// Those that thinned series have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
}

/// The polls that are left of a long dump, by number.
#[derive(Debug, Serialize)]
pub struct Sampled {
    /// One of so many is there, away from what matters.
    pub step: usize,
    pub count: usize,
    #[serde(flatten)]
    pub polls: Array,
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
    /// 1 if all values are there, else that of the connection's sampled polls.
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
