//! Why ICE failed before it was ever connected: the first cause that holds. Each is a rule of its own.
use crate::findings::call::Call;
use crate::findings::columns::{Column, Kind, pair};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::servers::{Configuration, Kind as Server};
use crate::findings::severity::Severity;
use crate::findings::view::View;

use super::super::phase::{Phase, Phases};

/// How long after the failure its statistics can come, in ms.
const POLL_MS: f64 = 5000.0;

struct Caused {
    cause: Cause,
    phases: Phases,
    /// When it failed, if the cause is not known yet.
    failed: Option<f64>,
    /// What is told when it is over, or the dump ends.
    open: Option<Draft>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    NoRemote,
    NoLocal,
    NoTurn,
    Unusable,
    Unpaired,
    OnlyHost,
}

macro_rules! makers {
    ($($name:ident = $cause:ident),+) => {$(
        pub fn $name(_limits: &Limits<'_>) -> Box<dyn Watcher> {
            Caused::boxed(Cause::$cause)
        }
    )+};
}

makers! {
    no_remote = NoRemote, no_local = NoLocal, no_turn = NoTurn, unusable = Unusable, unpaired = Unpaired,
    only_host = OnlyHost
}

/// What the pairs of candidates came to.
struct Pairs {
    count: usize,
    requests: f64,
    responses: f64,
}

impl Caused {
    fn boxed(cause: Cause) -> Box<dyn Watcher> {
        Box::new(Caused {
            cause,
            phases: Phases::default(),
            failed: None,
            open: None,
        })
    }

    fn find(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(failed) = self.failed.take() else { return };
        let pairs = pairs(view);
        if self.cause == Cause::Unpaired && pairs.is_none() {
            out.not_evaluable("there are no statistics of candidate pairs behind the failure");
        }
        if cause(view, &pairs) != Some(self.cause) {
            return;
        }
        let scene = view.scene();
        let negotiation = &scene.negotiation;
        let draft = Draft::new(Severity::Critical, failed).until(None);
        let draft = draft.event_at("oniceconnectionstatechange", failed, "failed");
        let draft = match self.cause {
            Cause::NoLocal => draft.case(usize::from(scene.servers.relay_only)),
            Cause::NoTurn => {
                let sides = [&negotiation.local, &negotiation.remote].map(|side| side.candidates.words());
                sides.iter().fold(draft, Draft::name)
            }
            Cause::Unusable => draft.name(errors(view)),
            Cause::Unpaired => {
                let (requests, count) = pairs.map_or((0.0, 0), |pairs| (pairs.requests, pairs.count));
                let pairs = match count {
                    1 => "1 pair".to_owned(),
                    count => format!("{count} pairs"),
                };
                draft.name(requests.to_string()).name(pairs)
            }
            Cause::NoRemote | Cause::OnlyHost => draft,
        };
        self.open = Some(draft);
    }

    /// A failure that is overcome is as mild as `ice.failed` says.
    fn tell(&mut self, severity: Severity, until: Option<f64>, out: &mut Out<'_>) {
        if let Some(draft) = self.open.take() {
            out.fire(Draft { severity, ..draft }.until(until));
        }
    }
}

/// `None` if there are no statistics of pairs.
fn pairs(view: &View<'_>) -> Option<Pairs> {
    let slots = view.scene().samples.slots();
    let all = slots.iter().filter(|slot| slot.kind == Kind::Pair && slot.is_there());
    let mut pairs = Pairs {
        count: 0,
        requests: 0.0,
        responses: 0.0,
    };
    for slot in all {
        pairs.count += 1;
        let number = |column: Column| Some(slot.now(column.at)).filter(|value| !value.is_nan());
        pairs.requests += number(pair::REQUESTS_SENT).unwrap_or_default();
        pairs.responses += number(pair::RESPONSES_RECEIVED).unwrap_or_default();
    }
    (pairs.count > 0).then_some(pairs)
}

fn cause(view: &View<'_>, pairs: &Option<Pairs>) -> Option<Cause> {
    let scene = view.scene();
    let (local, remote) = (
        &scene.negotiation.local.candidates,
        &scene.negotiation.remote.candidates,
    );
    let servers = &scene.servers;
    let is_known = servers.configuration == Configuration::Known;
    let is_unanswered = pairs.as_ref().is_some_and(|pairs| pairs.responses == 0.0);
    if remote.count() == 0 {
        Some(Cause::NoRemote)
    } else if local.count() == 0 {
        Some(Cause::NoLocal)
    } else if servers.has_turn() && local.relay == 0 {
        Some(Cause::Unusable)
    } else if local.is_only_host() && remote.is_only_host() {
        // No TURN either, but STUN is what both lack first.
        Some(Cause::OnlyHost)
    } else if is_known && local.relay == 0 {
        Some(Cause::NoTurn)
    } else if local.relay > 0 && is_unanswered {
        Some(Cause::Unpaired)
    } else {
        None
    }
}

/// What the TURN servers answered.
fn errors(view: &View<'_>) -> String {
    let servers = view.scene().servers.list.iter();
    let turn = servers.filter(|server| server.kind == Server::Turn && server.is_configured);
    let mut parts = Vec::new();
    for server in turn {
        for failure in &server.errors {
            let word = match failure.code {
                401 | 403 => "the credentials were refused",
                486 => "the quota is used up",
                508 => "the server has no capacity left",
                701 => "the server did not answer",
                _ => "the server refused",
            };
            parts.push(format!("{} ({word}, {})", server.url, failure.code));
        }
    }
    match parts.is_empty() {
        true => "no server answered, and none told an error".to_owned(),
        false => parts.join("; "),
    }
}

impl Watcher for Caused {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(change) = self.phases.event(view) else { return };
        if change.to == Phase::Failed && !self.phases.was_connected() && self.open.is_none() {
            self.failed = Some(call.time);
            out.wake_at(call.time + POLL_MS);
            return;
        }
        self.find(view, out);
        match change.to {
            Phase::Connected => self.tell(Severity::Warning, Some(call.time), out),
            Phase::Closed => self.tell(Severity::Critical, Some(call.time), out),
            _ => {}
        }
    }

    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.find(view, out);
    }

    fn wake(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.find(view, out);
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.find(view, out);
        self.tell(Severity::Critical, view.scene().closed, out);
    }
}
