//! The features that are not the same in two dumps.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::cli::visible::{short, visible};
use crate::features::{CLIENT, Cell, EVENTS, Feature, Features, STATISTICS, TRACK};

/// A feature that has two values, of which one may be none.
#[derive(Debug, PartialEq)]
pub struct Difference {
    place: Place,
    name: &'static str,
    unit: &'static str,
    values: [Value; 2],
}

/// What it is a feature of.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Client,
    /// Its name in the first dump that has it.
    Connection(String),
    Track(String, Track),
}

/// What makes a track of a connection the same as one of the other dump.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Track {
    kind: String,
    direction: String,
    /// Among those of its kind and direction, from 1.
    number: usize,
}

/// A feature and its unit.
type Row = (&'static str, &'static str);

/// All features of one client, connection or track.
type Cells<'a> = Vec<Cell<'a>>;

impl Difference {
    /// A row of a table.
    pub fn row(&self) -> Vec<String> {
        let place = match &self.place {
            Place::Client => "client".to_owned(),
            Place::Connection(name) => visible(name),
            Place::Track(connection, track) => visible(&format!(
                "{connection} {} {} {}",
                track.kind, track.direction, track.number
            )),
        };
        let [a, b] = self.values.each_ref().map(text);
        vec![self.name.to_owned(), place, self.unit.to_owned(), a, b]
    }

    pub fn json(&self) -> Value {
        let mut out = match &self.place {
            Place::Client => json!({"of": "client"}),
            Place::Connection(connection) => json!({"of": "connection", "connection": connection}),
            Place::Track(connection, track) => json!({"of": "track", "connection": connection, "kind": track.kind,
                "direction": track.direction, "number": track.number}),
        };
        let [a, b] = &self.values;
        let rest = json!({"name": self.name, "unit": self.unit, "a": a, "b": b});
        if let (Some(out), Value::Object(rest)) = (out.as_object_mut(), rest) {
            out.extend(rest);
        }
        out
    }
}

/// The differences, in the order of the tables of features.
pub fn differences(a: &Features, b: &Features) -> Vec<Difference> {
    let client = rows(CLIENT);
    let connection = [rows(EVENTS), rows(STATISTICS)].concat();
    let track = rows(TRACK);
    let mut found = compared(&Place::Client, &client, [&a.client(), &b.client()]);
    let connections: [Vec<Cells<'_>>; 2] = [a.connections().collect(), b.connections().collect()];
    let tracks = [a, b].map(tracks_by_connection);
    let none = Cells::new();
    for number in 0..connections[0].len().max(connections[1].len()) {
        let both = connections.each_ref().map(|all| all.get(number).unwrap_or(&none));
        let names = both.map(|cells| word(&connection, cells, "connectionIdentifier"));
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        found.extend(compared(&Place::Connection(name.clone()), &connection, both));
        let of = tracks.each_ref().map(|all| tracks_of(all.get(&number), &track));
        for (same, both) in pairs(&of) {
            found.extend(compared(&Place::Track(name.clone(), same.clone()), &track, both));
        }
    }
    found
}

fn rows<S>(features: &[Feature<S>]) -> Vec<Row> {
    features.iter().map(|feature| (feature.name, feature.unit)).collect()
}

fn compared(place: &Place, rows: &[Row], both: [&Cells<'_>; 2]) -> Vec<Difference> {
    let mut found = Vec::new();
    for (at, (name, unit)) in rows.iter().enumerate() {
        let [a, b] = both.map(|cells| cells.get(at).unwrap_or(&Cell::Null));
        if a != b {
            found.push(Difference {
                place: place.clone(),
                name,
                unit,
                values: [value(a), value(b)],
            });
        }
    }
    found
}

/// The features of all tracks. A dump may have ten thousand connections, so each is looked up.
fn tracks_by_connection(features: &Features) -> HashMap<usize, Vec<Cells<'_>>> {
    let mut tracks: HashMap<usize, Vec<Cells<'_>>> = HashMap::new();
    for (connection, cells) in features.tracks() {
        tracks.entry(connection).or_default().push(cells);
    }
    tracks
}

/// The tracks of one connection.
fn tracks_of<'a>(own: Option<&'a Vec<Cells<'a>>>, rows: &[Row]) -> Vec<(Track, &'a Cells<'a>)> {
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    let own = own.into_iter().flatten();
    own.map(|cells| {
        let (kind, direction) = (word(rows, cells, "kind"), word(rows, cells, "direction"));
        let number = counts.entry((kind.clone(), direction.clone())).or_default();
        *number += 1;
        let track = Track {
            kind,
            direction,
            number: *number,
        };
        (track, cells)
    })
    .collect()
}

/// The tracks of the first with those of the second, and then those that only the second has.
fn pairs<'a>(both: &'a [Vec<(Track, &'a Cells<'a>)>; 2]) -> Vec<(&'a Track, [&'a Cells<'a>; 2])> {
    const NONE: &Cells<'static> = &Vec::new();
    let [first, second] = both.each_ref().map(|all| {
        all.iter()
            .map(|(track, cells)| (track, *cells))
            .collect::<HashMap<_, _>>()
    });
    let ours = both[0]
        .iter()
        .map(|(track, cells)| (track, [*cells, second.get(track).copied().unwrap_or(NONE)]));
    let theirs = both[1].iter().filter(|(track, _)| !first.contains_key(track));
    ours.chain(theirs.map(|(track, cells)| (track, [NONE, *cells])))
        .collect()
}

/// A feature that is a text.
fn word(rows: &[Row], cells: &Cells<'_>, name: &str) -> String {
    let at = rows.iter().position(|(row, _)| *row == name);
    match at.and_then(|at| cells.get(at)) {
        Some(Cell::Text(text)) => text.clone().into_owned(),
        _ => String::new(),
    }
}

fn value(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(value) => json!(value),
        Cell::Integer(value) => json!(value),
        Cell::Real(value) => json!(value),
        Cell::Text(text) => json!(text),
        Cell::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => short(text),
        Value::Number(number) if number.is_f64() => {
            let text = format!("{:.4}", number.as_f64().unwrap_or_default());
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        value => short(&value.to_string()),
    }
}
