//! All tracks of a dump by their ids, with what the page did to them (W3C mediacapture-main, MediaStreamTrack).
//!
//! At most `FINDING_TRACKS_MAX`.
use std::collections::HashMap;

use super::asked::Asked;
use super::call::Call;
use super::samples::Media;
use super::text::clipped;
use crate::dump::json::{Json, Text};
use crate::limits::FINDING_TRACKS_MAX;

#[derive(Debug, Default)]
pub struct Tracks {
    list: Vec<Track>,
    by_id: HashMap<Box<str>, usize>,
    /// Calls of getUserMedia that are not answered yet, by their ids.
    pending: Vec<(Box<str>, Asked)>,
}

/// One track.
#[derive(Clone, Debug)]
pub struct Track {
    pub id: Box<str>,
    pub media: Media,
    pub origin: Origin,
    /// When it became known, in ms since 1970.
    pub start: f64,
    /// The times at which it was stopped by the page, and ended by itself.
    pub stopped: Option<f64>,
    pub ended: Option<f64>,
    pub enabled: Enabled,
    /// Since when the browser says that nothing comes.
    pub muted: Option<f64>,
    pub content_hint: Box<str>,
    /// What the page asked of the camera.
    pub asked: Asked,
    /// The first stream that it belongs to; empty if none.
    pub stream: Box<str>,
    /// The connections that were given it to send, as in `Event`.
    pub senders: Vec<usize>,
}

/// Where a track comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// getUserMedia
    Device,
    /// getDisplayMedia
    Display,
    /// Sent, but not captured in this dump: made by the page, or before the dump.
    Other,
    /// ontrack
    Remote,
}

/// The switch of a track, and since when it is so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Enabled {
    On,
    OffSince(f64),
}

/// So many calls are remembered until they are answered.
const PENDING_MAX: usize = 32;

/// More connections that send a track are not told apart.
const SENDERS_MAX: usize = 64;

impl Track {
    /// Whether it can give something: it is switched on and has not ended.
    pub fn is_live(&self) -> bool {
        self.enabled == Enabled::On && self.stopped.is_none() && self.ended.is_none()
    }

    pub fn is_display(&self) -> bool {
        self.origin == Origin::Display
    }
}

fn stream(id: Text<'_>) -> Box<str> {
    clipped(&id.to_str()).into()
}

