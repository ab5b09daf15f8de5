//! The tracks of one connection, and which stream of the statistics each of them got.
//!
//! A track takes the first stream that it meets, and keeps it: that of the same id (RTCInboundRtpStreamStats
//! trackIdentifier, or that of the RTCMediaSourceStats of an RTCOutboundRtpStreamStats) and the same direction. Streams
//! beyond that, as with simulcast, are left over. Nothing has to be looked at but streams that an event has changed,
//! and only while tracks wait for one. If the log begins in the middle of the call, streams make their tracks known.
//! Limits: `FEATURE_TRACKS_MAX` and `FEATURE_STREAMS_MAX` for a connection, and as many as `Keeper` has for the dump.
use std::collections::BTreeMap;

use super::call::Call;
use super::direction::Direction;
use super::keep::{Id, Keeper, Kept};
use super::path::find;
use super::rank::Rank;
use super::stream::{Poll, Stream};
use super::value::property;
use crate::dump::form::Form;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;
use crate::limits::{FEATURE_STREAMS_MAX, FEATURE_TRACKS_MAX, FEATURE_UNMUTES_MAX};

const TRACK: Property = Property::of("trackIdentifier");
const KIND: Property = Property::of("kind");
const SOURCE: Property = Property::of("mediaSourceId");

/// What is asked of reports here.
pub const ASKED: &[Property] = &[TRACK, KIND, SOURCE];

#[derive(Debug, Default)]
pub struct Tracks {
    list: Vec<Track>,
    streams: Vec<Stream>,
    /// Streams by the ids of their reports.
    by_id: BTreeMap<Id, u32>,
    /// Streams by the places of reports that are there.
    by_place: Vec<Option<u32>>,
    /// Tracks without a stream, by direction and id; in the order of the list.
    waiting: BTreeMap<(Direction, Id), Vec<u32>>,
    /// Streams that may have become right for a track that waits.
    touched: Vec<u32>,
    /// Tracks were added since the last statistics.
    grown: bool,
    /// When each track was unmuted for the first time.
    unmuted: BTreeMap<Id, f64>,
    poll: Poll,
    form: Form,
}

/// One track.
#[derive(Debug)]
pub struct Track {
    pub kind: Kept,
    pub id: Kept,
    pub direction: Direction,
    pub start: f64,
    origin: Origin,
    stream: Option<u32>,
}

/// How a track became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Call,
    /// Browsers that log transceivers may log the call as well, before or after.
    Transceiver,
    /// It was there before the log began.
    Statistics,
}

/// A track and what became of it.
#[derive(Debug)]
pub struct Ended {
    pub track: Track,
    pub stream: Option<Stream>,
    pub unmuted: Option<f64>,
}

impl Tracks {
    pub fn of(form: Form) -> Tracks {
        Tracks {
            form,
            ..Tracks::default()
        }
    }

    pub fn call(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        match call.method {
            "addTrack" => self.sent(call, call.value, keeper),
            "addTransceiver" => {
                if let Some(track) = call.value.elements().next() {
                    self.sent(call, track, keeper);
                }
            }
            "ontrack" => self.received(call, call.value, keeper),
            "replaceTrack" => {
                if let Some((kind, id)) = call.value.elements().nth(1).and_then(serialised)
                    && !self.has(id, None)
                {
                    self.add(kind, id, Direction::Outbound, call.time, Origin::Call, keeper);
                }
            }
            "transceiverAdded" | "transceiverModified" => self.transceiver(call, keeper),
            "MediaStreamTrack.onunmute" => self.unmute(call, keeper),
            _ => {}
        }
    }

    fn sent(&mut self, call: &Call<'_>, track: Json<'_>, keeper: &mut Keeper) {
        let Some((kind, id)) = serialised(track) else { return };
        let is_logged = |track: &&mut Track| track.origin != Origin::Call && is(track, id, Direction::Outbound);
        match self.list.iter_mut().find(is_logged) {
            Some(track) => {
                track.origin = Origin::Call;
                track.start = call.time;
            }
            None => self.add(kind, id, Direction::Outbound, call.time, Origin::Call, keeper),
        }
    }

    fn received(&mut self, call: &Call<'_>, track: Json<'_>, keeper: &mut Keeper) {
        if let Some((kind, id)) = serialised(track)
            && !self.has(id, Some(Direction::Inbound))
        {
            self.add(kind, id, Direction::Inbound, call.time, Origin::Call, keeper);
        }
    }

