//! What the page and its user did, and what the machine did to them: the lane of the client.
use std::collections::HashMap;

use super::budget::Budget;
use super::call::Call;
use super::head::{ClientCall, number};
use super::words::short;
use crate::dump::json::Json;
use crate::limits::{VIEW_CLIENT_CALLS_MAX, VIEW_PENDING_MAX};

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Client {
    calls: Vec<ClientCall>,
    /// Calls that have not returned, by id.
    pending: HashMap<String, usize>,
    /// When devices were asked for first, and when they were there.
    gum: Option<(f64, Option<f64>)>,
    /// The names of devices, by the ids of their tracks.
    labels: HashMap<String, String>,
    marks: HashMap<String, Vec<Mark>>,
}

/// Something that a track was from some time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    pub time: f64,
    pub what: What,
    pub begins: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its source gives nothing (`mute`).
    Muted,
    /// The page has switched it off (`enabled`).
    Disabled,
}

impl Client {
    /// Takes an event of the client itself.
    pub fn call(&mut self, call: &Call<'_>, budget: &mut Budget) {
        self.track(call, budget);
        let name = call.name.strip_prefix("navigator.mediaDevices.").unwrap_or(call.name);
        match name {
            "getUserMedia" => self.begin(call, "gum", format!("getUserMedia {}", wanted(call.value)), budget),
            "getDisplayMedia" => self.begin(call, "screen", "getDisplayMedia".to_owned(), budget),
            "getUserMediaOnSuccess" | "getDisplayMediaOnSuccess" => self.end(call, None),
            "getUserMediaOnFailure" | "getDisplayMediaOnFailure" => self.end(call, Some(short(call.value))),
            "ondevicechange" => self.add(call, "device", "devices changed".to_owned(), budget),
            "enumerateDevices" => self.add(
                call,
                "device",
                format!("{} devices", call.value.elements().count()),
                budget,
            ),
            "create" | "websocket" | "close" | "constraints" | "getStats" => {}
            "pressure" | "computePressure" => self.add(call, "pressure", short(call.value), budget),
            "visibilitychange" | "document.visibilitychange" | "onvisibilitychange" => {
                self.add(call, "hidden", short(call.value), budget);
            }
            "reload" => self.add(call, "reload", "reload".to_owned(), budget),
            name if name.starts_with("MediaStreamTrack.") || name.starts_with("HTMLMediaElement.") => {}
            name => {
                let value = short(call.value);
                let text = if value.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name}: {value}")
                };
                self.add(call, "custom", text, budget);
            }
        }
    }

    /// Takes what any event says of tracks: their names, and when they were muted or switched off.
    pub fn track(&mut self, call: &Call<'_>, budget: &mut Budget) {
        match call.name {
            "addTrack" => self.label(call.value, budget),
            "addTransceiver" => call
                .value
                .elements()
                .take(1)
                .for_each(|track| self.label(track, budget)),
            "navigator.mediaDevices.getUserMediaOnSuccess" | "navigator.mediaDevices.getDisplayMediaOnSuccess" => {
                call.value.elements().for_each(|track| self.label(track, budget));
            }
            "MediaStreamTrack.onmute" => self.mark(call, short(call.value), What::Muted, true, budget),
            "MediaStreamTrack.onunmute" => self.mark(call, short(call.value), What::Muted, false, budget),
            "MediaStreamTrack.enabled" => {
                let id = call.id().unwrap_or_default();
                self.mark(call, id, What::Disabled, call.value.as_bool() == Some(false), budget);
            }
            _ => {}
        }
    }

    /// A track as the client library writes it: kind, id, label.
    fn label(&mut self, track: Json<'_>, budget: &mut Budget) {
        let mut parts = track.elements().skip(1).map(short);
        if let (Some(id), Some(label)) = (parts.next(), parts.next())
            && !label.is_empty()
            && budget.takes(id.len() + label.len())
        {
            self.labels.insert(id, label);
        }
    }

    fn mark(&mut self, call: &Call<'_>, track: String, what: What, begins: bool, budget: &mut Budget) {
        if budget.takes(track.len()) {
            let mark = Mark {
                time: call.time,
                what,
                begins,
            };
            self.marks.entry(track).or_default().push(mark);
        }
    }

    fn add(&mut self, call: &Call<'_>, kind: &'static str, text: String, budget: &mut Budget) {
        if self.calls.len() < VIEW_CLIENT_CALLS_MAX && budget.takes(text.len()) {
            let time = number(call.time);
            self.calls.push(ClientCall {
                time,
                end: None,
                kind,
                text,
                failed: false,
            });
        }
    }

    fn begin(&mut self, call: &Call<'_>, kind: &'static str, text: String, budget: &mut Budget) {
        self.gum.get_or_insert((call.time, None));
        let place = self.calls.len();
        self.add(call, kind, text, budget);
        let is_there = self.calls.len() > place && self.pending.len() < VIEW_PENDING_MAX;
        if let Some(id) = call.id().filter(|_| is_there) {
            self.pending.insert(id, place);
        }
    }

    fn end(&mut self, call: &Call<'_>, failure: Option<String>) {
        if let Some((_, end)) = &mut self.gum
            && failure.is_none()
        {
            end.get_or_insert(call.time);
        }
        let Some(begun) = call.id().and_then(|id| self.pending.remove(&id)) else {
            return;
        };
        let one = &mut self.calls[begun];
        one.end = Some(number(call.time));
        if let Some(why) = failure {
            one.failed = true;
            one.text = format!("{}: {why}", one.text);
        }
    }

    /// When devices were asked for first, and when the page had them.
    pub fn gum(&self) -> Option<(f64, Option<f64>)> {
        self.gum
    }

    pub fn label_of(&self, track: &str) -> Option<&String> {
        self.labels.get(track)
    }

    pub fn marks_of(&self, track: &str) -> &[Mark] {
        self.marks.get(track).map_or(&[], |marks| marks)
    }

    pub fn finish(self) -> Vec<ClientCall> {
        self.calls
    }
}

/// Which kinds of devices were asked for.
fn wanted(constraints: Json<'_>) -> String {
    let kinds = ["audio", "video"].into_iter();
    let wanted = kinds.filter(|kind| constraints.get(kind).is_some_and(Json::is_truthy));
    wanted.collect::<Vec<_>>().join(" + ")
}
