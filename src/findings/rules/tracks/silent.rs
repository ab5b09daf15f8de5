//! Spans in which the page itself sends nothing of a track.
use crate::dump::json::Text;
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::text::clipped;
use crate::findings::track::{Track, track_id};
use crate::findings::view::View;
use crate::findings::world::World;
use crate::limits::FINDING_PENDING_MAX;

/// Tracks that are switched off.
#[derive(Default)]
struct Disabled {
    open: Vec<Off>,
}

struct Off {
    track: Box<str>,
    start: f64,
}

pub fn disabled(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Disabled>::default()
}

impl Disabled {
    fn over(off: &Off, end: f64, is_end: bool, view: &View<'_>, out: &mut Out<'_>) {
        let Some(track) = view.world.tracks.of_id(&off.track) else {
            return;
        };
        // Sent by a connection that was not closed before.
        let Some(closed) = closed(track, view.world).filter(|closed| *closed > off.start) else {
            return;
        };
        let over = [track.stopped, track.ended, Some(closed)]
            .into_iter()
            .flatten()
            .fold(end, f64::min);
        if over <= off.start {
            return;
        }
        let until = (!is_end || over < end).then_some(over);
        let draft = Draft::new(Severity::Info, off.start)
            .until(until)
            .value((over - off.start) / 1000.0, "s");
        out.fire(
            draft
                .track(&track.id, track.media)
                .event_at("MediaStreamTrack.enabled", off.start, "false"),
        );
    }
}

/// When the last connection that sends the track was closed: infinite if one is open. `None` if none sends it.
fn closed(track: &Track, world: &World) -> Option<f64> {
    let scenes = track.senders.iter().filter_map(|sender| world.scenes.get(*sender));
    scenes
        .map(|scene| scene.closed.unwrap_or(f64::INFINITY))
        .reduce(f64::max)
}

impl Watcher for Disabled {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let (Some(id), Some(is_on)) = (track_id(call), call.value.as_bool()) else {
            return;
        };
        let id = clipped(&id);
        let known = self.open.iter().position(|off| *off.track == *id);
        match (known, is_on) {
            (Some(at), true) => Disabled::over(&self.open.remove(at), call.time, false, view, out),
            (None, false) if self.open.len() < FINDING_PENDING_MAX => self.open.push(Off {
                track: id.into(),
                start: call.time,
            }),
            _ => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        for off in self.open.drain(..) {
            Disabled::over(&off, view.now, true, view, out);
        }
    }
}

/// Senders without a track.
#[derive(Default)]
struct NullTrack {
    open: Vec<Empty>,
}

struct Empty {
    sender: Option<Box<str>>,
    draft: Draft,
}

pub fn null_track(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<NullTrack>::default()
}

impl Empty {
    fn draft(self, end: f64, until: Option<f64>) -> Draft {
        let length = (end - self.draft.start) / 1000.0;
        self.draft.until(until).value(length, "s")
    }
}

impl Watcher for NullTrack {
    /// `[old, new]`, each of them a track or null, and the sender's id.
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, out: &mut Out<'_>) {
        let mut tracks = call.value.elements();
        let (Some(old), Some(new)) = (tracks.next(), tracks.next()) else {
            return;
        };
        let sender = call.correlation().map(|id| clipped(&id).into());
        let known = self.open.iter().position(|open| open.sender == sender);
        match (known, new.is_null()) {
            (Some(at), false) => out.fire(self.open.remove(at).draft(call.time, Some(call.time)).event(call)),
            (None, true) if !old.is_null() && self.open.len() < FINDING_PENDING_MAX => {
                let mut parts = old
                    .elements()
                    .map(|part| part.as_text().map(Text::to_str).unwrap_or_default());
                let media = match parts.next().as_deref() {
                    Some("audio") => Media::Audio,
                    Some("video") => Media::Video,
                    _ => Media::None,
                };
                let id = parts.next().unwrap_or_default();
                let draft = Draft::new(Severity::Info, call.time).track(&id, media).event(call);
                self.open.push(Empty { sender, draft });
            }
            _ => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let closed = view.scene().closed;
        for open in self.open.drain(..) {
            let end = closed.unwrap_or(view.now);
            if end > open.draft.start {
                out.fire(open.draft(end, closed));
            }
        }
    }
}
