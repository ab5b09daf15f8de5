//! How long the page waited for devices, and how often it asked.
use std::collections::VecDeque;

use super::super::asked::{ASK, Asked, DENIED, GIVEN, Request};
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::text::length;
use crate::findings::view::View;
use crate::limits::FINDING_BURST_MAX;

struct Slow {
    info_ms: f64,
    warning_ms: f64,
    asked: Asked,
}

pub fn slow(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Slow {
        info_ms: limits.ms("info"),
        warning_ms: limits.ms("warning"),
        asked: Asked::default(),
    })
}

impl Slow {
    fn draft(&self, request: &Request, end: f64) -> Option<Draft> {
        let (severity, limit) = match end - request.time {
            wait if wait > self.warning_ms => (Severity::Warning, self.warning_ms),
            wait if wait > self.info_ms => (Severity::Info, self.info_ms),
            _ => return None,
        };
        let draft = Draft::new(severity, request.time)
            .until(Some(end))
            .value((end - request.time) / 1000.0, "s")
            .threshold(limit / 1000.0)
            .name(request.devices);
        Some(draft.event_at(ASK, request.time, &request.constraints))
    }
}

impl Watcher for Slow {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, out: &mut Out<'_>) {
        match &*call.method {
            ASK => self.asked.add(call),
            DENIED => drop(self.asked.take(call)),
            GIVEN => {
                let request = self.asked.take(call);
                if let Some(draft) = request.and_then(|request| self.draft(&request, call.time)) {
                    out.fire(draft.event(call));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let open: Vec<_> = self.asked.drain().collect();
        for draft in open.iter().filter_map(|request| self.draft(request, view.now)) {
            let severity = Severity::Warning;
            out.fire(Draft { severity, ..draft }.until(None).case(1));
        }
    }
}

struct Many {
    burst: usize,
    window_ms: f64,
    all: u64,
    count: u64,
    first: f64,
    recent: VecDeque<f64>,
    /// The burst that is going on.
    draft: Option<Draft>,
}

pub fn many(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Many {
        burst: (limits.get("burst") as usize).clamp(1, FINDING_BURST_MAX),
        window_ms: limits.ms("window"),
        all: limits.get("all") as u64,
        count: 0,
        first: 0.0,
        recent: VecDeque::new(),
        draft: None,
    })
}

impl Watcher for Many {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, out: &mut Out<'_>) {
        if self.count == 0 {
            self.first = call.time;
        }
        self.count += 1;
        self.recent.push_back(call.time);
        if self.recent.len() > self.burst {
            self.recent.pop_front();
        }
        let begin = self.recent.front().copied().unwrap_or(call.time);
        let is_burst = self.recent.len() == self.burst && call.time - begin <= self.window_ms;
        self.draft = match (self.draft.take(), is_burst) {
            (Some(draft), true) => Some(draft.grown(call.time)),
            (None, true) => Some(
                Draft::new(Severity::Info, begin)
                    .until(Some(call.time))
                    .value(self.burst as f64, "")
                    .threshold(self.burst as f64),
            ),
            (Some(draft), false) => {
                out.fire(named(draft));
                None
            }
            (None, false) => None,
        };
        if self.count == self.all {
            let draft = Draft::new(Severity::Info, self.first).until(Some(call.time)).case(1);
            out.fire(
                draft
                    .value(self.count as f64, "")
                    .threshold(self.all as f64)
                    .event(call),
            );
        }
    }

    fn end(&mut self, _view: &View<'_>, out: &mut Out<'_>) {
        if let Some(draft) = self.draft.take() {
            out.fire(named(draft));
        }
    }
}

/// With the length of the burst as its name.
fn named(draft: Draft) -> Draft {
    let span = length(draft.end.unwrap_or(draft.start) - draft.start);
    draft.name(span)
}

impl Draft {
    /// One more, and until then.
    fn grown(self, end: f64) -> Draft {
        let value = self.value.map(|value| value + 1.0);
        Draft { value, ..self }.until(Some(end))
    }
}