impl Tracks {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        self.list.iter()
    }

    pub fn get(&self, number: usize) -> Option<&Track> {
        self.list.get(number)
    }

    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub fn of_id(&self, id: &str) -> Option<&Track> {
        self.get(self.find(id)?)
    }

    /// Takes note of an event about tracks.
    pub fn call(&mut self, call: &Call<'_>) {
        match &*call.method {
            "navigator.mediaDevices.getUserMedia" => self.ask(call),
            "navigator.mediaDevices.getUserMediaOnSuccess" => self.captured(call, Origin::Device),
            "navigator.mediaDevices.getDisplayMediaOnSuccess" => self.captured(call, Origin::Display),
            "addTrack" => self.sent(call, call.value),
            "addTransceiver" => call
                .value
                .elements()
                .next()
                .into_iter()
                .for_each(|track| self.sent(call, track)),
            "replaceTrack" => call
                .value
                .elements()
                .nth(1)
                .into_iter()
                .for_each(|track| self.sent(call, track)),
            "ontrack" => {
                self.add(call.value, Origin::Remote, call.time);
            }
            "MediaStreamTrack.stop" => self.change(call, |track| {
                track.stopped.get_or_insert(call.time);
            }),
            "MediaStreamTrack.onended" => self.change(call, |track| {
                track.ended.get_or_insert(call.time);
            }),
            "MediaStreamTrack.onmute" => self.change(call, |track| {
                track.muted.get_or_insert(call.time);
            }),
            "MediaStreamTrack.onunmute" => self.change(call, |track| track.muted = None),
            "MediaStreamTrack.enabled" => {
                let Some(is_on) = call.value.as_bool() else { return };
                self.change(call, |track| match (is_on, track.enabled) {
                    (true, _) => track.enabled = Enabled::On,
                    (false, Enabled::On) => track.enabled = Enabled::OffSince(call.time),
                    (false, Enabled::OffSince(_)) => {}
                });
            }
            "MediaStreamTrack.applyConstraints" => {
                let constraints = call.value.elements().next().unwrap_or(Json::NULL);
                self.change(call, |track| track.asked = Asked::of_change(constraints));
            }
            "MediaStreamTrack.contentHint" => {
                let hint = call.text().unwrap_or_default();
                self.change(call, |track| track.content_hint = clipped(&hint).into());
            }
            _ => {}
        }
    }

    /// Remembers what a call asks for, until it is answered.
    fn ask(&mut self, call: &Call<'_>) {
        if let (Some(id), Some(video)) = (call.correlation(), call.value.get("video")) {
            if self.pending.len() == PENDING_MAX {
                self.pending.remove(0);
            }
            self.pending.push((clipped(&id).into(), Asked::of(video)));
        }
    }

    fn captured(&mut self, call: &Call<'_>, origin: Origin) {
        let id = call.correlation().unwrap_or_default();
        let at = self.pending.iter().position(|(own, _)| **own == *clipped(&id));
        let asked = at.map(|at| self.pending.remove(at).1).unwrap_or_default();
        for track in call.value.elements() {
            if let Some(number) = self.add(track, origin, call.time) {
                self.list[number].asked = asked;
            }
        }
    }

    fn sent(&mut self, call: &Call<'_>, track: Json<'_>) {
        let Some(number) = self.add(track, Origin::Other, call.time) else {
            return;
        };
        let senders = &mut self.list[number].senders;
        if senders.len() < SENDERS_MAX && !senders.contains(&call.connection) {
            senders.push(call.connection);
        }
    }

    /// `[kind, id, label, stream ids…]`. A known one stays what it was.
    fn add(&mut self, track: Json<'_>, origin: Origin, time: f64) -> Option<usize> {
        let mut elements = track.elements();
        let (kind, id) = (elements.next()?.as_text()?, elements.next()?.as_text()?);
        let media = match kind {
            kind if kind.is("audio") => Media::Audio,
            kind if kind.is("video") => Media::Video,
            _ => return None,
        };
        let id: Box<str> = clipped(&id.to_str()).into();
        if let Some(number) = self.by_id.get(&id) {
            return Some(*number);
        }
        if self.list.len() == FINDING_TRACKS_MAX {
            return None;
        }
        self.by_id.insert(id.clone(), self.list.len());
        self.list.push(Track {
            id,
            media,
            origin,
            start: time,
            stopped: None,
            ended: None,
            enabled: Enabled::On,
            muted: None,
            content_hint: Box::default(),
            asked: Asked::default(),
            stream: elements.nth(1).and_then(Json::as_text).map(stream).unwrap_or_default(),
            senders: Vec::new(),
        });
        Some(self.list.len() - 1)
    }

    fn change(&mut self, call: &Call<'_>, change: impl FnOnce(&mut Track)) {
        let number = track_id(call).and_then(|id| self.find(&id));
        if let Some(track) = number.and_then(|number| self.list.get_mut(number)) {
            change(track);
        }
    }
}

/// The track that an event is about: its id stands behind the value, or is the value.
pub fn track_id<'a>(call: &Call<'a>) -> Option<std::borrow::Cow<'a, str>> {
    let is_value = matches!(&*call.method, "MediaStreamTrack.onmute" | "MediaStreamTrack.onunmute");
    let value = || call.value.as_text().map(Text::to_str);
    match is_value {
        true => value().or_else(|| call.extra_text(0)),
        false => call.extra_text(0).or_else(value),
    }
}
