//! Freezes of a received video (`totalFreezesDuration`: a frame came later than three frame times, or 150 ms more).
//!
//! A freeze is counted when it ends. Where it is not counted at all (older Firefox), a poll without a decoded frame is
//! one.
use super::stage::{Stage, Stages};
use crate::findings::columns::{Column, inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::evidence::Origin;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::stream::is_screen;
use crate::findings::text::{length, measure};
use crate::findings::view::{Interval, View};

/// By stage, with how often it froze; then the one of all freezes together.
pub static TEXTS: [&str; 6] = [
    "The video froze for {value}{0}: nothing at all came over the connection.",
    "The video froze for {value}{0}: no packet of it came, while others did.",
    "The video froze for {value}{0}: its packets came, but no frame could be put together.",
    "The video froze for {value}{0}: its frames came, but none was decoded.",
    "The video froze for {value}{0}, while packets came and frames were decoded: the sender paused, or they were shown \
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
        singles: Vec::new(),
        count: 0,
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
    /// The first long ones: at most `SINGLES_MAX`.
    singles: Vec<Single>,
    /// How many there were.
    count: u32,
    /// Seconds.
    frozen: f64,
    all: f64,
    span: Option<Span>,
    draft: Option<Draft>,
    /// Where freezes are not counted: the time without decoded frames, and the rate before it.
    still: Option<Span>,
    rate: f64,
}

/// One that is told by itself, with the counter that shows it.
struct Single {
    span: Span,
    stage: Stage,
    shown: Column,
    value: f64,
    time: f64,
}

/// All of them are told together, too.
const SINGLES_MAX: usize = 32;

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

    fn single(&self, span: Span, interval: &Interval<'_>) -> Single {
        let total = interval.now(inbound::FREEZES_DURATION);
        let (shown, value, time) = match total {
            Some(total) => (inbound::FREEZES_DURATION, total, interval.end),
            None => {
                let decoded = interval.before(inbound::FRAMES_DECODED).unwrap_or_default();
                (inbound::FRAMES_DECODED, decoded, interval.start)
            }
        };
        let stage = self.stages.within(span);
        Single {
            span,
            stage,
            shown,
            value,
            time,
        }
    }

    /// How often it froze, behind how long.
    fn often(&self) -> String {
        match self.count {
            1 => format!(", the only time in {}", length(self.all * 1000.0)),
            count => format!(", one of {count} times ({} in all)", length(self.frozen * 1000.0)),
        }
    }

    fn tell(&self, single: &Single, draft: Draft, out: &mut Out<'_>) {
        let span = single.span;
        let start = span.start;
        let draft = Draft { start, ..draft }.until(Some(span.end));
        let draft = draft.case(single.stage as usize).name(self.often());
        let draft = draft.value(span.ms() / 1000.0, "s").threshold(self.single);
        let report = draft.report.clone().unwrap_or_default();
        let origin = Origin::Report(report, single.shown.property().name());
        out.fire(draft.number(origin, single.time, single.value));
    }
}

impl Watcher for Freezes {
    fn interval(&mut self, interval: &Interval<'_>, _: &mut Out<'_>) {
        // A shared screen that is still has no new pictures.
        if !interval.view.scene().is_settled(interval.start) || is_screen(interval) {
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
        self.count += 1;
        if seconds >= self.single && self.singles.len() < SINGLES_MAX {
            let single = self.single(span, interval);
            self.singles.push(single);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let share = 100.0 * self.frozen / self.all;
        let (Some(span), Some(draft)) = (self.span, self.draft.take()) else {
            return;
        };
        for single in &self.singles {
            self.tell(single, draft.clone(), out);
        }
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
