//! How long ICE stays in its states.
use std::collections::VecDeque;

use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Negotiation;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::text::length;
use crate::findings::view::View;
use crate::limits::FINDING_BURST_MAX;

use super::super::phase::{Phase, Phases};

const ICE: &str = "oniceconnectionstatechange";

struct Slow {
    phases: Phases,
    warning_ms: f64,
    critical_ms: f64,
}

pub fn slow(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Slow {
        phases: Phases::default(),
        warning_ms: limits.ms("warning"),
        critical_ms: limits.ms("critical"),
    })
}

impl Watcher for Slow {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(change) = self.phases.event(view) else { return };
        let (Phase::Checking, Some(since), Phase::Connected) = (change.from, change.since, change.to) else {
            return;
        };
        let (severity, limit) = match call.time - since {
            wait if wait > self.critical_ms => (Severity::Critical, self.critical_ms),
            wait if wait > self.warning_ms => (Severity::Warning, self.warning_ms),
            _ => return,
        };
        let draft = Draft::new(severity, since).until(Some(call.time));
        let draft = draft.value((call.time - since) / 1000.0, "s").threshold(limit / 1000.0);
        out.fire(draft.event_at(ICE, since, "checking").event(call));
    }
}

struct Stuck {
    phases: Phases,
    hold_ms: f64,
    end_ms: f64,
}

pub fn stuck(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Stuck {
        phases: Phases::default(),
        hold_ms: limits.ms("hold"),
        end_ms: limits.ms("end"),
    })
}

impl Stuck {
    fn fire(&self, since: f64, end: f64, until: Option<f64>, limit: f64, case: usize, out: &mut Out<'_>) {
        if end - since > limit {
            let draft = Draft::new(Severity::Critical, since).until(until).case(case);
            let draft = draft.value((end - since) / 1000.0, "s").threshold(limit / 1000.0);
            out.fire(draft.event_at(ICE, since, "checking"));
        }
    }

    /// Both sides are described, and ICE has not even begun.
    fn idle(&self, end: f64, until: Option<f64>, view: &View<'_>, out: &mut Out<'_>) {
        let Negotiation { local, remote, .. } = &view.scene().negotiation;
        let Some((one, other)) = local.set.zip(remote.set) else {
            return;
        };
        let since = one.max(other);
        if end - since > self.end_ms && !local.sections.is_empty() {
            let has_candidates = remote.candidates.count() > 0;
            let draft = Draft::new(Severity::Critical, since).until(until);
            let draft = draft.case(3 + usize::from(has_candidates));
            out.fire(draft.value((end - since) / 1000.0, "s").threshold(self.end_ms / 1000.0));
        }
    }
}

impl Watcher for Stuck {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(change) = self.phases.event(view) else { return };
        let until = Some(call.time);
        match (change.from, change.since, change.to) {
            (Phase::New, _, Phase::Closed) => self.idle(call.time, until, view, out),
            // Rules of their own: `ice.slow`, and `ice.failed`, which browsers take as long for.
            (_, _, Phase::Connected | Phase::Failed) => {}
            (Phase::Checking, Some(since), Phase::Closed) => self.fire(since, call.time, until, self.end_ms, 1, out),
            (Phase::Checking, Some(since), _) => self.fire(since, call.time, until, self.hold_ms, 0, out),
            _ => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let closed = view.scene().closed;
        let end = closed.unwrap_or(view.now);
        match (self.phases.now, self.phases.since) {
            (Phase::Checking, Some(since)) => {
                let case = if closed.is_some() { 1 } else { 2 };
                self.fire(since, end, closed, self.end_ms, case, out);
            }
            (Phase::New, _) => self.idle(end, closed, view, out),
            _ => {}
        }
    }
}

struct Disconnected {
    phases: Phases,
    hold_ms: f64,
    times: usize,
    window_ms: f64,
    /// When it began the last times.
    recent: VecDeque<f64>,
    flapping: Option<Draft>,
    /// Since when it has not been connected again.
    gone: Option<f64>,
    /// When ICE failed in it. A restart may bring it back.
    failed: Option<f64>,
    /// ICE restarts of this side before it began.
    restarts: u32,
}

pub fn disconnected(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Disconnected {
        phases: Phases::default(),
        hold_ms: limits.ms("hold"),
        times: (limits.get("times") as usize).clamp(1, FINDING_BURST_MAX),
        window_ms: limits.ms("window"),
        recent: VecDeque::new(),
        flapping: None,
        gone: None,
        failed: None,
        restarts: 0,
    })
}

impl Disconnected {
    fn begin(&mut self, time: f64, view: &View<'_>, out: &mut Out<'_>) {
        self.restarts = view.scene().negotiation.local.restarts;
        self.recent.push_back(time);
        if self.recent.len() > self.times {
            self.recent.pop_front();
        }
        let first = self.recent.front().copied().unwrap_or(time);
        if self.recent.len() < self.times || time - first > self.window_ms {
            return self.calm(out);
        }
        let (start, count) = match &self.flapping {
            Some(draft) => (draft.start, draft.value.unwrap_or_default() + 1.0),
            None => (first, self.times as f64),
        };
        let draft = Draft::new(Severity::Warning, start).until(Some(time)).case(5);
        self.flapping = Some(draft.value(count, "").threshold(self.times as f64));
    }

    /// It does not flap any more.
    fn calm(&mut self, out: &mut Out<'_>) {
        if let Some(draft) = self.flapping.take() {
            let span = length(draft.end.unwrap_or(draft.start) - draft.start);
            out.fire(draft.name(span));
        }
    }

    fn over(&mut self, to: Phase, end: f64, view: &View<'_>, out: &mut Out<'_>) {
        let failed = self.failed.take();
        let end = failed.filter(|_| to != Phase::Connected).unwrap_or(end);
        let Some(since) = self.gone.take().filter(|since| end - since > self.hold_ms) else {
            return;
        };
        let is_restarted = view.scene().negotiation.local.restarts > self.restarts;
        let (severity, case) = match to {
            Phase::Connected if failed.is_some() => (Severity::Warning, 6),
            _ if failed.is_some() => (Severity::Critical, 2),
            Phase::Closed => (Severity::Warning, 3),
            Phase::Disconnected => (Severity::Critical, 4),
            _ if is_restarted => (Severity::Warning, 1),
            _ => (Severity::Warning, 0),
        };
        let until = (to != Phase::Disconnected || failed.is_some()).then_some(end);
        let draft = Draft::new(severity, since).until(until).case(case);
        let draft = draft
            .value((end - since) / 1000.0, "s")
            .threshold(self.hold_ms / 1000.0);
        out.fire(draft.event_at(ICE, since, "disconnected"));
    }
}

impl Watcher for Disconnected {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(change) = self.phases.event(view) else { return };
        match (change.to, self.gone) {
            (Phase::Disconnected, None) => {
                self.gone = Some(call.time);
                self.begin(call.time, view, out);
            }
            // A restart goes through checking: what counts is whether it connects.
            (Phase::Disconnected | Phase::Checking | Phase::New, _) => {}
            (Phase::Failed, Some(_)) => {
                self.failed.get_or_insert(call.time);
            }
            (to, _) => self.over(to, call.time, view, out),
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.calm(out);
        match view.scene().closed {
            Some(closed) => self.over(Phase::Closed, closed, view, out),
            None => self.over(Phase::Disconnected, view.now, view, out),
        }
    }
}
