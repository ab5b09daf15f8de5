//! What is known of one connection at a time: its states, its polls, the pair that it uses, and its reports.
use std::sync::Arc;

use super::call::Call;
use super::columns::{Kind, pair, remote_inbound};
use super::coverage::Coverage;
use super::negotiation::{Negotiation, Space};
use super::parameters::Parameters;
use super::path::Path;
use super::polls::Polls;
use super::samples::{Room, Samples};
use super::servers::Servers;
use super::states::{Connectivity, Gathering, Ice, Signaling, Since};
use super::text::clipped;
use crate::dump::decode::Event;
use crate::dump::form::Form;
use crate::dump::json::Json;
use crate::dump::reports::Reports;

/// Numbers are left out for so long after the connection was connected: everything has to swing in.
pub const RAMP_UP_MS: f64 = 5000.0;

/// See the head of the file. All times are ms since 1970.
#[derive(Debug, Default)]
pub struct Scene {
    /// Its name as JSON.
    pub name: Box<str>,
    pub form: Form,
    /// When it was created, and of its first and last event.
    pub created: Option<f64>,
    pub first: f64,
    pub last: f64,
    pub signaling: Option<Since<Signaling>>,
    pub ice: Option<Since<Ice>>,
    pub connectivity: Option<Since<Connectivity>>,
    pub gathering: Option<Since<Gathering>>,
    /// Since when it is connected now, and when it was so for the first time.
    pub connected: Option<f64>,
    pub first_connected: Option<f64>,
    pub closed: Option<f64>,
    pub negotiation: Negotiation,
    pub servers: Servers,
    pub polls: Polls,
    /// The newest time that reports have of their own. 0 before there are any.
    pub newest: f64,
    pub samples: Samples,
    /// The pair that is used: its slot, and what it leads over.
    pub pair: Option<usize>,
    pub path: Option<Arc<Path>>,
    /// What the page asked of its senders.
    pub parameters: Parameters,
    pub coverage: Coverage,
}

impl Scene {
    pub fn new(event: &Event<'_>, form: Form) -> Scene {
        Scene {
            name: name(event.connection.sent),
            form,
            first: event.timestamp,
            last: event.timestamp,
            ..Scene::default()
        }
    }

    /// Takes note of an event that is no getStats.
    pub fn call(&mut self, call: &Call<'_>, space: &mut Space) {
        self.last = call.time;
        let restarts = self.negotiation.local.restarts;
        self.negotiation.call(call, space);
        if restarts != self.negotiation.local.restarts {
            self.servers.gather_again();
        }
        self.servers.call(call);
        let word = || call.text().unwrap_or_default();
        match &*call.method {
            "create" => {
                self.created.get_or_insert(call.time);
            }
            "close" => self.close(call.time),
            "onsignalingstatechange" => {
                changed(&mut self.signaling, Signaling::of_name(&word()), call.time);
                if self.signaling.is_some_and(|now| now.state == Signaling::Closed) {
                    self.close(call.time);
                }
            }
            "oniceconnectionstatechange" => {
                changed(&mut self.ice, Ice::of_name(&word()), call.time);
                self.connect(call.time);
            }
            "onconnectionstatechange" => {
                let is_first = self.connectivity.is_none();
                changed(&mut self.connectivity, Connectivity::of_name(&word()), call.time);
                let state = self.connectivity.map(|now| now.state);
                if is_first && state == Some(Connectivity::Connecting) {
                    // ICE has spoken too early.
                    self.first_connected = None;
                }
                self.connect(call.time);
            }
            "onicegatheringstatechange" => changed(&mut self.gathering, Gathering::of_name(&word()), call.time),
            _ => self.parameters.call(call),
        }
    }

    fn close(&mut self, time: f64) {
        self.closed.get_or_insert(time);
        self.connected = None;
    }

    /// By the state of the connection, or if that is not told by that of ICE.
    fn connect(&mut self, time: f64) {
        let is_connected = match (self.connectivity, self.ice) {
            (Some(now), _) => now.state == Connectivity::Connected,
            (None, Some(now)) => matches!(now.state, Ice::Connected | Ice::Completed),
            (None, None) => false,
        };
        match is_connected && self.closed.is_none() {
            false => self.connected = None,
            true => {
                self.connected.get_or_insert(time);
                self.first_connected.get_or_insert(time);
            }
        }
    }

    /// Takes the statistics after an event.
    pub fn poll(&mut self, time: f64, reports: &Reports, room: &mut Room) {
        self.last = time;
        self.polls.add(time);
        self.samples.poll(reports, room);
        for slot in self.samples.gone() {
            self.coverage.add(slot);
        }
        if self.first_connected.is_none() && self.form.is_late() {
            // The log begins behind it.
            (self.connected, self.first_connected) = (Some(time), Some(time));
        }
        self.pair = self.samples.pair();
        let pair = self.pair.map(|pair| &self.samples.slots()[pair]);
        match pair {
            None => {}
            Some(pair) if self.path.as_ref().is_some_and(|path| path.is_of(pair)) => {}
            Some(pair) => self.path = Path::of(pair, reports, time).map(Arc::new),
        }
    }

    /// There are no more polls.
    pub fn end(&mut self) {
        for slot in self.samples.slots().iter().filter(|slot| slot.is_there()) {
            self.coverage.add(slot);
        }
    }

    /// Whether the connection has been connected for so long that numbers mean something, and is not closed.
    pub fn is_settled(&self, time: f64) -> bool {
        let since = self.first_connected.filter(|_| self.closed.is_none());
        since.is_some_and(|since| time >= since + RAMP_UP_MS)
    }

    pub fn is_connected(&self) -> bool {
        self.connected.is_some()
    }

    /// The round trip time in s: that of the pair, or if it has none that of a stream.
    pub fn round_trip_time(&self) -> Option<f64> {
        let slots = self.samples.slots();
        let of_pair = self.pair.map(|pair| slots[pair].now(pair::ROUND_TRIP_TIME.at));
        let remote = || {
            let mut all = slots
                .iter()
                .filter(|slot| slot.kind == Kind::RemoteInbound && slot.is_there());
            all.find_map(|slot| Some(slot.now(remote_inbound::ROUND_TRIP_TIME.at)).filter(|time| !time.is_nan()))
        };
        of_pair.filter(|time| !time.is_nan()).or_else(remote)
    }
}

fn changed<S: PartialEq + Copy>(old: &mut Option<Since<S>>, state: Option<S>, time: f64) {
    if let Some(state) = state
        && old.is_none_or(|old| old.state != state)
    {
        *old = Some(Since { state, time });
    }
}

/// The name of a connection as a JSON string. One that was sent as something else is the text of that.
fn name(sent: Json<'_>) -> Box<str> {
    let text = match sent.as_text() {
        Some(text) => text.to_str().into_owned(),
        None => String::from_utf8_lossy(sent.raw()).into_owned(),
    };
    serde_json::Value::from(clipped(&text)).to_string().into()
}
