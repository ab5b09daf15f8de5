//! Whether a connection is up and nothing is received of what the other side has announced: of its sound, or of its
//! pictures.
//!
//! A server announces the tracks of those who are muted too. So it is critical only if the other side says that it
//! sends (RTCRemoteOutboundRtpStreamStats.packetsSent), or if the one track of this kind goes both ways, as between two
//! people.
use crate::dump::json::Json;
use crate::findings::call::Call;
use crate::findings::columns::{Kind, inbound, remote_outbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::Media;
use crate::findings::section::{Port, Section};
use crate::findings::severity::Severity;
use crate::findings::view::View;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Nothing {
        after_ms: limits.ms("after"),
        kinds: MEDIA.map(Flow::new),
    })
}

const MEDIA: [Media; 2] = [Media::Audio, Media::Video];

struct Nothing {
    after_ms: f64,
    kinds: [Flow; 2],
}

/// Tracks of one kind.
struct Flow {
    media: Media,
    tracks: u32,
    /// Since when the connection is up and tracks are announced.
    since: Option<f64>,
    /// When the first track was announced.
    first: Option<f64>,
    has: Has,
    /// When a poll told last that nothing had come. Until the next one, no more is known.
    missed: f64,
    sender: Sender,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Has {
    /// No poll has told.
    Unknown,
    No,
    Yes,
}

/// What the other side says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Silent,
    Sends,
}

/// What is missing, by kind or altogether.
struct Missing {
    media: Media,
    tracks: u32,
    since: f64,
    first: f64,
    severity: Severity,
}

impl Flow {
    fn new(media: Media) -> Flow {
        Flow {
            media,
            tracks: 0,
            since: None,
            first: None,
            has: Has::Unknown,
            missed: f64::NAN,
            sender: Sender::Silent,
        }
    }

    /// Looks at the last poll. Gives the medium if something of it has come.
    fn poll(&mut self, view: &View<'_>) -> Option<Media> {
        let slots = || view.scene().samples.slots().iter().filter(|slot| slot.is_there());
        let streams = slots().filter(|slot| slot.kind == Kind::Inbound && slot.media == self.media);
        let (mut received, mut untold) = (0.0, 0);
        for slot in streams {
            match slot.now(inbound::PACKETS_RECEIVED.at) {
                packets if packets.is_nan() => untold += 1,
                packets => received += packets,
            }
        }
        if received == 0.0 {
            self.has = if untold == 0 { Has::No } else { Has::Unknown };
            self.missed = view.now;
        }
        let reports = slots().filter(|slot| slot.kind == Kind::RemoteOutbound && slot.media == self.media);
        for slot in reports {
            if slot.now(remote_outbound::PACKETS_SENT.at) > slot.before(remote_outbound::PACKETS_SENT.at) {
                self.sender = Sender::Sends;
            }
        }
        (received > 0.0).then_some(self.media)
    }

    /// What is missing if it has not come until now.
    fn settle(&mut self, after_ms: f64, view: &View<'_>) -> Option<Missing> {
        let since = self.since.take().filter(|_| self.has == Has::No)?;
        let negotiation = &view.scene().negotiation;
        let own = |section: &&Section| section.media == self.media && section.port == Port::Open;
        let mut local = negotiation.local.sections.iter().filter(own);
        let is_refused = negotiation.local.set.is_some() && !local.clone().any(|section| section.direction.receives());
        if self.missed - since < after_ms || is_refused {
            return None;
        }
        let goes_both_ways = local.any(|section| section.direction.receives() && section.direction.sends());
        let is_between_two = self.tracks == 1 && goes_both_ways;
        let severity = match self.sender == Sender::Sends || is_between_two {
            true => Severity::Critical,
            false => Severity::Info,
        };
        Some(Missing {
            media: self.media,
            tracks: self.tracks,
            since,
            first: self.first.unwrap_or(since),
            severity,
        })
    }
}

impl Missing {
    /// Both kinds are told together.
    fn and(self, other: Missing) -> Missing {
        Missing {
            media: Media::None,
            tracks: self.tracks.saturating_add(other.tracks),
            since: self.since.min(other.since),
            first: self.first.min(other.first),
            severity: self.severity.max(other.severity),
        }
    }

    fn draft(&self, now: f64, until: Option<f64>, after_ms: f64) -> Draft {
        let kind = match self.media {
            Media::None => String::new(),
            media => format!("{} ", media.name()),
        };
        let tracks = match self.tracks {
            1 => format!("{kind}track"),
            tracks => format!("{tracks} {kind}tracks"),
        };
        let draft = Draft::new(self.severity, self.since).until(until);
        let draft = draft.case(usize::from(self.severity == Severity::Info));
        let draft = draft
            .value((now - self.since) / 1000.0, "s")
            .threshold(after_ms / 1000.0);
        let media = self.media;
        Draft { media, ..draft }
            .name(tracks)
            .event_at("ontrack", self.first, "the first track of the other side")
    }
}

impl Nothing {
    /// Nothing more is waited for of these.
    fn settle(&mut self, which: &[Media], until: Option<f64>, now: f64, view: &View<'_>, out: &mut Out<'_>) {
        let after_ms = self.after_ms;
        let done = self.kinds.iter_mut().filter(|flow| which.contains(&flow.media));
        let missing = done.filter_map(|flow| flow.settle(after_ms, view)).reduce(Missing::and);
        if let Some(missing) = missing {
            out.fire(missing.draft(now, until, after_ms));
        }
    }
}

impl Watcher for Nothing {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if call.is("ontrack") {
            let kind = call.value.elements().next().and_then(Json::as_text);
            let is_own = |flow: &&mut Flow| kind.is_some_and(|kind| kind.is(flow.media.name()));
            if let Some(flow) = self.kinds.iter_mut().find(is_own) {
                flow.tracks = flow.tracks.saturating_add(1);
                flow.first.get_or_insert(call.time);
            }
        }
        if !view.scene().is_connected() {
            return self.settle(&MEDIA, Some(call.time), call.time, view, out);
        }
        for flow in &mut self.kinds {
            if flow.has != Has::Yes && flow.tracks > 0 {
                flow.since.get_or_insert(call.time);
            }
        }
    }

    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let waiting = self.kinds.iter_mut().filter(|flow| flow.since.is_some());
        let came: Vec<_> = waiting.filter_map(|flow| flow.poll(view)).collect();
        if !came.is_empty() {
            self.settle(&came, Some(view.now), view.now, view, out);
            let done = self.kinds.iter_mut().filter(|flow| came.contains(&flow.media));
            done.for_each(|flow| (flow.since, flow.has) = (None, Has::Yes));
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.settle(&MEDIA, None, view.scene().last, view, out);
    }
}