    /// What webrtc-internals logs in place of the calls.
    fn transceiver(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        let Some(kind) = call.value.get("kind") else { return };
        let track = |side| call.value.get(side).and_then(|side| side.get("track"));
        let side = if call.method == "transceiverAdded" {
            if call.has("reason", "addTrack") || call.has("reason", "addTransceiver") {
                Some((track("sender"), Direction::Outbound))
            } else {
                call.has("reason", "setRemoteDescription")
                    .then(|| (track("receiver"), Direction::Inbound))
            }
        } else {
            let current = call.value.get("currentDirection").and_then(Json::as_text);
            let receives = current.is_some_and(|current| current.to_str().contains("recv"));
            receives.then(|| (track("receiver"), Direction::Inbound))
        };
        if let Some((Some(id), direction)) = side
            && !self.has(id, Some(direction))
        {
            self.add(kind, id, direction, call.time, Origin::Transceiver, keeper);
        }
    }

    fn unmute(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        if let Some(id) = call.text()
            && self.unmuted.len() < FEATURE_UNMUTES_MAX
            && !self.unmuted.contains_key(&*id.canonical())
            && let Some(id) = keeper.id(id)
        {
            self.unmuted.insert(id, call.time);
        }
    }

    /// Whether there is a track of this id, in this direction or in any.
    fn has(&self, id: Json<'_>, direction: Option<Direction>) -> bool {
        self.list
            .iter()
            .any(|track| is(track, id, direction.unwrap_or(track.direction)))
    }

    fn add(
        &mut self,
        kind: Json<'_>,
        id: Json<'_>,
        direction: Direction,
        start: f64,
        origin: Origin,
        keeper: &mut Keeper,
    ) {
        let Some(text) = id.as_text() else { return };
        if self.list.len() == FEATURE_TRACKS_MAX || !keeper.track() {
            keeper.omit();
            return;
        }
        let Some(kind) = keeper.string(kind) else { return };
        let Some(kept) = keeper.string(id) else { return };
        let Some(key) = keeper.id(text) else { return };
        let number = self.list.len() as u32;
        self.waiting.entry((direction, key)).or_default().push(number);
        self.grown = true;
        self.list.push(Track {
            kind,
            id: kept,
            direction,
            start,
            origin,
            stream: None,
        });
    }

    /// A getStats begins: takes the reports that it has removed.
    pub fn begin(&mut self, time: f64, reports: &Reports, keeper: &mut Keeper) {
        let before = self.poll;
        self.poll = Poll {
            number: before.number.saturating_add(1),
            time,
        };
        for report in reports.removed() {
            let stream = self.by_place.get_mut(report.place()).and_then(Option::take);
            if let Some(stream) = stream.and_then(|number| self.streams.get_mut(number as usize)) {
                stream.removed(before, self.poll, reports, report, keeper);
            }
        }
    }

    /// A report of a stream has been changed.
    pub fn changed(&mut self, direction: Direction, reports: &Reports, report: Report<'_>, keeper: &mut Keeper) {
        let known = self.by_place.get(report.place()).copied().flatten();
        let Some(number) = known.or_else(|| self.stream(direction, report, keeper)) else {
            return;
        };
        let Some(stream) = self.streams.get_mut(number as usize) else {
            return;
        };
        // What a report has kept since it was looked at here has been counted.
        let is_news = |property| known.is_none() || !report.kept(property);
        stream.changed(self.poll, report, is_news, keeper);
        if stream.codec.is_none() {
            stream.look_for_codec(reports, report, keeper);
        }
        if self.may_get_streams() {
            self.touched.push(number);
        }
    }

    /// The stream of a report whose place is new.
    fn stream(&mut self, direction: Direction, report: Report<'_>, keeper: &mut Keeper) -> Option<u32> {
        let number = match self.by_id.get(report.id().raw()) {
            Some(number) => *number,
            None => {
                if self.streams.len() == FEATURE_STREAMS_MAX || !keeper.stream() {
                    keeper.omit();
                    return None;
                }
                let rank = Rank::new(report.id(), keeper)?;
                let id = keeper.id(report.id())?;
                let number = self.streams.len() as u32;
                self.streams.push(Stream::new(rank, direction));
                self.by_id.insert(id, number);
                number
            }
        };
        let place = report.place();
        if self.by_place.len() <= place {
            self.by_place.resize(place + 1, None);
        }
        self.by_place[place] = Some(number);
        Some(number)
    }

    /// A report of a codec has been changed.
    pub fn codec_changed(&mut self, reports: &Reports, keeper: &mut Keeper) {
        let unknown = self
            .streams
            .iter_mut()
            .filter(|stream| stream.is_present() && stream.codec.is_none());
        for stream in unknown {
            if let Some(report) = reports.find(stream.rank.id()) {
                stream.look_for_codec(reports, report, keeper);
            }
        }
    }

