//! How long it takes to gather candidates.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::servers::{Kind, Server};
use crate::findings::severity::Severity;
use crate::findings::states::Gathering;
use crate::findings::view::View;

struct Slow {
    info_ms: f64,
    warning_ms: f64,
    since: Option<f64>,
}

pub fn new(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Slow {
        info_ms: limits.get("info"),
        warning_ms: limits.ms("warning"),
        since: None,
    })
}

impl Slow {
    /// Until the first candidate that the server is there for.
    fn server(&self, since: f64, server: &Server, out: &mut Out<'_>) {
        let first = match server.kind {
            Kind::Turn => server.relay,
            Kind::Stun => server.reflexive,
        };
        let Some(first) = first.filter(|first| first - since > self.info_ms) else {
            return;
        };
        let draft = Draft::new(Severity::Info, since).until(Some(first));
        let draft = draft.value(first - since, "ms").threshold(self.info_ms);
        let draft = draft.name(&server.url).name(server.transport());
        out.fire(draft.event_at("onicecandidate", first, &server.url));
    }

    fn over(&mut self, view: &View<'_>, end: f64, is_complete: bool, out: &mut Out<'_>) {
        let Some(since) = self.since.take() else { return };
        for server in &view.scene().servers.list {
            self.server(since, server, out);
        }
        if end - since > self.warning_ms {
            let until = if is_complete { Some(end) } else { view.scene().closed };
            let is_connected = view.scene().first_connected.is_some_and(|connected| connected <= end);
            let severity = if is_connected {
                Severity::Info
            } else {
                Severity::Warning
            };
            let draft = Draft::new(severity, since)
                .until(until)
                .case(if is_complete { 1 } else { 2 });
            let draft = draft
                .value((end - since) / 1000.0, "s")
                .threshold(self.warning_ms / 1000.0);
            out.fire(draft.event_at("onicegatheringstatechange", since, "gathering"));
        }
    }
}

impl Watcher for Slow {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        match view.scene().gathering.map(|now| now.state) {
            Some(Gathering::Gathering) => {
                self.since.get_or_insert(call.time);
            }
            Some(Gathering::Complete) => self.over(view, call.time, true, out),
            _ => {}
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let end = view.scene().closed.unwrap_or(view.now);
        self.over(view, end, false, out);
    }
}
