//! Calls of getUserMedia that failed, and whether a later one succeeded.
use super::super::asked::{ASK, Asked, DENIED, GIVEN};
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::text::length;
use crate::findings::view::View;
use crate::limits::FINDING_PENDING_MAX;

/// One kind of failures.
struct Failed {
    kind: Kind,
    soon_ms: f64,
    asked: Asked,
    /// Those of which it is not known yet whether a later call succeeds.
    open: Vec<Draft>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Denied,
    NotFound,
    Busy,
    Overconstrained,
}

pub fn denied(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Failed::boxed(Kind::Denied, limits)
}

pub fn not_found(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Failed::boxed(Kind::NotFound, limits)
}

pub fn busy(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Failed::boxed(Kind::Busy, limits)
}

pub fn overconstrained(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Failed::boxed(Kind::Overconstrained, limits)
}

impl Kind {
    /// What the error begins with.
    fn names(self) -> &'static [&'static str] {
        match self {
            Kind::Denied => &["NotAllowedError", "SecurityError", "PermissionDeniedError"],
            Kind::NotFound => &["NotFoundError", "DevicesNotFoundError"],
            Kind::Busy => &["NotReadableError", "AbortError", "TrackStartError"],
            Kind::Overconstrained => &["OverconstrainedError", "TypeError"],
        }
    }

    /// How bad it is, alone and if a later call succeeds soon.
    fn severities(self) -> [Severity; 2] {
        match self {
            Kind::Denied => [Severity::Critical, Severity::Info],
            Kind::NotFound | Kind::Busy => [Severity::Critical, Severity::Warning],
            Kind::Overconstrained => [Severity::Warning, Severity::Warning],
        }
    }
}

impl Failed {
    fn boxed(kind: Kind, limits: &Limits<'_>) -> Box<dyn Watcher> {
        Box::new(Failed {
            kind,
            soon_ms: limits.find("soon").map_or(0.0, |soon| soon * 1000.0),
            asked: Asked::default(),
            open: Vec::new(),
        })
    }

    fn failed(&mut self, call: &Call<'_>, out: &mut Out<'_>) {
        let request = self.asked.take(call);
        let error = call.text().unwrap_or_default();
        let name = error.split(':').next().unwrap_or_default().trim();
        if !self.kind.names().contains(&name) {
            return;
        }
        let [severity, _] = self.kind.severities();
        let draft = Draft::new(severity, call.time).event(call);
        if self.kind == Kind::Overconstrained {
            let constraints = request.map_or("unknown constraints".to_owned(), |request| request.constraints);
            let case = usize::from(name == "TypeError");
            out.fire(draft.case(case).name(constraints));
            return;
        }
        let case = match self.kind {
            Kind::Denied if error.contains("by system") => 1,
            Kind::Denied if error.contains("dismissed") => 2,
            _ => 0,
        };
        let devices = request.map_or("camera or microphone", |request| request.devices);
        if self.open.len() == FINDING_PENDING_MAX {
            out.fire(self.open.remove(0).name(""));
        }
        self.open.push(draft.case(case).name(devices));
        out.wake_at(call.time + self.soon_ms);
    }

    fn succeeded(&mut self, time: f64, out: &mut Out<'_>) {
        let [_, severity] = self.kind.severities();
        for draft in self.open.drain(..) {
            let later = format!("; a later request succeeded {} afterwards", length(time - draft.start));
            out.fire(Draft { severity, ..draft }.name(later));
        }
    }
}

impl Watcher for Failed {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        match &*call.method {
            ASK => self.asked.add(call),
            DENIED => self.failed(call, out),
            GIVEN => {
                self.asked.take(call);
                self.wake(view, out);
                self.succeeded(call.time, out);
            }
            _ => {}
        }
    }

    fn wake(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        while self
            .open
            .first()
            .is_some_and(|draft| draft.start + self.soon_ms <= view.now)
        {
            out.fire(self.open.remove(0).name(""));
        }
    }

    fn end(&mut self, _view: &View<'_>, out: &mut Out<'_>) {
        self.open.drain(..).for_each(|draft| out.fire(draft.name("")));
    }
}
