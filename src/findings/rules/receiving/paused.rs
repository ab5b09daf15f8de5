//! How long a received video was paused in all (`totalPausesDuration`: frames that come 5 s or more apart). A pause in
//! which the other side goes on sending is a loss; else it has switched its camera off, as people do.
use super::stalled::{REPORTS_MIN, is_sent};
use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::Severity;
use crate::findings::stream::is_screen;
use crate::findings::view::{Interval, View};

pub fn watcher(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Pauses {
        grades: [
            (Severity::Info, limits.get("info")),
            (Severity::Warning, limits.get("warning")),
        ],
        seconds: 0.0,
        lost: 0.0,
        reports: 0.0,
        span: None,
        draft: None,
    })
}

struct Pauses {
    /// Seconds.
    grades: [(Severity, f64); 2],
    seconds: f64,
    /// Of those, in which the other side went on sending.
    lost: f64,
    /// How often it has told that it sends, since the last frame.
    reports: f64,
    span: Option<Span>,
    draft: Option<Draft>,
}

impl Watcher for Pauses {
    fn interval(&mut self, interval: &Interval<'_>, _: &mut Out<'_>) {
        if is_screen(interval) {
            return;
        }
        let reports = self.reports;
        self.reports = match interval.delta(inbound::FRAMES_DECODED) {
            Some(0.0) => reports + f64::from(u8::from(is_sent(interval))),
            _ => 0.0,
        };
        // A pause is counted when it ends.
        let Some(seconds) = interval
            .delta(inbound::PAUSES_DURATION)
            .filter(|seconds| *seconds > 0.0)
        else {
            return;
        };
        self.seconds += seconds;
        if reports >= REPORTS_MIN {
            self.lost += seconds;
        }
        let (start, end) = (interval.end - seconds * 1000.0, interval.end);
        self.span.get_or_insert(Span { start, end }).end = end;
        self.draft.get_or_insert_with(|| {
            let draft = Draft::new(Severity::Info, start).of(interval);
            let total = interval.now(inbound::PAUSES_DURATION).unwrap_or_default();
            draft.shown(interval.slot, inbound::PAUSES_DURATION, end, total)
        });
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let reached = self.grades.iter().rev().find(|(severity, threshold)| match severity {
            Severity::Info => self.seconds > *threshold,
            _ => self.lost > *threshold,
        });
        let (Some((severity, threshold)), Some(span), Some(draft)) = (reached, self.span, self.draft.take()) else {
            return;
        };
        let draft = Draft {
            severity: *severity,
            ..draft
        };
        out.fire(
            draft
                .until(span.until(view))
                .case(usize::from(*severity == Severity::Warning))
                .value(self.seconds, "s")
                .threshold(*threshold),
        );
    }
}
