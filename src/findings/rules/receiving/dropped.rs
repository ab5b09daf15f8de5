//! How many received frames were dropped before they were shown (`framesDropped`, `framesReceived`).
use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::view::{Interval, View};

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Dropped {
        info: limits.get("info"),
        warning: limits.get("warning"),
        loss: limits.get("loss"),
        least: limits.get("least"),
        dropped: 0.0,
        received: 0.0,
        lost: 0.0,
        packets: 0.0,
        span: None,
        draft: None,
    })
}

struct Dropped {
    /// In %.
    info: f64,
    warning: f64,
    loss: f64,
    /// Frames.
    least: f64,
    dropped: f64,
    received: f64,
    lost: f64,
    packets: f64,
    /// From the first to the last poll at which frames were dropped.
    span: Option<Span>,
    draft: Option<Draft>,
}

impl Watcher for Dropped {
    fn interval(&mut self, interval: &Interval<'_>, _: &mut Out<'_>) {
        let received = interval.delta(inbound::FRAMES_RECEIVED);
        let Some((dropped, received)) = interval.delta(inbound::FRAMES_DROPPED).zip(received) else {
            return;
        };
        self.dropped += dropped;
        self.received += received;
        self.lost += interval.change(inbound::PACKETS_LOST).unwrap_or_default();
        self.packets += interval.delta(inbound::PACKETS_RECEIVED).unwrap_or_default();
        if dropped > 0.0 {
            let (start, end) = (interval.start, interval.end);
            self.span.get_or_insert(Span { start, end }).end = end;
            self.draft.get_or_insert_with(|| {
                let draft = Draft::new(Severity::Info, start).of(interval);
                let total = interval.now(inbound::FRAMES_DROPPED).unwrap_or_default();
                draft.shown(interval.slot, inbound::FRAMES_DROPPED, end, total)
            });
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let share = 100.0 * self.dropped / self.received;
        let (Some(span), Some(draft)) = (self.span, self.draft.take()) else {
            return;
        };
        if self.received < self.least || share.is_nan() || share <= self.info {
            return;
        }
        let loss = 100.0 * self.lost.max(0.0) / (self.lost.max(0.0) + self.packets).max(1.0);
        let (severity, threshold, case) = match share > self.warning && loss < self.loss {
            true => (Severity::Warning, self.warning, 1),
            false => (Severity::Info, self.info, 0),
        };
        let draft = Draft { severity, ..draft };
        let draft = draft.until(span.until(view)).case(case).share(share / 100.0);
        out.fire(draft.value(share, "%").threshold(threshold));
    }
}
