//! What a connection waits for: answers, descriptions, negotiations.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Role;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::states::Signaling;
use crate::findings::view::View;

/// The case of an offer that was answered in the end.
const ANSWERED: usize = 0;

/// Since when an offer of this side has been open.
struct NoAnswer {
    info_ms: f64,
    warning_ms: f64,
    since: Option<f64>,
}

pub fn no_answer(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(NoAnswer {
        info_ms: limits.ms("info"),
        warning_ms: limits.ms("warning"),
        since: None,
    })
}

impl NoAnswer {
    fn over(&mut self, end: f64, until: Option<f64>, case: usize, view: &View<'_>, out: &mut Out<'_>) {
        let Some(since) = self.since.take() else { return };
        let unanswered = match view.scene().negotiation.remote.set {
            // There never was a call.
            None => Severity::Critical,
            Some(_) => Severity::Warning,
        };
        let (severity, limit) = match end - since {
            // Who answered late, had to be called first.
            wait if wait > self.warning_ms && case != ANSWERED => (unanswered, self.warning_ms),
            wait if wait > self.info_ms => (Severity::Info, self.info_ms),
            _ => return,
        };
        let draft = Draft::new(severity, since).until(until).case(case);
        let draft = draft.value((end - since) / 1000.0, "s").threshold(limit / 1000.0);
        out.fire(draft.event_at("onsignalingstatechange", since, "have-local-offer"));
    }
}

impl Watcher for NoAnswer {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let is_open = view
            .scene()
            .signaling
            .is_some_and(|now| now.state == Signaling::HaveLocalOffer);
        let is_closed = view.scene().closed.is_some();
        match (self.since, is_open) {
            (None, true) if !is_closed => self.since = Some(call.time),
            (Some(_), false) => {
                let case = if is_closed { 1 } else { ANSWERED };
                self.over(call.time, Some(call.time), case, view, out);
            }
            _ => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        match view.scene().closed {
            Some(closed) => self.over(closed, Some(closed), 1, view, out),
            None => self.over(view.now, None, 2, view, out),
        }
    }
}

/// Whether there was anything to negotiate.
struct Never {
    limit_ms: f64,
    first: Option<f64>,
    /// When this side began to negotiate.
    offered: Option<f64>,
}

pub fn never(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Never {
        limit_ms: limits.ms("warning"),
        first: None,
        offered: None,
    })
}

impl Watcher for Never {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, _out: &mut Out<'_>) {
        let is_offer = matches!(&*call.method, "createOffer" | "setLocalDescription");
        let first = if is_offer { &mut self.offered } else { &mut self.first };
        first.get_or_insert(call.time);
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let scene = view.scene();
        let (Some(_), Some(created), None) = (self.first, scene.created, scene.negotiation.remote.set) else {
            return;
        };
        let lived = scene.closed.unwrap_or(view.now) - created;
        if lived > self.limit_ms && scene.first_connected.is_none() {
            let (severity, case) = match self.offered {
                Some(_) => (Severity::Warning, 0),
                // A page may keep it for later.
                None => (Severity::Info, 1),
            };
            let draft = Draft::new(severity, created).until(scene.closed).case(case);
            out.fire(draft.value(lived / 1000.0, "s").threshold(self.limit_ms / 1000.0));
        }
    }
}

/// Since when the browser has been asking.
struct Ignored {
    limit_ms: f64,
    since: Option<f64>,
}

pub fn ignored(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Ignored {
        limit_ms: limits.ms("warning"),
        since: None,
    })
}

impl Ignored {
    fn over(&mut self, end: f64, until: Option<f64>, out: &mut Out<'_>) {
        let Some(since) = self.since.take() else { return };
        if end - since > self.limit_ms {
            let draft = Draft::new(Severity::Warning, since).until(until);
            let draft = draft
                .value((end - since) / 1000.0, "s")
                .threshold(self.limit_ms / 1000.0);
            out.fire(draft.event_at("onnegotiationneeded", since, ""));
        }
    }
}

impl Watcher for Ignored {
    /// Before the first negotiation, one side waits for the other.
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let negotiation = &view.scene().negotiation;
        if !call.is("onnegotiationneeded") {
            let is_answer = call.is("setRemoteDescription") && Role::of(call.value) != Some(Role::Offer);
            if !is_answer {
                self.over(call.time, Some(call.time), out);
            }
        } else if negotiation.local.set.is_some() && negotiation.remote.set.is_some() && negotiation.pending.is_empty()
        {
            self.since.get_or_insert(call.time);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let closed = view.scene().closed;
        self.over(closed.unwrap_or(view.now), closed, out);
    }
}
