//! The DTLS handshake on a path that ICE has found.
use crate::findings::call::Call;
use crate::findings::columns::{DTLS_STATES, Kind, transport};
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::{Fingerprint, Negotiation, Role};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::states::{Connectivity, Ice};
use crate::findings::view::View;
use crate::sdp::Setup;

#[derive(Default)]
struct Failed {
    open: Option<Draft>,
}

pub fn failed(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Failed>::default()
}

fn is_ice_connected(view: &View<'_>) -> bool {
    let ice = view.scene().ice;
    ice.is_some_and(|now| matches!(now.state, Ice::Connected | Ice::Completed))
}

/// What the descriptions show, by the rule's texts, and which role both have.
fn cause(negotiation: &Negotiation) -> (usize, &'static str) {
    let (local, remote) = (&negotiation.local, &negotiation.remote);
    let answer = if local.role == Some(Role::Answer) {
        local
    } else {
        remote
    };
    for (own, other) in local.sections.iter().zip(&remote.sections) {
        match (own.setup, other.setup) {
            (Some(Setup::Active), Some(Setup::Active)) => return (0, "active"),
            (Some(Setup::Passive), Some(Setup::Passive)) => return (0, "passive"),
            _ => {}
        }
    }
    if answer
        .sections
        .iter()
        .any(|section| section.setup == Some(Setup::Either))
    {
        (1, "")
    } else if [local, remote]
        .iter()
        .any(|side| side.fingerprint == Fingerprint::Changed)
    {
        (2, "")
    } else {
        (3, "")
    }
}

impl Failed {
    fn begin(&mut self, view: &View<'_>, add: impl FnOnce(Draft) -> Draft) {
        if self.open.is_none() {
            let (case, role) = cause(&view.scene().negotiation);
            let draft = Draft::new(Severity::Critical, view.now)
                .until(None)
                .case(case)
                .name(role);
            self.open = Some(add(draft));
        }
    }
}

impl Watcher for Failed {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let state = view.scene().connectivity.map(|now| now.state);
        match state {
            Some(Connectivity::Failed) if is_ice_connected(view) => self.begin(view, |draft| draft.event(call)),
            Some(Connectivity::Connected | Connectivity::Closed) => {
                if let Some(draft) = self.open.take() {
                    out.fire(draft.until(Some(call.time)));
                }
            }
            _ => {}
        }
    }

    fn polled(&mut self, view: &View<'_>, _out: &mut Out<'_>) {
        let failed = DTLS_STATES.iter().position(|state| *state == "failed");
        let mut transports = view
            .scene()
            .samples
            .slots()
            .iter()
            .filter(|slot| slot.kind == Kind::Transport && slot.is_there());
        let slot =
            transports.find(|slot| failed.is_some_and(|failed| slot.now(transport::DTLS_STATE.at) == failed as f64));
        if let Some(slot) = slot {
            self.begin(view, |draft| {
                draft.event_at("getStats", view.now, "dtlsState: failed").slot(slot)
            });
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if let Some(draft) = self.open.take() {
            out.fire(draft.until(view.scene().closed));
        }
    }
}

struct Slow {
    warning_ms: f64,
    critical_ms: f64,
    /// When ICE was connected, until the connection is or was.
    since: Option<f64>,
    is_over: bool,
}

pub fn slow(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Slow {
        warning_ms: limits.ms("warning"),
        critical_ms: limits.ms("critical"),
        since: None,
        is_over: false,
    })
}

impl Watcher for Slow {
    /// Only the first time: what comes later is no handshake.
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if self.is_over {
            return;
        }
        let state = view.scene().connectivity.map(|now| now.state);
        if state == Some(Connectivity::Connected) {
            self.is_over = true;
            let Some(since) = self.since else { return };
            let (severity, limit) = match call.time - since {
                wait if wait > self.critical_ms => (Severity::Critical, self.critical_ms),
                wait if wait > self.warning_ms => (Severity::Warning, self.warning_ms),
                _ => return,
            };
            let draft = Draft::new(severity, since).until(Some(call.time));
            let draft = draft.value((call.time - since) / 1000.0, "s").threshold(limit / 1000.0);
            out.fire(
                draft
                    .event_at("oniceconnectionstatechange", since, "connected")
                    .event(call),
            );
        } else if is_ice_connected(view) {
            self.since.get_or_insert(call.time);
        }
    }

    /// It was never over.
    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let scene = view.scene();
        let is_trying = scene
            .connectivity
            .is_some_and(|now| matches!(now.state, Connectivity::New | Connectivity::Connecting));
        let Some(since) = self
            .since
            .filter(|_| !self.is_over && is_trying && is_ice_connected(view))
        else {
            return;
        };
        let lasted = scene.closed.unwrap_or(view.now) - since;
        if lasted > self.critical_ms {
            let draft = Draft::new(Severity::Critical, since).until(scene.closed).case(1);
            let draft = draft.value(lasted / 1000.0, "s").threshold(self.critical_ms / 1000.0);
            out.fire(draft.event_at("oniceconnectionstatechange", since, "connected"));
        }
    }
}
