//! One connection, as far as its calls and events tell.
use super::head::{self, Changes, Polls, Report, States, number};
use super::words::short;
use crate::dump::decode::{Event, Value};
use crate::limits::VIEW_CHANGES_MAX;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Connection {
    name: String,
    /// The first and the last moment.
    span: Option<(f64, f64)>,
    closed: bool,
    states: States,
}

impl Connection {
    pub fn event(&mut self, event: &Event<'_>, time: f64) {
        if self.span.is_none() {
            self.name = short(event.connection.sent);
        }
        let (start, end) = self.span.unwrap_or((time, time));
        self.span = Some((start.min(time), end.max(time)));
        let Value::Json(value) = event.value else { return };
        let states = &mut self.states;
        match &*event.method.name() {
            "onsignalingstatechange" => change(&mut states.signaling, time, short(value)),
            "oniceconnectionstatechange" => change(&mut states.ice, time, short(value)),
            "onconnectionstatechange" => change(&mut states.connection, time, short(value)),
            "onicegatheringstatechange" => change(&mut states.gathering, time, short(value)),
            "close" => self.closed = true,
            _ => {}
        }
    }

    pub fn finish(self, index: usize, polls: Polls, reports: Vec<Report>) -> head::Connection {
        let (start, end) = self.span.unwrap_or_default();
        head::Connection {
            index,
            name: self.name,
            start: number(start),
            end: number(end),
            closed: self.closed,
            states: self.states,
            polls,
            reports,
        }
    }
}

fn change(changes: &mut Changes, time: f64, state: String) {
    let is_new = changes.last().is_none_or(|(_, last)| *last != state);
    if is_new && changes.len() < VIEW_CHANGES_MAX {
        changes.push((number(time), state));
    }
}
