//! Everything that rules can look at: the client, its connections and its tracks.
use super::call::Call;
use super::columns::{Column, Kind, inbound, pair};
use super::machine::Machine;
use super::negotiation::Space;
use super::samples::{Room, Slot};
use super::scene::Scene;
use super::slot::number;
use super::track::Tracks;
use crate::dump::decode::Event;
use crate::dump::form::Form;
use crate::dump::reports::Reports;
use crate::dump::statistics::Property;
use crate::dump::steps;
use crate::limits::FINDING_CONNECTIONS_MAX;

#[derive(Debug, Default)]
pub struct World {
    /// As in `Event`: the first is the client itself.
    pub scenes: Vec<Scene>,
    /// How many of them, the client left aside, are not closed.
    pub open: usize,
    pub tracks: Tracks,
    pub machine: Machine,
    pub room: Room,
    pub space: Space,
    /// Of the connections of a browser's dump, which are known from the beginning.
    pub forms: Vec<Form>,
    pub client_form: Form,
    /// Of the first and the last event, in ms since 1970.
    pub first: f64,
    pub last: f64,
    pub events: u64,
    pub statistics: u64,
    /// How many connections there are, if there are more than are examined.
    pub connections: usize,
    /// Known at the end.
    pub end: Option<End>,
}

impl World {
    /// Makes room for the connection of this event, and notes its time.
    pub fn begin(&mut self, event: &Event<'_>) -> bool {
        let index = event.connection.index;
        if self.events == 0 {
            self.first = event.timestamp;
        }
        self.last = event.timestamp;
        self.events += 1;
        while self.scenes.len() <= index && self.scenes.len() <= FINDING_CONNECTIONS_MAX {
            let form = match self.scenes.len().checked_sub(1) {
                None => self.client_form,
                Some(at) => self.forms.get(at).copied().unwrap_or_default(),
            };
            self.open += usize::from(!self.scenes.is_empty());
            self.scenes.push(Scene::new(event, form));
        }
        if index >= self.scenes.len() {
            self.connections = self.connections.max(index);
        }
        index < self.scenes.len()
    }

    /// A dump without any event has a client nevertheless.
    pub fn begin_client(&mut self) {
        self.scenes.push(Scene {
            form: self.client_form,
            ..Scene::default()
        });
    }

    pub fn call(&mut self, call: &Call<'_>) {
        self.tracks.call(call);
        self.machine.call(call);
        let scene = &mut self.scenes[call.connection];
        let was_open = scene.closed.is_none();
        scene.call(call, &mut self.space);
        self.open -= usize::from(was_open && scene.closed.is_some() && call.connection > 0);
    }

    /// Whether these statistics were taken before: a browser that is too busy to take others gives the last ones again,
    /// with their time. Nothing follows from numbers that stand still in them.
    pub fn is_repeated(&mut self, connection: usize, reports: &Reports) -> bool {
        if reports.common_time().is_some() {
            return false;
        }
        let times = reports.iter().filter_map(|report| report.get(Property::TIMESTAMP));
        let newest = times.map(number).fold(f64::NAN, f64::max);
        let scene = &mut self.scenes[connection];
        // Without times of their own neither is a number.
        std::mem::replace(&mut scene.newest, newest) == newest
    }

    pub fn poll(&mut self, connection: usize, time: f64, reports: &Reports) {
        self.statistics += 1;
        let scene = &mut self.scenes[connection];
        scene.poll(time, reports, &mut self.room);
        let known = self.tracks.len();
        steps::count(scene.samples.slots().len());
        for slot in scene.samples.slots_mut() {
            if has_moved(slot) {
                slot.moved = time;
            }
            if slot.track.is_none()
                && slot.looked < known
                && let Some(id) = &slot.track_id
            {
                slot.looked = known;
                slot.track = self.tracks.find(id);
            }
        }
    }
}

/// Whether the last poll has brought what its report is about: a report of the other side, packets, or bytes.
fn has_moved(slot: &Slot) -> bool {
    let grows = |column: Column| slot.now(column.at) > slot.before(column.at);
    match slot.kind {
        Kind::RemoteInbound => slot.has_moved(),
        Kind::Inbound => grows(inbound::PACKETS_RECEIVED),
        Kind::Pair => grows(pair::BYTES_RECEIVED),
        _ => false,
    }
}

/// How a dump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All of it was read.
    Whole,
    /// The last line is cut off, or damage has ended it.
    Torn,
}
