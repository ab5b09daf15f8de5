//! Whether videos are shown with far fewer pixels than they are received with (`HTMLMediaElement.resize`).
use std::collections::HashMap;

use crate::dump::json::Json;
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::text::clipped;
use crate::findings::view::View;
use crate::limits::FINDING_TRACKS_MAX;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Oversized {
        times: limits.get("times"),
        hold_ms: limits.ms("hold"),
        shown: HashMap::new(),
    })
}

struct Oversized {
    times: f64,
    hold_ms: f64,
    /// By track, those that are shown too small: at most `FINDING_TRACKS_MAX`.
    shown: HashMap<Box<str>, Shown>,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    connection: usize,
    since: f64,
    /// Width and height: of the picture, and on the screen.
    received: [f64; 2],
    seen: [f64; 2],
}

impl Shown {
    fn of(call: &Call<'_>, ratio: f64) -> Option<Shown> {
        let number = |name| call.value.get(name).and_then(Json::as_f64);
        Some(Shown {
            connection: call.connection,
            since: call.time,
            received: [number("videoWidth")?, number("videoHeight")?],
            seen: [number("width")? * ratio, number("height")? * ratio],
        })
    }

    /// How many times as many pixels are received as are seen. What is not to be seen at all is another matter.
    fn times(&self) -> f64 {
        let seen = self.seen[0] * self.seen[1];
        if seen > 0.0 {
            self.received[0] * self.received[1] / seen
        } else {
            0.0
        }
    }
}

impl Oversized {
    fn tell(&self, track: &str, shown: &Shown, end: Option<f64>, now: f64, out: &mut Out<'_>) {
        if now - shown.since < self.hold_ms {
            return;
        }
        let size = |[width, height]: [f64; 2]| format!("{} × {}", width.round(), height.round());
        let draft = Draft::new(Severity::Info, shown.since)
            .until(end)
            .track(track, Media::Video);
        let draft = draft.value(shown.times(), "times").threshold(self.times);
        let draft = draft.name(size(shown.received)).name(size(shown.seen));
        let words = format!("{} of {}", size(shown.seen), size(shown.received));
        out.fire_of(
            shown.connection,
            draft.event_at("HTMLMediaElement.resize", shown.since, &words),
        );
    }
}

impl Watcher for Oversized {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let ratio = view.world.machine.pixel_ratio.unwrap_or(1.0);
        let Some((id, shown)) = call.extra_text(0).zip(Shown::of(call, ratio)) else {
            return;
        };
        let id = clipped(&id);
        let is_over = shown.times() > self.times;
        match self.shown.get(id) {
            // It goes on, whatever the sizes are now.
            Some(_) if is_over => {}
            Some(_) => {
                if let Some(known) = self.shown.remove(id) {
                    self.tell(id, &known, Some(call.time), call.time, out);
                }
            }
            None if is_over && self.shown.len() < FINDING_TRACKS_MAX => {
                self.shown.insert(id.into(), shown);
            }
            None => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let mut left: Vec<_> = self.shown.drain().collect();
        left.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (track, shown) in left {
            let closed = view.world.scenes.get(shown.connection).and_then(|scene| scene.closed);
            self.tell(&track, &shown, closed, closed.unwrap_or(view.world.last), out);
        }
    }
}
