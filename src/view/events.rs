//! The events of a dump but its statistics, as columns, in the order of their times.
//!
//! Beyond `VIEW_EVENTS_MAX`, only calls, failures and states are kept, and beyond `VIEW_CALLS_MAX` nothing; how many
//! there were is told.
use std::collections::HashMap;

use super::binary::{Binary, Encoding};
use super::head::{self, Columns};
use super::words::short;
use crate::dump::decode::{Event, Method};
use crate::dump::json::Json;
use crate::dump::table::Carries;
use crate::limits::{VIEW_CALLS_MAX, VIEW_EVENTS_MAX, VIEW_PENDING_MAX, VIEW_TEXTS_BYTES_MAX};

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Events {
    rows: Vec<Row>,
    methods: Texts,
    values: Texts,
    omitted: usize,
    /// Of these, calls, failures and states.
    omitted_calls: usize,
    /// Rows of calls that have not returned, by connection and id.
    pending: HashMap<(usize, String), usize>,
}

#[derive(Debug)]
struct Row {
    time: f64,
    connection: u32,
    method: u32,
    value: u32,
    duration: Option<f64>,
}

/// What is kept longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// A call, its failure, or a state.
    Call,
    Other,
}

impl Events {
    /// Takes the next event, which is not of statistics. Its place in the page, if it is there.
    pub fn event(&mut self, time: f64, event: &Event<'_>, name: &str, value: Json<'_>) -> Option<usize> {
        let weight = weight(event, name);
        let max = match weight {
            Weight::Call => VIEW_CALLS_MAX,
            Weight::Other => VIEW_EVENTS_MAX,
        };
        if self.rows.len() >= max {
            self.omitted += 1;
            self.omitted_calls += usize::from(weight == Weight::Call);
            return None;
        }
        let index = self.rows.len();
        let id = event
            .extra
            .into_iter()
            .find_map(Json::as_text)
            .filter(|text| text.raw().len() < ID_BYTES_MAX);
        let id = id.map(|text| (event.connection.index, text.to_str().into_owned()));
        if let Some(id) = id {
            if let Some(call) = self.pending.get(&id).filter(|_| returns(name)).copied() {
                let begun = self.rows[call].time;
                self.rows[call].duration = Some((time - begun).max(0.0));
                self.pending.remove(&id);
            } else if self.pending.len() < VIEW_PENDING_MAX {
                self.pending.insert(id, index);
            }
        }
        let connection = u32::try_from(event.connection.index).unwrap_or(u32::MAX);
        self.rows.push(Row {
            time,
            connection,
            method: self.methods.index(name.chars().take(NAME_CHARS_MAX).collect()),
            value: self.values.index(short(value)),
            duration: None,
        });
        Some(index)
    }

    /// Bytes of all texts.
    pub fn text_bytes(&self) -> usize {
        self.methods.bytes + self.values.bytes
    }

    /// The events, and the place of each row in them. A dump may have them connection by connection, and clocks are
    /// turned back: who reads the page searches by time.
    pub fn finish(mut self, start: f64, binary: &Binary) -> (head::Events, Vec<usize>) {
        // What came before any time was known.
        for row in &mut self.rows {
            row.time = row.time.max(start);
        }
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|one, other| self.rows[*one].time.total_cmp(&self.rows[*other].time));
        let mut places = vec![0; order.len()];
        for (place, row) in order.iter().enumerate() {
            places[*row] = place;
        }
        let rows: Vec<&Row> = order.iter().map(|row| &self.rows[*row]).collect();
        let column = |of: fn(&Row) -> f64| binary.array(Encoding::Varint(1.0), rows.iter().copied().map(of));
        let times = rows.iter().map(|row| row.time - start);
        let columns = Columns {
            time: binary.array(Encoding::Varint(1.0), times),
            connection: column(|row| f64::from(row.connection)),
            method: column(|row| f64::from(row.method)),
            value: column(|row| f64::from(row.value)),
            duration: column(|row| row.duration.unwrap_or(-1.0)),
        };
        let events = head::Events {
            count: rows.len() + self.omitted,
            shown: rows.len(),
            omitted: self.omitted,
            calls_omitted: self.omitted_calls,
            columns,
            methods: self.methods.texts,
            values: self.values.texts,
        };
        (events, places)
    }
}

const ID_BYTES_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 100;

fn returns(name: &str) -> bool {
    name.ends_with("OnSuccess") || name.ends_with("OnFailure")
}

fn weight(event: &Event<'_>, name: &str) -> Weight {
    match event.method {
        Method::Known(method) => match method.carries {
            Carries::Candidate if !returns(name) => Weight::Other,
            _ if matches!(name, "HTMLMediaElement.resize" | "addIceCandidateOnSuccess") => Weight::Other,
            _ => Weight::Call,
        },
        Method::Other(_) => Weight::Other,
    }
}

/// Texts, each kept once.
#[derive(Debug, Default)]
struct Texts {
    texts: Vec<String>,
    known: HashMap<String, u32>,
    bytes: usize,
}

impl Texts {
    /// The index of a text; when there is no more room, that of a text that says so.
    fn index(&mut self, text: String) -> u32 {
        if let Some(index) = self.known.get(&text) {
            return *index;
        }
        let text = match self.bytes + text.len() <= VIEW_TEXTS_BYTES_MAX {
            true => text,
            false => "(left out: the page has too many texts)".to_owned(),
        };
        let index = *self.known.entry(text.clone()).or_insert(self.texts.len() as u32);
        if index as usize == self.texts.len() {
            self.bytes += text.len();
            self.texts.push(text);
        }
        index
    }
}
