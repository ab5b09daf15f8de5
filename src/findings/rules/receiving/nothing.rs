//! Whether a connection is up and nothing is received of what the other side has announced.
use crate::findings::call::Call;
use crate::findings::columns::{Kind, inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Nothing {
        after_ms: limits.ms("after"),
        tracks: 0,
        since: None,
        first: None,
        has: Media::Unknown,
    })
}

struct Nothing {
    after_ms: f64,
    tracks: u32,
    /// Since when the connection is up and tracks are announced.
    since: Option<f64>,
    /// When the first track was announced.
    first: Option<f64>,
    has: Media,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    /// No poll has told.
    Unknown,
    No,
    Yes,
}

impl Nothing {
    fn settle(&mut self, until: Option<f64>, now: f64, out: &mut Out<'_>) {
        let Some(since) = self.since.take().filter(|_| self.has == Media::No) else {
            return;
        };
        if now - since >= self.after_ms {
            let tracks = match self.tracks {
                1 => "track".to_owned(),
                tracks => format!("{tracks} tracks"),
            };
            let draft = Draft::new(Severity::Critical, since).until(until);
            let draft = draft
                .value((now - since) / 1000.0, "s")
                .threshold(self.after_ms / 1000.0);
            let first = self.first.unwrap_or(since);
            out.fire(
                draft
                    .name(tracks)
                    .event_at("ontrack", first, "the first track of the other side"),
            );
        }
    }
}

impl Watcher for Nothing {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if call.is("ontrack") {
            self.tracks = self.tracks.saturating_add(1);
            self.first.get_or_insert(call.time);
        }
        match (view.scene().is_connected(), self.since) {
            (true, None) if self.has != Media::Yes && self.tracks > 0 => self.since = Some(call.time),
            (false, Some(_)) => self.settle(Some(call.time), call.time, out),
            _ => {}
        }
    }

    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if self.has == Media::Yes || self.since.is_none() {
            return;
        }
        let slots = view.scene().samples.slots().iter();
        let mut streams = slots.filter(|slot| slot.kind == Kind::Inbound && slot.is_there());
        if streams.any(|slot| slot.now(inbound::PACKETS_RECEIVED.at) > 0.0) {
            self.settle(Some(view.now), view.now, out);
            self.has = Media::Yes;
        } else {
            self.has = Media::No;
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.settle(None, view.scene().last, out);
    }
}