    /// Whether there are tracks without a stream, or may be some that are not known yet.
    fn may_get_streams(&self) -> bool {
        !self.waiting.is_empty() || self.form.is_late()
    }

    /// A report of a media source has been changed.
    pub fn source_changed(&mut self, source: Report<'_>) {
        if !self.may_get_streams() {
            return;
        }
        let track = property(source, TRACK).and_then(Json::as_text);
        if track.is_some_and(|track| self.form.is_late() || self.waits(Direction::Outbound, track.canonical().as_ref()))
        {
            let all = self.streams.iter().zip(0..);
            let sent = all.filter(|(stream, _)| stream.direction == Direction::Outbound);
            self.touched.extend(sent.map(|(_, number)| number));
        }
    }

    fn waits(&self, direction: Direction, id: &[u8]) -> bool {
        self.waiting.contains_key(&(direction, id.into()))
    }

    /// All that a getStats has changed is known: gives streams to the tracks that wait.
    pub fn settle(&mut self, reports: &Reports, keeper: &mut Keeper) {
        if self.grown {
            self.touched.extend(0..self.streams.len() as u32);
            self.grown = false;
        }
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable_by_key(|number| (self.streams[*number as usize].rank.order(), *number));
        touched.dedup();
        for number in touched.drain(..) {
            if self.form.is_late() {
                self.make_known(number, reports, keeper);
            }
            if let Some(track) = self.suits(number, reports) {
                self.list[track as usize].stream = Some(number);
                self.streams[number as usize].track = Some(track);
            }
        }
        self.touched = touched;
    }

    /// Adds the track of this stream, if there is none.
    fn make_known(&mut self, number: u32, reports: &Reports, keeper: &mut Keeper) {
        let Some(stream) = self.streams.get(number as usize).filter(|stream| stream.is_present()) else {
            return;
        };
        let (direction, report) = (stream.direction, reports.find(stream.rank.id()));
        if let Some(report) = report
            && let Some(kind) = property(report, KIND).filter(|kind| kind.as_text().is_some())
            && let Some(id) = track_of(report, direction, reports)
            && !self.has(id, Some(direction))
        {
            self.add(kind, id, direction, self.poll.time, Origin::Statistics, keeper);
        }
    }

    /// The track that gets this stream now. It waits no longer.
    fn suits(&mut self, number: u32, reports: &Reports) -> Option<u32> {
        let stream = self.streams.get(number as usize).filter(|stream| stream.is_present())?;
        let report = reports.find(stream.rank.id())?;
        let track = track_of(report, stream.direction, reports)?;
        let key = (stream.direction, track.as_text()?.canonical().as_ref().into());
        let tracks = self.waiting.get_mut(&key)?;
        let first = *tracks.first()?;
        if stream.track.is_some_and(|own| own < first) {
            return None;
        }
        tracks.remove(0);
        if tracks.is_empty() {
            self.waiting.remove(&key);
        }
        Some(first)
    }

    /// There are no more events. `reports` are the statistics as they are now.
    pub fn finish(mut self, reports: Option<&Reports>, keeper: &mut Keeper) -> Vec<Ended> {
        for stream in &mut self.streams {
            stream.finish(self.poll, reports, keeper);
        }
        let ended = |track: Track| Ended {
            stream: track
                .stream
                .and_then(|number| self.streams.get(number as usize))
                .cloned(),
            unmuted: track.id.inside().and_then(|id| self.unmuted.get(id)).copied(),
            track,
        };
        self.list.into_iter().map(ended).collect()
    }
}

/// The id of the track of a stream.
fn track_of<'a>(report: Report<'a>, direction: Direction, reports: &'a Reports) -> Option<Json<'a>> {
    match direction {
        Direction::Inbound => property(report, TRACK),
        Direction::Outbound => property(find(reports, property(report, SOURCE)?)?, TRACK),
    }
}

fn is(track: &Track, id: Json<'_>, direction: Direction) -> bool {
    track.direction == direction && id.as_text().is_some_and(|id| track.id.is_text(id))
}

/// Kind and id of a track as the client library writes it: `[kind, id, label, stream ids…]`.
fn serialised(track: Json<'_>) -> Option<(Json<'_>, Json<'_>)> {
    let mut parts = track.elements();
    let (kind, id) = (parts.next()?, parts.next()?);
    (kind.as_text().is_some() && id.as_text().is_some()).then_some((kind, id))
}
