//! `net.no-feedback`: the other side reports nothing of a stream (RFC 3550, section 6.4: receiver reports).
//!
//! One report ends it: RTCP comes every few seconds, so that at most polls there is none.
use crate::findings::columns::{Kind, Link, outbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::{Interval, View};

pub const RULE: Rule = Rule {
    id: "net.no-feedback",
    scope: Scope::Layer,
    fires: "packets are sent, but the other side does not report what arrives",
    hint: "Its RTCP does not come through, or it has no such stream: nothing can be said of loss and delay then.",
    texts: &["The other side said nothing about the {media} it should receive, for {length}."],
    thresholds: &[Threshold::new("hold", 15.0, "s", Source::Ours)],
    needs: &[outbound::PACKETS_SENT],
    source: Source::Published("W3C webrtc-stats"),
    watch: Watch::Report(Kind::Outbound, None, |limits| Box::new(Silence::new(limits))),
    ..Rule::PLAIN
};

struct Silence {
    hold_ms: f64,
    run: Run,
    draft: Option<Draft>,
}

impl Silence {
    fn new(limits: &Limits<'_>) -> Silence {
        Silence {
            hold_ms: limits.ms("hold"),
            run: Run::default(),
            draft: None,
        }
    }

    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let draft = self.draft.take();
        if let Some((span, draft)) = span.zip(draft) {
            let start = span.start;
            let draft = Draft { start, ..draft }.until(span.until(view));
            out.fire(draft.value(span.ms() / 1000.0, "s").threshold(self.hold_ms / 1000.0));
        }
    }
}

impl Watcher for Silence {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        let remote = interval.linked(Link::Remote);
        let is_told = remote.is_some_and(|remote| remote.is_fresh());
        if !out.can_judge(interval, self.hold_ms) || !interval.is_on() || is_told {
            let span = self.run.end();
            return self.tell(span, view, out);
        }
        let is_sent = interval.delta(outbound::PACKETS_SENT).map(|packets| packets > 0.0);
        let span = self.run.take(is_sent, self.hold_ms, interval);
        if span.is_some() || self.run.since().is_none_or(|since| since == interval.start) {
            self.tell(span, view, out);
        }
        if self.draft.is_none() && self.run.since().is_some() {
            let draft = Draft::new(Severity::Info, interval.start).of(interval);
            let sent = interval.now(outbound::PACKETS_SENT).unwrap_or_default();
            self.draft = Some(draft.shown(interval.slot, outbound::PACKETS_SENT, interval.end, sent));
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.run.end();
        self.tell(span, view, out);
    }
}
