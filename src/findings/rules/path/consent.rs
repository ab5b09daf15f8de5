//! Whether the other side still answers the checks that ask for its consent (RFC 7675).
use crate::findings::columns::{Column, pair};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::{Interval, View};

/// Checks that were not answered.
pub struct Consent {
    hold_ms: f64,
    requests: f64,
    since: Option<Waiting>,
}

#[derive(Clone)]
struct Waiting {
    serial: u32,
    start: f64,
    end: f64,
    requests: f64,
    responses: f64,
    /// Packets that were received, and when the last of them came.
    packets: f64,
    heard: f64,
    lost: Option<Lost>,
}

#[derive(Clone)]
struct Lost {
    draft: Draft,
}

impl Consent {
    pub fn new(limits: &Limits<'_>) -> Consent {
        Consent {
            hold_ms: limits.ms("hold"),
            requests: limits.get("requests"),
            since: None,
        }
    }

    fn over(&mut self, end: Option<f64>, out: &mut Out<'_>) {
        if let Some(waiting) = self.since.take()
            && let Some(Lost { draft }) = waiting.lost
        {
            let end = end.map(|_| waiting.end);
            let length = (waiting.end - waiting.start) / 1000.0;
            out.fire(draft.until(end).value(length, "s").threshold(self.hold_ms / 1000.0));
        }
    }
}

impl Watcher for Consent {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let interval = view.scene().pair.and_then(|pair| view.interval(pair));
        let Some(interval) = interval.filter(|interval| view.scene().is_settled(interval.start)) else {
            return self.over(Some(view.now), out);
        };
        let number = |column: Column| interval.now(column);
        let Some(responses) = number(pair::RESPONSES_RECEIVED) else {
            return;
        };
        let requests = number(pair::REQUESTS_SENT).unwrap_or(0.0) + number(pair::CONSENT_SENT).unwrap_or(0.0);
        let packets = number(pair::PACKETS_RECEIVED).unwrap_or(0.0);
        let is_same = |waiting: &Waiting| waiting.serial == interval.slot.serial() && waiting.responses == responses;
        match &mut self.since {
            Some(waiting) if is_same(waiting) => {
                waiting.end = interval.end;
                if packets > waiting.packets {
                    (waiting.packets, waiting.heard) = (packets, interval.end);
                }
                let is_long = waiting.end - waiting.start >= self.hold_ms;
                if is_long && requests - waiting.requests >= self.requests {
                    // What came just before all went silent says nothing of the way there.
                    let still = waiting.heard - waiting.start > (waiting.end - waiting.start) / 2.0;
                    let case = usize::from(still);
                    waiting.lost = Some(Lost {
                        draft: lost(&interval, waiting.start, case),
                    });
                }
            }
            _ => {
                self.over(Some(view.now), out);
                self.since = Some(Waiting {
                    serial: interval.slot.serial(),
                    start: interval.end,
                    end: interval.end,
                    requests,
                    responses,
                    packets,
                    heard: interval.end,
                    lost: None,
                });
            }
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.over(view.scene().closed, out);
    }
}

fn lost(interval: &Interval<'_>, start: f64, case: usize) -> Draft {
    let responses = interval.now(pair::RESPONSES_RECEIVED).unwrap_or(0.0);
    let draft = Draft::new(Severity::Critical, start).case(case).slot(interval.slot);
    draft.shown(interval.slot, pair::RESPONSES_RECEIVED, start, responses)
}
