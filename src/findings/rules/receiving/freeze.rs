//! Freezes of a received video (`totalFreezesDuration`: a frame came later than three frame times, or 150 ms more).
//!
//! A freeze is counted when it ends. Where it is not counted at all (older Firefox), a poll without a decoded frame is
//! one.
use super::stage::{Stage, Stages};
use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::text::measure;
use crate::findings::view::{Interval, View};

/// By stage; then the one of all freezes together.
pub static TEXTS: [&str; 6] = [
    "The video froze for {value}: nothing at all came over the connection.",
    "The video froze for {value}: no packet of it came, while others did.",
    "The video froze for {value}: its packets came, but no frame could be put together.",
    "The video froze for {value}: its frames came, but none was decoded.",
    "The video froze for {value}, while packets came and frames were decoded: the sender paused, or they were shown \
     late.",
    "The video was frozen for {share} of its time: {0} s in all.",
];
const ALL: usize = 5;

/// Fewer frames a second are no flow that could freeze, where freezes are not counted.
const FLOW_MIN: f64 = 5.0;
/// Shares of less time mean nothing.
const TIME_MIN_S: f64 = 10.0;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Freezes {
        single: limits.get("single"),
        share: limits.get("share"),
        critical: limits.get("share_critical"),
        stages: Stages::default(),
        frozen: 0.0,
        all: 0.0,
        span: None,
        draft: None,
        still: None,
        rate: 0.0,
    })
}

struct Freezes {
    single: f64,
    share: f64,
    critical: f64,
    stages: Stages,
    /// Seconds.
    frozen: f64,
    all: f64,
    span: Option<Span>,
    draft: Option<Draft>,
    /// Where freezes are not counted: the time without decoded frames, and the rate before it.
    still: Option<Span>,
    rate: f64,
}

impl Freezes {
    /// The freezes that have ended in this interval: how long they were together.
    fn ended(&mut self, interval: &Interval<'_>) -> Option<Span> {
        if interval.now(inbound::FREEZES_DURATION).is_some() {
            let seconds = interval
                .delta(inbound::FREEZES_DURATION)
                .filter(|seconds| *seconds > 0.0)?;
            let (start, end) = (interval.end - seconds * 1000.0, interval.end);
            return Some(Span { start, end });
        }
        let frames = interval.delta(inbound::FRAMES_DECODED)?;
        if frames == 0.0 {
            let (start, end) = (interval.start, interval.end);
            let still = self.still.get_or_insert(Span { start, end });
            still.end = end;
            return None;
        }
        let still = self.still.take().filter(|_| self.rate >= FLOW_MIN);
        self.rate = frames / interval.seconds();
        still
    }

    fn tell(&self, span: Span, interval: &Interval<'_>, out: &mut Out<'_>) {
        let stage: Stage = self.stages.within(span);
        let draft = Draft::new(Severity::Warning, span.start)
            .of(interval)
            .until(Some(span.end));
        let draft = draft
            .case(stage as usize)
            .value(span.ms() / 1000.0, "s")
            .threshold(self.single);
        let total = interval.now(inbound::FREEZES_DURATION);
        out.fire(match total {
            Some(total) => draft.shown(interval.slot, inbound::FREEZES_DURATION, interval.end, total),
            None => draft.shown(
                interval.slot,
                inbound::FRAMES_DECODED,
                interval.start,
                interval.before(inbound::FRAMES_DECODED).unwrap_or_default(),
            ),
        });
    }
}

impl Watcher for Freezes {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        if !interval.view.scene().is_settled(interval.start) {
            return;
        }
        self.stages.add(interval);
        self.all += interval.seconds();
        let Some(span) = self.ended(interval) else { return };
        let seconds = span.ms() / 1000.0;
        self.frozen += seconds;
        self.span.get_or_insert(span).end = span.end;
        self.draft
            .get_or_insert_with(|| Draft::new(Severity::Warning, span.start).of(interval));
        if seconds >= self.single {
            self.tell(span, interval, out);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let share = 100.0 * self.frozen / self.all;
        let (Some(span), Some(draft)) = (self.span, self.draft.take()) else {
            return;
        };
        if share <= self.share || self.all < TIME_MIN_S {
            return;
        }
        let (severity, threshold) = match share > self.critical {
            true => (Severity::Critical, self.critical),
            false => (Severity::Warning, self.share),
        };
        let draft = Draft { severity, ..draft };
        let draft = draft
            .until(span.until(view))
            .case(ALL)
            .value(share, "%")
            .threshold(threshold);
        let seconds = (self.frozen * 10.0).round() / 10.0;
        out.fire(draft.share(share / 100.0).name(measure(seconds, "")));
    }
}
