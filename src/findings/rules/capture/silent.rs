//! Whether the microphone is silent (RTCAudioSourceStats: `totalAudioEnergy`, `totalSamplesDuration`).
use crate::dump::form::Need;
use crate::findings::columns::source;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::{Run, Span};
use crate::findings::severity::Severity;
use crate::findings::stream::tiny;
use crate::findings::view::{Interval, View};

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Silent {
        level: limits.get("level"),
        hold_ms: limits.ms("hold"),
        hold_zero_ms: limits.ms("hold_zero"),
        low: Run::default(),
        zero: Run::default(),
        loudest: 0.0,
        spoke: Voice::Never,
        told: None,
        draft: None,
    })
}

/// Whether the microphone has ever given a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Never,
    Heard,
}

struct Silent {
    level: f64,
    hold_ms: f64,
    hold_zero_ms: f64,
    low: Run,
    zero: Run,
    /// Of the stretch of silence.
    loudest: f64,
    spoke: Voice,
    /// Where the stretch began that was told last.
    told: Option<f64>,
    draft: Option<Draft>,
}

impl Silent {
    fn tell(&mut self, zero: Option<Span>, low: Option<Span>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(draft) = self.draft.as_ref() else { return };
        let tell = |span: Span, hold_ms: f64, case: usize| {
            // Who listens is silent, and browsers take noise away.
            let severity = match self.spoke {
                Voice::Never => Severity::Warning,
                Voice::Heard => Severity::Info,
            };
            let draft = Draft {
                severity,
                start: span.start,
                ..draft.clone()
            };
            let draft = draft.until(span.until(view)).case(case);
            draft
                .value(span.ms() / 1000.0, "s")
                .threshold(hold_ms / 1000.0)
                .name(tiny(self.loudest))
        };
        if let Some(span) = zero {
            self.told = Some(span.start);
            let digital = tell(span, self.hold_zero_ms, 1);
            // The page switches it off in nearly every call.
            out.fire(match view.scene().form.lacks(Need::PageEvents) {
                false => digital,
                true => Draft {
                    severity: Severity::Info,
                    ..digital.case(2)
                },
            });
        }
        // Silence that is all digital has been told.
        if let Some(span) = low.filter(|span| self.told != Some(span.start)) {
            out.fire(tell(span, self.hold_ms, 0));
        }
    }
}

impl Watcher for Silent {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let view = &interval.view;
        let median = view.scene().polls.median;
        if median > self.hold_zero_ms / 2.0 {
            out.too_slow(median);
            return;
        }
        let power = interval
            .delta(source::AUDIO_ENERGY)
            .zip(interval.delta(source::SAMPLES_DURATION));
        let power = power.filter(|(_, duration)| *duration > 0.0);
        let level = power.map(|(energy, duration)| (energy / duration).sqrt());
        if level.is_some_and(|level| level >= self.level) {
            self.spoke = Voice::Heard;
        }
        let is_muted = interval.track().is_some_and(|track| track.muted.is_some());
        if !view.scene().is_settled(interval.start) || !interval.is_on() || is_muted {
            let (zero, low) = (self.zero.end(), self.low.end());
            self.tell(zero, low, view, out);
            return;
        }
        let zero = self
            .zero
            .take(level.map(|level| level == 0.0), self.hold_zero_ms, interval);
        let low = self
            .low
            .take(level.map(|level| level < self.level), self.hold_ms, interval);
        self.tell(zero, low, view, out);
        if self.low.since() == Some(interval.start) {
            (self.loudest, self.draft) = (0.0, Some(Draft::new(Severity::Warning, 0.0).of(interval)));
        }
        self.loudest = level
            .filter(|level| *level < self.level)
            .unwrap_or(0.0)
            .max(self.loudest);
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let (zero, low) = (self.zero.end(), self.low.end());
        self.tell(zero, low, view, out);
    }
}
