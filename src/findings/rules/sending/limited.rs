//! For how much of the time something limited the sent video (RTCOutboundRtpStreamStats.qualityLimitationDurations).
use crate::findings::columns::{Column, outbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::stream::is_first_layer;
use crate::findings::text::measure;
use crate::findings::view::{Interval, View};

/// `limit` is the duration in question.
pub fn watcher(limits: &Limits<'_>, limit: Column) -> Box<dyn Watcher> {
    let grade = |severity: Severity| Some((severity, limits.find(severity.name())?));
    Box::new(Limited {
        limit,
        grades: Severity::ALL.into_iter().filter_map(grade).collect(),
        least: limits.get("least"),
        limited: 0.0,
        all: 0.0,
        span: None,
        draft: None,
    })
}

struct Limited {
    limit: Column,
    /// From the mildest to the worst: the shares in %.
    grades: Vec<(Severity, f64)>,
    /// So many seconds there must be.
    least: f64,
    limited: f64,
    all: f64,
    /// From the first poll at which it was limited to the last.
    span: Option<Span>,
    draft: Option<Draft>,
}

impl Watcher for Limited {
    fn interval(&mut self, interval: &Interval<'_>, _: &mut Out<'_>) {
        let is_time = interval.view.scene().is_settled(interval.start) && interval.is_on();
        // Layers of one source are limited together.
        if !is_time || !is_first_layer(interval) {
            return;
        }
        let durations = [
            outbound::LIMITED_NONE,
            outbound::LIMITED_CPU,
            outbound::LIMITED_BANDWIDTH,
            outbound::LIMITED_OTHER,
        ];
        self.all += durations
            .iter()
            .filter_map(|column| interval.delta(*column))
            .sum::<f64>();
        let limited = interval.delta(self.limit).unwrap_or_default();
        self.limited += limited;
        if limited > 0.0 {
            let span = self.span.get_or_insert(Span {
                start: interval.start,
                end: interval.end,
            });
            span.end = interval.end;
            self.draft.get_or_insert_with(|| {
                let draft = Draft::new(Severity::Info, interval.start).of(interval);
                draft.shown(
                    interval.slot,
                    self.limit,
                    interval.end,
                    interval.now(self.limit).unwrap_or_default(),
                )
            });
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let share = 100.0 * self.limited / self.all;
        let reached = self.grades.iter().rev().find(|(_, threshold)| share > *threshold);
        let (Some((severity, threshold)), Some(span), Some(draft)) = (reached, self.span, self.draft.take()) else {
            return;
        };
        if self.all < self.least {
            return;
        }
        let draft = Draft {
            severity: *severity,
            ..draft
        };
        let draft = draft.until(span.until(view)).value(share, "%").threshold(*threshold);
        out.fire(
            draft
                .share(share / 100.0)
                .name(measure((self.limited * 10.0).round() / 10.0, "")),
        );
    }
}
