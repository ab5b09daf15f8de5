//! `net.lost-negative`: a count of lost packets far below nothing (RFC 3550 6.4.1: it falls by what comes twice).
use super::super::loss::{ABSURD, lost};
use crate::findings::columns::{Kind, inbound, remote_inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::run::Span;
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::{Interval, View};
use crate::limits::FINDING_REPORTS_MAX;

const RTCSTATS: Source = Source::Published("rtcstats.com knowledge base");

pub const RULE: Rule = Rule {
    id: "net.lost-negative",
    scope: Scope::Track,
    fires: "the count of lost packets is far below nothing; rules about loss leave the stream out then",
    hint: "Whoever counts has a defect, or has begun a new stream under the old number: loss of this stream cannot be \
           known from this side.",
    texts: &[
        "The count of lost packets of the received {media} is {0}, which cannot be: its loss is not known.",
        "The count of lost packets of the sent {media} is {0}, which cannot be: its loss is not known.",
    ],
    thresholds: &[Threshold::new("info", ABSURD, "packets", RTCSTATS)],
    either: &[inbound::PACKETS_LOST, remote_inbound::PACKETS_LOST],
    source: RTCSTATS,
    watch: Watch::Connection(
        Hears {
            methods: &[],
            polls: Polls::Yes,
        },
        |limits| Box::new(Negative::new(limits)),
    ),
    ..Rule::PLAIN
};

struct Negative {
    limit: f64,
    found: Vec<Found>,
}

/// A stream whose count was so.
struct Found {
    serial: u32,
    span: Span,
    lowest: f64,
    draft: Draft,
}

impl Negative {
    fn new(limits: &Limits<'_>) -> Negative {
        Negative {
            limit: limits.get("info"),
            found: Vec::new(),
        }
    }

    fn note(&mut self, interval: &Interval<'_>) {
        let Some(column) = lost(interval.slot.kind) else { return };
        let Some(value) = interval.now(column).filter(|value| *value < -self.limit) else {
            return;
        };
        let serial = interval.slot.serial();
        if let Some(found) = self.found.iter_mut().find(|found| found.serial == serial) {
            found.span.end = interval.end;
            found.lowest = found.lowest.min(value);
        } else if self.found.len() < FINDING_REPORTS_MAX {
            let draft = Draft::new(Severity::Info, interval.end).of(interval);
            let draft = draft.shown(interval.slot, column, interval.end, value);
            self.found.push(Found {
                serial,
                span: Span {
                    start: interval.end,
                    end: interval.end,
                },
                lowest: value,
                draft: draft.case(usize::from(interval.slot.kind == Kind::RemoteInbound)),
            });
        }
    }
}

impl Watcher for Negative {
    fn polled(&mut self, view: &View<'_>, _: &mut Out<'_>) {
        for kind in [Kind::Inbound, Kind::RemoteInbound] {
            view.intervals(kind).for_each(|interval| self.note(&interval));
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        for found in self.found.drain(..) {
            let draft = found.draft.until(found.span.until(view));
            let draft = draft.value(-found.lowest, "packets").threshold(self.limit);
            out.fire(draft.name(format!("{}", found.lowest)));
        }
    }
}
