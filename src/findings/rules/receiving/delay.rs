//! How long sound waits in the jitter buffer (`jitterBufferDelay`, `jitterBufferEmittedCount`), and whether longer and
//! longer.
use std::collections::VecDeque;

use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::severity::Severity;
use crate::findings::text::measure;
use crate::findings::view::{Interval, View};

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Delay {
        grades: [limits.get("warning"), limits.get("critical")],
        hold_ms: limits.ms("hold"),
        slope: limits.get("slope"),
        slope_ms: limits.ms("slope_hold"),
        high: Run::default(),
        higher: Run::default(),
        most: 0.0,
        critical: false,
        draft: None,
        blocks: VecDeque::new(),
        block: Block::default(),
        growth: None,
    })
}

struct Delay {
    /// In s: of a warning, and of what is critical.
    grades: [f64; 2],
    hold_ms: f64,
    /// In ms a minute.
    slope: f64,
    slope_ms: f64,
    high: Run,
    higher: Run,
    most: f64,
    /// Whether the stretch is critical for long enough in some part.
    critical: bool,
    draft: Option<Draft>,
    /// The means of the last sixths of the time in which it has to grow.
    blocks: VecDeque<Block>,
    block: Block,
    growth: Option<Growth>,
}

#[derive(Clone, Debug)]
struct Growth {
    draft: Draft,
    span: Span,
    /// The steepest, in ms a minute.
    slope: f64,
    /// The delay at the end, in s.
    last: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    start: f64,
    end: f64,
    delay: f64,
    emitted: f64,
}

const BLOCKS: usize = 6;

impl Block {
    fn mean(&self) -> f64 {
        self.delay / self.emitted
    }
}

impl Delay {
    fn tell(&mut self, span: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(span) = span else { return };
        let critical = std::mem::take(&mut self.critical);
        if let Some(draft) = self.draft.take() {
            let severity = if critical {
                Severity::Critical
            } else {
                Severity::Warning
            };
            let draft = Draft {
                severity,
                start: span.start,
                ..draft
            };
            let draft = draft.until(span.until(view)).value(self.most, "s");
            out.fire(draft.threshold(self.grades[usize::from(critical)]));
        }
    }

    /// Takes the next interval into the blocks. Every block is higher than the one before it when the delay grows.
    fn grow(&mut self, interval: &Interval<'_>, delay: f64, emitted: f64, out: &mut Out<'_>) {
        if self.block.emitted == 0.0 {
            self.block.start = interval.start;
        }
        self.block.end = interval.end;
        self.block.delay += delay;
        self.block.emitted += emitted;
        if self.block.end - self.block.start < self.slope_ms / BLOCKS as f64 {
            return;
        }
        if self.blocks.len() == BLOCKS {
            self.blocks.pop_front();
        }
        self.blocks.push_back(std::mem::take(&mut self.block));
        let last = self.blocks.back().map(Block::mean).unwrap_or_default();
        match (self.slope_now(), &mut self.growth) {
            (Some(slope), Some(growth)) => {
                growth.span.end = interval.end;
                (growth.slope, growth.last) = (growth.slope.max(slope), last);
            }
            (Some(slope), None) => {
                let start = self.blocks.front().map_or(interval.start, |block| block.start);
                self.growth = Some(Growth {
                    draft: Draft::new(Severity::Warning, start).of(interval).case(1),
                    span: Span {
                        start,
                        end: interval.end,
                    },
                    slope,
                    last,
                });
            }
            (None, _) => self.tell_growth(&interval.view, out),
        }
    }

    /// In ms a minute, if it is steep enough all the time.
    fn slope_now(&self) -> Option<f64> {
        let (first, last) = (self.blocks.front()?, self.blocks.back()?);
        let minutes = (last.start - first.start) / 60_000.0;
        let slope = 1000.0 * (last.mean() - first.mean()) / minutes;
        let means = self.blocks.iter().map(Block::mean);
        let grows = means.clone().zip(means.skip(1)).all(|(one, next)| next > one);
        (self.blocks.len() == BLOCKS && grows && slope > self.slope).then_some(slope)
    }

    fn tell_growth(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if let Some(growth) = self.growth.take() {
            let draft = growth
                .draft
                .until(growth.span.until(view))
                .name(measure(growth.last, ""));
            out.fire(draft.value(growth.slope, "ms/min").threshold(self.slope));
        }
    }
}

impl Watcher for Delay {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        if !out.can_judge(interval, self.hold_ms) {
            return;
        }
        let emitted = interval
            .delta(inbound::JITTER_BUFFER_EMITTED)
            .filter(|emitted| *emitted > 0.0);
        let sums = interval.delta(inbound::JITTER_BUFFER_DELAY).zip(emitted);
        let delay = sums.map(|(delay, emitted)| delay / emitted);
        let [warning, critical] = self.grades;
        let worse = self
            .higher
            .take(delay.map(|delay| delay > critical), self.hold_ms, interval);
        self.critical |= worse.is_some() || self.higher.is_long();
        let span = self
            .high
            .take(delay.map(|delay| delay > warning), self.hold_ms, interval);
        self.tell(span, view, out);
        if self.high.since() == Some(interval.start) {
            (self.most, self.critical) = (0.0, false);
            self.draft = Some(Draft::new(Severity::Warning, 0.0).of(interval));
        }
        self.most = delay.unwrap_or(0.0).max(self.most);
        if let Some((delay, emitted)) = sums {
            self.grow(interval, delay, emitted, out);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let span = self.high.end();
        self.tell(span, view, out);
        self.tell_growth(view, out);
    }
}
