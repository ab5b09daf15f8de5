//! The states of connections over time, as their events tell them.
use crate::cli::visible::short;
use crate::dump::decode::{Event, Value};
use crate::dump::json::Json;
use crate::limits::{DUMP_CONNECTIONS_MAX, PLOT_STATES_MAX};

/// Of each connection, by index from 0.
#[derive(Debug, Default)]
pub struct States {
    connections: Vec<Own>,
    count: usize,
}

/// Those of one connection.
#[derive(Debug, Default)]
pub struct Own {
    /// Safe to look at.
    pub name: String,
    ice: Changes,
    connection: Changes,
}

/// From when on which state holds.
type Changes = Vec<(f64, String)>;

impl States {
    /// Takes an event of this connection.
    pub fn event(&mut self, index: usize, time: f64, event: &Event<'_>) {
        if index >= DUMP_CONNECTIONS_MAX {
            return;
        }
        if self.connections.len() <= index {
            self.connections.resize_with(index + 1, Own::default);
        }
        let own = &mut self.connections[index];
        if own.name.is_empty() {
            own.name = word_of(event.connection.sent);
        }
        let Value::Json(value) = event.value else { return };
        let method = event.method.name();
        let all = match &*method {
            "oniceconnectionstatechange" => vec![&mut own.ice],
            "onconnectionstatechange" => vec![&mut own.connection],
            "close" => vec![&mut own.ice, &mut own.connection],
            _ => return,
        };
        let state = match &*method {
            "close" => "closed".to_owned(),
            _ => word_of(value),
        };
        for changes in all {
            let is_new = changes.last().is_none_or(|(_, last)| *last != state);
            // Nothing closes that had no state.
            let is_first_close = changes.is_empty() && method == "close";
            if is_new && !is_first_close && self.count < PLOT_STATES_MAX {
                self.count += 1;
                changes.push((time, state.clone()));
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &Own)> {
        self.connections.iter().enumerate()
    }

    /// The name of a connection.
    pub fn name(&self, index: usize) -> &str {
        self.connections.get(index).map_or("", |own| &own.name)
    }
}

impl Own {
    pub fn has_changes(&self) -> bool {
        !self.ice.is_empty() || !self.connection.is_empty()
    }

    /// What there is to show.
    pub fn strips(&self) -> impl Iterator<Item = (&'static str, &[(f64, String)])> {
        let all = [("ICE", &self.ice[..]), ("connection", &self.connection[..])];
        all.into_iter().filter(|(_, changes)| !changes.is_empty())
    }
}

/// A word that is safe to look at and has a length; empty texts are shown as such.
pub fn word(text: &str) -> String {
    match short(text) {
        text if text.is_empty() => "\"\"".to_owned(),
        text => text,
    }
}

fn word_of(value: Json<'_>) -> String {
    match value.as_text() {
        Some(text) => word(&text.to_str()),
        None => word(&String::from_utf8_lossy(value.raw())),
    }
}
