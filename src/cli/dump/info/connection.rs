//! What one peer connection did, gathered while its events pass.
use std::collections::HashMap;

use serde::Serialize;

use super::path::Path;
use super::phases::Phases;
use super::streams::{Direction, Stream};
use super::text::word;
use crate::cli::visible::short;
use crate::dump::decode::Event;
use crate::dump::reports::{Report, Reports};
use crate::features::{Form, Need};

/// One connection; everything is of its end unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub name: String,
    /// The page that made it, where the dump is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its first and its last event, in ms since 1970, and the ms between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<f64>,
    pub events: u64,
    /// Events with statistics.
    pub stats: u64,
    /// How often the signalling came to rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiations: Option<u64>,
    pub signaling_state: Option<String>,
    pub ice_connection_state: Option<String>,
    pub connection_state: Option<String>,
    /// Whether it sent an offer or an answer first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// ICE candidates that it gathered, and got from the other side.
    pub local_candidates: u64,
    pub remote_candidates: u64,
    /// Whether its last event is its close.
    pub is_closed: bool,
    pub phases: Phases,
    pub path: Option<Path>,
    pub streams: Vec<Stream>,
    /// Where each stream is in the list.
    #[serde(skip)]
    known: HashMap<String, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Offers,
    Answers,
}

impl Connection {
    /// One whose first event is this.
    pub fn new(event: &Event<'_>, time: Option<f64>) -> Connection {
        let sent = event.connection.sent;
        Connection {
            name: word(Some(sent)).unwrap_or_else(|| short(&String::from_utf8_lossy(sent.raw()))),
            first: time,
            negotiations: Some(0),
            ..Connection::default()
        }
    }

    /// Leaves out what a dump of this form cannot show, by the same needs as the features.
    pub fn restrict(&mut self, form: Form) {
        self.first = form.known_ms(Need::Creation, self.first);
        self.length = form.known_ms(Need::Lifetime, self.length);
        if form.lacks(Need::Beginning) {
            (self.role, self.negotiations) = (None, None);
        }
        self.phases.restrict(form);
    }

    /// Another event of it, at this time. `room` is how many streams the dump may still have; the streams for which
    /// there was none are counted in the result.
    pub fn event(&mut self, event: &Event<'_>, time: Option<f64>, method: &str, room: usize) -> u64 {
        self.events += 1;
        self.last = time.or(self.last);
        self.length = self.last.zip(self.first).map(|(last, first)| last - first);
        self.is_closed = method == "close";
        if let Some(reports) = event.value.reports() {
            self.stats += 1;
            return self.statistics(reports, time, room);
        }
        let value = event.value.json();
        let has_candidate = || {
            value
                .and_then(|value| value.get("candidate"))
                .is_some_and(|text| text.is_truthy())
        };
        let description = || word(value.and_then(|value| value.get("type"))).unwrap_or_default();
        let state = match method {
            "onsignalingstatechange" => &mut self.signaling_state,
            "oniceconnectionstatechange" => &mut self.ice_connection_state,
            "onconnectionstatechange" => &mut self.connection_state,
            "onicegatheringstatechange" => &mut None,
            "onicecandidate" => {
                self.local_candidates += u64::from(has_candidate());
                return 0;
            }
            "addIceCandidate" => {
                self.remote_candidates += u64::from(has_candidate());
                return 0;
            }
            _ => {
                let kind = description();
                self.description(method, &kind);
                self.phases.event(time, method, &kind);
                return 0;
            }
        };
        *state = word(value);
        let state = state.clone().unwrap_or_default();
        if method == "onsignalingstatechange" && state == "stable" {
            self.negotiations = self.negotiations.map(|count| count + 1);
        }
        self.phases.event(time, method, &state);
        0
    }

    fn description(&mut self, method: &str, kind: &str) {
        let role = match (method, kind) {
            ("setLocalDescription" | "setLocalDescriptionOnSuccess", "offer") => Role::Offers,
            ("setRemoteDescription", "offer") => Role::Answers,
            _ => return,
        };
        self.role.get_or_insert(role);
    }

    fn statistics(&mut self, reports: &Reports, time: Option<f64>, room: usize) -> u64 {
        let (mut transport, mut selected, mut lost) = (None, None, 0);
        for report in reports.iter() {
            let Some(kind) = report.kind() else { continue };
            if kind.is("transport") {
                transport = transport.or(Some(report).filter(|report| Path::names_pair(*report)));
            } else if kind.is("candidate-pair") {
                selected = selected.or(Some(report).filter(|report| Path::is_selected(*report)));
            } else if let Some(direction) = Direction::of(&kind.to_str()) {
                lost += u64::from(!self.stream(reports, report, direction, time, room));
            }
        }
        Path::look(&mut self.path, reports, transport, selected);
        if self.streams.iter().any(Stream::has_arrived) {
            self.phases.media(time);
        }
        lost
    }

    /// False if there is no room for it.
    fn stream(
        &mut self,
        reports: &Reports,
        report: Report<'_>,
        direction: Direction,
        time: Option<f64>,
        room: usize,
    ) -> bool {
        let id = report.id().to_str();
        let at = match self.known.get(&*id) {
            Some(at) => *at,
            None if self.streams.len() >= room => return false,
            None => {
                self.known.insert(id.into_owned(), self.streams.len());
                self.streams.push(Stream::new(direction));
                self.streams.len() - 1
            }
        };
        self.streams[at].look(reports, report, time);
        true
    }
}
