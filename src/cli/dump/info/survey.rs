//! What a whole dump holds, gathered in one pass over its events.
//!
//! Limits: each connection costs some hundred bytes and each stream about as much; names of custom events are counted
//! one by one up to `INFO_METHODS_COUNT_MAX`. Nothing fails.
use std::collections::BTreeMap;

use serde::Serialize;

use super::connection::Connection;
use super::trouble::Troubles;
use crate::cli::visible::short;
use crate::dump::decode::{Event, Method};
use crate::limits::{INFO_METHODS_COUNT_MAX, INFO_STREAMS_COUNT_MAX};

/// See the head of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// The earliest and the latest event, in ms since 1970 by the client's clock. Absent if no event has a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<f64>,
    pub events: u64,
    pub events_by_method: BTreeMap<String, u64>,
    /// The close code of the server's closing line (RFC 6455, section 7.4).
    pub close_code: Option<f64>,
    pub troubles: Troubles,
    pub connections: Vec<Connection>,
    /// Streams for which there was no room.
    #[serde(skip_serializing_if = "is_zero")]
    pub streams_left_out: u64,
    /// All streams of all connections.
    #[serde(skip)]
    streams: usize,
}

impl Survey {
    /// Says when the session began, if its events do not.
    pub fn begin(&mut self, time: f64) {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
    }

    /// Looks at the next event, at this time in ms since 1970.
    pub fn event(&mut self, event: &Event<'_>, time: Option<f64>) {
        // A dump may have its connections one after the other.
        if let Some(time) = time {
            self.begin(time);
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        self.events += 1;
        let name = event.method.name();
        self.count(&name);
        self.troubles.event(event, time, &name);
        if event.connection.index == 0 {
            // The closing line is the last one; before it, a page may have sent what reads alike.
            self.close_code = match event.method {
                Method::Known(method) if method.name == "close" => event.value.json().and_then(|code| code.as_f64()),
                _ => None,
            };
            return;
        }
        let at = event.connection.index - 1;
        if at >= self.connections.len() {
            self.connections.push(Connection::new(event, time));
        }
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        let before = connection.streams.len();
        let room = before + INFO_STREAMS_COUNT_MAX.saturating_sub(self.streams);
        self.streams_left_out += connection.event(event, time, &name, room);
        self.streams += connection.streams.len() - before;
    }

    fn count(&mut self, name: &str) {
        if let Some(count) = self.events_by_method.get_mut(name) {
            *count += 1;
            return;
        }
        let name = match self.events_by_method.len() < INFO_METHODS_COUNT_MAX {
            true => short(name),
            false => "(others)".to_owned(),
        };
        *self.events_by_method.entry(name).or_default() += 1;
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
