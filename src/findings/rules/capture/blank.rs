//! Whether the picture is black or still: a guess by bits (RTCOutboundRtpStreamStats: `bytesSent`, `qpSum`).
use crate::findings::columns::outbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::severity::Severity;
use crate::findings::stream::{is_screen, tiny};
use crate::findings::view::{Interval, View};

/// So far above the lowest quantiser of the call a mean one is still the lowest.
const QP_SLACK: f64 = 0.5;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Blank {
        bits: limits.get("bits"),
        least: limits.get("least"),
        hold_ms: limits.ms("hold"),
        run: Run::default(),
        draft: None,
        lowest: f64::INFINITY,
        most: 0.0,
    })
}

struct Blank {
    bits: f64,
    least: f64,
    hold_ms: f64,
    run: Run,
    draft: Option<Draft>,
    /// The lowest mean quantiser of the call.
    lowest: f64,
    /// The most bits a pixel of the stretch.
    most: f64,
}

impl Blank {
    /// Bits a pixel, if the encoder spends as many as it wants.
    fn bits(&mut self, interval: &Interval<'_>) -> Option<f64> {
        let frames = interval
            .delta(outbound::FRAMES_ENCODED)
            .filter(|frames| *frames > 0.0)?;
        let quantiser = interval.delta(outbound::QP_SUM)? / frames;
        self.lowest = self.lowest.min(quantiser);
        let pixels = interval.now(outbound::FRAME_WIDTH)? * interval.now(outbound::FRAME_HEIGHT)?;
        let bits = interval.delta(outbound::BYTES_SENT)? * 8.0 / (frames * pixels);
        let is_free = quantiser <= self.lowest + QP_SLACK && frames / interval.seconds() >= self.least;
        let is_camera = !is_screen(interval);
        Some(if is_free && is_camera && pixels > 0.0 {
            bits
        } else {
            f64::INFINITY
        })
    }

    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(span) = span else { return };
        if let Some(draft) = self.draft.take() {
            let draft = Draft {
                start: span.start,
                ..draft
            };
            let draft = draft.until(span.until(view)).value(self.most, "bit/pixel");
            out.fire(draft.threshold(self.bits).name(tiny(self.most)));
        }
    }
}

impl Watcher for Blank {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        let median = view.scene().polls.median;
        if median > self.hold_ms / 2.0 {
            out.too_slow(median);
            return;
        }
        let is_time = view.scene().is_settled(interval.start) && interval.is_on();
        let bits = if is_time {
            self.bits(interval)
        } else {
            Some(f64::INFINITY)
        };
        let span = self.run.take(bits.map(|bits| bits < self.bits), self.hold_ms, interval);
        self.tell(span, view, out);
        if self.run.since() == Some(interval.start) {
            (self.most, self.draft) = (0.0, Some(Draft::new(Severity::Info, 0.0).of(interval)));
        }
        self.most = bits.filter(|bits| *bits < self.bits).unwrap_or(0.0).max(self.most);
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.run.end();
        self.tell(span, view, out);
    }
}
