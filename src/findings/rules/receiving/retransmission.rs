//! Whether packets are asked for again and never come (`nackCount`, `retransmittedPacketsReceived`; RFC 4585, 4588).
use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::text::measure;
use crate::findings::view::{Interval, View};
use crate::findings::window::Window;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Useless {
        nacks: limits.get("nacks"),
        window_ms: limits.ms("window"),
        window: Window::default(),
        span: None,
        asked: 0.0,
        draft: None,
    })
}

struct Useless {
    nacks: f64,
    window_ms: f64,
    /// Parts are requests, wholes what came.
    window: Window,
    span: Option<Span>,
    /// In the stretch.
    asked: f64,
    draft: Option<Draft>,
}

impl Useless {
    fn tell(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if let (Some(span), Some(draft)) = (self.span.take(), self.draft.take()) {
            let draft = draft
                .until(span.until(view))
                .value(self.asked, "NACKs")
                .threshold(self.nacks);
            out.fire(draft.name(measure(self.asked, "")));
        }
    }
}

impl Watcher for Useless {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let came = interval.delta(inbound::RETRANSMITTED_PACKETS);
        let Some((asked, came)) = interval.delta(inbound::NACK_COUNT).zip(came) else {
            return;
        };
        self.window
            .add(interval.start, interval.end, asked, came, self.window_ms);
        let (sum, answers) = self.window.sums();
        let is_so = self.window.is_full(self.window_ms) && sum >= self.nacks && answers == 0.0;
        match (is_so, &mut self.span) {
            (true, Some(span)) => (span.end, self.asked) = (self.window.end_of_part(), self.asked + asked),
            (true, None) => {
                let start = self.window.start_of_part();
                (self.span, self.asked) = (
                    Some(Span {
                        start,
                        end: interval.end,
                    }),
                    sum,
                );
                let draft = Draft::new(Severity::Info, start).of(interval);
                let total = interval.now(inbound::NACK_COUNT).unwrap_or_default();
                self.draft = Some(draft.shown(interval.slot, inbound::NACK_COUNT, interval.end, total));
            }
            (false, _) => self.tell(&interval.view, out),
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.tell(view, out);
    }
}
