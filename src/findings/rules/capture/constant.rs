//! Whether the level of the microphone is always the same (RTCAudioSourceStats.audioLevel).
//!
//! Told once for a source: all stretches together, from the first to the last.
use std::collections::VecDeque;

use crate::findings::columns::source;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::text::measure;
use crate::findings::view::{Interval, View};
use crate::limits::FINDING_WINDOW_MAX;

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Constant {
        deviation: limits.get("deviation"),
        level: limits.get("level"),
        polls: (limits.get("polls").max(2.0) as usize).min(FINDING_WINDOW_MAX),
        least_ms: limits.ms("least"),
        recent: VecDeque::new(),
        last: 0.0,
        covered: 0.0,
        span: None,
        draft: None,
        mean: 0.0,
        largest: 0.0,
    })
}

struct Constant {
    deviation: f64,
    level: f64,
    /// Of so many polls is the deviation.
    polls: usize,
    least_ms: f64,
    /// Where each interval began, and the level at its end.
    recent: VecDeque<(f64, f64)>,
    /// Where the last interval ended.
    last: f64,
    /// How many ms it was so in all.
    covered: f64,
    span: Option<Span>,
    draft: Option<Draft>,
    /// Of the first stretch.
    mean: f64,
    /// The largest of all stretches.
    largest: f64,
}

impl Constant {
    /// The mean of the last levels and their standard deviation, if there are enough and they are as good as equal.
    fn constant(&self) -> Option<(f64, f64)> {
        if self.recent.len() < self.polls {
            return None;
        }
        let count = self.polls as f64;
        let mean = self.recent.iter().map(|(_, level)| level).sum::<f64>() / count;
        let squares = self.recent.iter().map(|(_, level)| (level - mean).powi(2));
        let deviation = (squares.sum::<f64>() / count).sqrt();
        (deviation < self.deviation && mean > self.level).then_some((mean, deviation))
    }
}

impl Watcher for Constant {
    fn interval(&mut self, interval: &Interval<'_>, _: &mut Out<'_>) {
        let is_apart = interval.start > self.last;
        self.last = interval.end;
        let is_time = interval.view.scene().is_settled(interval.start) && interval.is_on();
        let Some(level) = interval.now(source::AUDIO_LEVEL).filter(|_| is_time) else {
            self.recent.clear();
            return;
        };
        if is_apart {
            self.recent.clear();
        }
        if self.recent.len() == self.polls {
            self.recent.pop_front();
        }
        self.recent.push_back((interval.start, level));
        let Some((mean, deviation)) = self.constant() else {
            return;
        };
        self.largest = self.largest.max(deviation);
        let start = self.recent.front().map_or(interval.start, |(start, _)| *start);
        let end = interval.end;
        if self.span.is_none() {
            self.mean = mean;
            self.draft = Some(Draft::new(Severity::Info, start).of(interval));
        }
        let span = self.span.get_or_insert(Span { start, end: start });
        self.covered += end - start.max(span.end);
        span.end = end;
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let told = self.span.zip(self.draft.take());
        if let Some((span, draft)) = told.filter(|_| self.covered >= self.least_ms) {
            let draft = draft.until(span.until(view)).value(self.largest, "");
            let seconds = (self.covered / 1000.0).round();
            out.fire(
                draft
                    .threshold(self.deviation)
                    .name(measure(seconds, "s"))
                    .name(measure(self.mean, "")),
            );
        }
    }
}
