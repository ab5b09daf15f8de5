//! Tracks that the page gives to a connection, against the sections that were negotiated to send.
//!
//! Which transceiver a track has is not told, so tracks and sections of each kind are counted: what is missing is
//! missing somewhere. At most `FINDING_PENDING_MAX` tracks of a connection are followed.
use crate::dump::json::{Json, Text};
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::{Negotiation, Role};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::Media;
use crate::findings::section::{Port, Section};
use crate::findings::severity::Severity;
use crate::findings::states::Signaling;
use crate::findings::text::clipped;
use crate::findings::track::Track;
use crate::findings::view::View;
use crate::limits::FINDING_PENDING_MAX;
use crate::sdp::Direction;

pub const METHODS: &[&str] = &[
    "addTrack",
    "addTransceiver",
    "removeTrack",
    "replaceTrack",
    "onsignalingstatechange",
    "setLocalDescriptionOnSuccess",
    "setRemoteDescriptionOnSuccess",
];

struct Directions {
    hold_ms: f64,
    tracks: Vec<(Media, Box<str>)>,
    /// Of audio and of video: since when something is not sent, and why.
    missing: [Option<(f64, Why)>; 2],
    /// How many sections of each kind ever sent at most.
    sent: [usize; 2],
}

/// In the order of the rule's texts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Refused,
    NotAnswered,
    NotOffered,
    NotTaken,
    Held,
}

const KINDS: [Media; 2] = [Media::Audio, Media::Video];

pub fn new(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Directions {
        hold_ms: limits.ms("hold"),
        tracks: Vec::new(),
        missing: [None; 2],
        sent: [0; 2],
    })
}

/// `[kind, id, …]`
fn track(value: Json<'_>) -> Option<(Media, Box<str>)> {
    let mut parts = value.elements();
    let media = match parts.next()?.as_text()? {
        kind if kind.is("audio") => Media::Audio,
        kind if kind.is("video") => Media::Video,
        _ => return None,
    };
    let id = parts.next()?.as_text().map(Text::to_str)?;
    Some((media, clipped(&id).into()))
}

impl Directions {
    fn add(&mut self, value: Json<'_>) {
        if let Some(own) = track(value)
            && self.tracks.len() < FINDING_PENDING_MAX
        {
            self.tracks.push(own);
        }
    }

    fn remove(&mut self, value: Json<'_>) {
        let at = track(value).and_then(|own| self.tracks.iter().position(|known| *known == own));
        if let Some(at) = at {
            self.tracks.remove(at);
        }
    }

    /// How many tracks of the kind have something to send.
    fn live(&self, media: Media, view: &View<'_>) -> usize {
        let of_kind = self.tracks.iter().filter(|(own, _)| *own == media);
        let is_over = |track: &Track| track.stopped.is_some() || track.ended.is_some();
        of_kind
            .filter(|(_, id)| !view.world.tracks.of_id(id).is_some_and(is_over))
            .count()
    }

    /// A negotiation has been completed.
    fn look(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        for (at, media) in KINDS.into_iter().enumerate() {
            let live = self.live(media, view);
            let negotiation = &view.scene().negotiation;
            let why = why(negotiation, media, live, self.sent[at]);
            self.sent[at] = sending(negotiation, media).max(self.sent[at]);
            match (self.missing[at], why) {
                (Some((_, old)), Some(new)) if old == new => {}
                (old, new) => {
                    if let Some(old) = old {
                        self.over(media, old, view.now, Some(view.now), out);
                    }
                    self.missing[at] = new.map(|why| (view.now, why));
                }
            }
        }
    }

    fn over(&self, media: Media, (since, why): (f64, Why), end: f64, until: Option<f64>, out: &mut Out<'_>) {
        if end - since <= self.hold_ms {
            return;
        }
        let severity = match why {
            Why::NotOffered | Why::Held => Severity::Info,
            Why::Refused | Why::NotAnswered | Why::NotTaken => Severity::Warning,
        };
        let mut own = self.tracks.iter().filter(|(kind, _)| *kind == media);
        let draft = Draft::new(severity, since).until(until).case(why as usize);
        let draft = draft
            .value((end - since) / 1000.0, "s")
            .threshold(self.hold_ms / 1000.0);
        // Of one track it is clear which it is.
        let draft = match (own.next(), own.next()) {
            (Some((_, id)), None) => draft.track(id, media),
            _ => Draft { media, ..draft },
        };
        out.fire(draft.event_at("onsignalingstatechange", since, "stable"));
    }
}

/// How many open sections of a kind of this side go this way.
fn count(sections: &[Section], media: Media, goes: fn(Direction) -> bool) -> usize {
    let of_kind = |section: &&Section| section.media == media && section.port == Port::Open;
    let own = sections.iter().filter(of_kind);
    own.filter(|section| goes(section.direction)).count()
}

/// How many sections of a kind the answer lets this side send.
fn sending(negotiation: &Negotiation, media: Media) -> usize {
    match negotiation.local.role == Some(Role::Answer) {
        true => count(&negotiation.local.sections, media, Direction::sends),
        false => count(&negotiation.remote.sections, media, Direction::receives),
    }
}

/// Why fewer sections send than there are tracks. `None` if enough do. `before`: so many did once.
fn why(negotiation: &Negotiation, media: Media, tracks: usize, before: usize) -> Option<Why> {
    let (local, remote) = (&negotiation.local, &negotiation.remote);
    if sending(negotiation, media) >= tracks || remote.set.is_none() {
        return None;
    }
    if local.role == Some(Role::Answer) {
        let is_taken = count(&remote.sections, media, Direction::receives) >= tracks;
        return Some(match is_taken {
            true => Why::NotAnswered,
            false if before >= tracks => Why::Held,
            false => Why::NotTaken,
        });
    }
    Some(match count(&local.sections, media, Direction::sends) < tracks {
        true => Why::NotOffered,
        false => Why::Refused,
    })
}

impl Watcher for Directions {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        match &*call.method {
            "addTrack" => self.add(call.value),
            "addTransceiver" => call.value.elements().take(1).for_each(|track| self.add(track)),
            "removeTrack" => self.remove(call.value),
            "replaceTrack" => {
                let mut tracks = call.value.elements();
                tracks.next().into_iter().for_each(|old| self.remove(old));
                tracks.next().into_iter().for_each(|new| self.add(new));
            }
            _ => {
                let scene = view.scene();
                let is_stable = scene.signaling.is_none_or(|now| now.state == Signaling::Stable);
                let ended = scene.negotiation.ended.as_ref().and_then(|ended| ended.role);
                if is_stable && ended == Some(Role::Answer) && scene.closed.is_none() {
                    self.look(view, out);
                }
            }
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let closed = view.scene().closed;
        for (at, media) in KINDS.into_iter().enumerate() {
            if let Some(missing) = self.missing[at].take() {
                self.over(media, missing, closed.unwrap_or(view.now), closed, out);
            }
        }
    }
}
