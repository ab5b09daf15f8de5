//! The features of a dump as JSON, and as the rows of tables.
use std::borrow::Cow;

use super::client::Client;
use super::connection::Finished;
use super::feature::{Column, Feature};
use super::tables::{CLIENT, EVENTS, STATISTICS, TRACK};
use super::value::Value;
use crate::dump::form::{Form, Need};
use crate::dump::json::{Json, Text};

pub use crate::database::Cell;

/// The features of one dump.
#[derive(Debug)]
pub struct Features {
    client: Client,
    connections: Vec<Finished>,
}

/// What features are of, and the tables that have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Client,
    Connection,
    Track,
}

/// The columns of a table, in their order: the names of features, and their types.
pub fn columns(table: Table) -> Vec<(&'static str, Column)> {
    fn of<S>(features: &[Feature<S>]) -> Vec<(&'static str, Column)> {
        features.iter().map(|feature| (feature.name, feature.column)).collect()
    }
    match table {
        Table::Client => of(CLIENT),
        Table::Connection => [of(EVENTS), of(STATISTICS)].concat(),
        Table::Track => of(TRACK),
    }
}

impl Features {
    pub(super) fn new(client: Client, connections: Vec<Finished>) -> Features {
        Features { client, connections }
    }

    /// The row of the client, in the order of `columns`.
    pub fn client(&self) -> Vec<Cell<'_>> {
        cells(CLIENT, &self.client, self.client.form).collect()
    }

    /// The rows of the connections, in the order of their first events.
    pub fn connections(&self) -> impl Iterator<Item = Vec<Cell<'_>>> {
        self.connections.iter().map(|finished| {
            let form = finished.connection.form;
            let events = cells(EVENTS, &finished.connection, form);
            events.chain(cells(STATISTICS, &finished.connection, form)).collect()
        })
    }

    /// The rows of the tracks, each with the number of its connection in the rows of connections.
    pub fn tracks(&self) -> impl Iterator<Item = (usize, Vec<Cell<'_>>)> {
        let all = self.connections.iter().enumerate();
        all.flat_map(|(number, finished)| {
            finished
                .tracks
                .iter()
                .map(move |track| (number, cells(TRACK, track, finished.connection.form).collect()))
        })
    }

    /// What cannot be known from this dump, or only in part: the names of features by what they need.
    pub fn unknown(&self) -> impl Iterator<Item = (Need, Vec<&'static str>)> {
        fn names<S>(features: &'static [Feature<S>], need: Need) -> impl Iterator<Item = &'static str> {
            let with = features.iter().filter(move |feature| feature.need == need);
            with.map(|feature| feature.name)
        }
        let of_client = move |need| names(CLIENT, need).filter(move |_| self.client.form.lacks(need));
        let of_connections = move |need| {
            let lacks = self
                .connections
                .iter()
                .any(|finished| finished.connection.form.lacks(need));
            let all = names(EVENTS, need)
                .chain(names(STATISTICS, need))
                .chain(names(TRACK, need));
            all.filter(move |_| lacks)
        };
        let lacking = Need::ALL
            .into_iter()
            .map(move |need| (need, of_client(need).chain(of_connections(need)).collect()));
        lacking.filter(|(_, names): &(Need, Vec<&str>)| !names.is_empty())
    }

    /// Appends the features as one JSON object: those of the client, `peerConnections` with those of each connection,
    /// and in each of them `tracks`.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        let is_taken = |name: &str| OTHERS.contains(&name) || CLIENT.iter().any(|feature| feature.name == name);
        for (name, value) in self.client.created().filter(|(name, _)| !is_taken(name)) {
            write_member(name, value.into(), out);
        }
        write_features(CLIENT, &self.client, self.client.form, out);
        out.extend_from_slice(b"\"peerConnections\":[");
        for (at, Finished { connection, tracks }) in self.connections.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
            let form = connection.form;
            write_features(EVENTS, connection, form, out);
            write_features(STATISTICS, connection, form, out);
            out.extend_from_slice(b"\"tracks\":[");
            for (at, track) in tracks.iter().enumerate() {
                out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
                write_features(TRACK, track, form, out);
                close(b'}', out);
            }
            out.extend_from_slice(b"]}");
        }
        out.extend_from_slice(b"]}");
    }
}

/// Members of the object that are no features. What was found in the call is put beside its features.
const OTHERS: [&str; 2] = ["peerConnections", "findings"];

/// Each member is followed by a comma.
fn write_features<S>(features: &[Feature<S>], state: &S, form: Form, out: &mut Vec<u8>) {
    for feature in features {
        write_member(feature.name, feature.value(state, form), out);
    }
}

fn write_member(name: &str, value: Value<'_>, out: &mut Vec<u8>) {
    if value.is_absent() {
        return;
    }
    out.push(b'"');
    out.extend_from_slice(&Text::escaped(name));
    out.extend_from_slice(b"\":");
    value.write(out);
    out.push(b',');
}

/// In place of the comma after the last member.
fn close(end: u8, out: &mut Vec<u8>) {
    if out.last() == Some(&b',') {
        out.pop();
    }
    out.push(end);
}

fn cells<'a, S>(features: &'static [Feature<S>], state: &'a S, form: Form) -> impl Iterator<Item = Cell<'a>> {
    features
        .iter()
        .map(move |feature| cell(feature.column, feature.value(state, form)))
}

fn cell(column: Column, value: Value<'_>) -> Cell<'_> {
    match (column, value) {
        (_, Value::Absent) => Cell::Null,
        (Column::Boolean, Value::Bool(value)) => Cell::Boolean(value),
        (Column::Integer, Value::Number(value)) => integer(value),
        (Column::Real, Value::Number(value)) => Cell::Real(value),
        (_, Value::Json(text)) => copied(column, text),
        _ => Cell::Null,
    }
}

fn copied(column: Column, text: &str) -> Cell<'_> {
    Json::parse(text.as_bytes()).map_or(Cell::Null, |json| value_of(column, json))
}

/// The value for a column of this type.
pub(super) fn value_of(column: Column, json: Json<'_>) -> Cell<'_> {
    let cell = match column {
        Column::Boolean => json.as_bool().map(Cell::Boolean),
        Column::Integer => json.as_f64().map(integer),
        Column::Real => json.as_f64().filter(|value| value.is_finite()).map(Cell::Real),
        Column::Text => json.as_text().map(|text| Cell::Text(without_nul(text.to_str()))),
        Column::Json => (!json.is_null()).then(|| Cell::Json(String::from_utf8_lossy(json.raw()))),
    };
    cell.unwrap_or(Cell::Null)
}

/// A whole number that a double has exactly.
fn integer(value: f64) -> Cell<'static> {
    const MAX: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= MAX {
        Cell::Integer(value as i64)
    } else {
        Cell::Null
    }
}

fn without_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}").into()
    } else {
        text
    }
}
