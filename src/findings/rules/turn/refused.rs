//! Servers that refuse or do not answer. Whether that mattered is known at the end.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::servers::{Failure, Kind, Server};
use crate::findings::severity::Severity;
use crate::findings::states::Gathering;
use crate::findings::view::View;

struct Refused {
    what: What,
    /// By the servers' places in the list; each is told once.
    told: Vec<usize>,
    open: Vec<Draft>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Unauthorized,
    Refused,
    Unreachable,
}

pub fn unauthorized(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Refused::boxed(What::Unauthorized)
}

pub fn refused(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Refused::boxed(What::Refused)
}

pub fn unreachable(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Refused::boxed(What::Unreachable)
}

impl What {
    fn codes(self) -> &'static [u32] {
        match self {
            What::Unauthorized => &[401, 403],
            What::Refused => &[437, 438, 441, 442, 486, 508],
            What::Unreachable => &[701],
        }
    }

    /// Whether the server is such a one, and gave nothing all the same.
    fn concerns(self, server: &Server, all: &[Server]) -> bool {
        let is_silent = server.relay.is_none() && server.reflexive.is_none();
        match self {
            What::Unauthorized | What::Refused => server.kind == Kind::Turn && server.relay.is_none(),
            // Browsers leave out a candidate that another server has given already.
            What::Unreachable if server.kind == Kind::Stun => {
                is_silent && all.iter().all(|other| other.reflexive.is_none())
            }
            What::Unreachable => is_silent,
        }
    }
}

/// Of RFC 8656, section 19, and RFC 8489, section 14.8.
fn reason(code: u32) -> &'static str {
    match code {
        437 => "the allocation does not match",
        438 => "the nonce was stale",
        441 => "the credentials are others than before",
        442 => "it does not relay this protocol",
        486 => "the user's quota is used up",
        508 => "it has no capacity left",
        _ => "it did not say why",
    }
}

impl Refused {
    fn boxed(what: What) -> Box<dyn Watcher> {
        Box::new(Refused {
            what,
            told: Vec::new(),
            open: Vec::new(),
        })
    }

    /// Gathering is over, so what has not come does not come.
    fn look(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let servers = &view.scene().servers;
        for (at, server) in servers.list.iter().enumerate() {
            let Some(failure) = server.failure(self.what.codes()) else {
                continue;
            };
            if self.told.contains(&at) || !self.what.concerns(server, &servers.list) {
                continue;
            }
            self.told.push(at);
            if servers.nameless > 0 {
                out.not_evaluable("candidates do not tell which server they come from");
                continue;
            }
            self.open.push(self.draft(server, failure));
        }
    }

    fn draft(&self, server: &Server, failure: &Failure) -> Draft {
        let draft = Draft::new(Severity::Warning, failure.time).value(f64::from(failure.code), "");
        let text = match (self.what, &*failure.text) {
            (What::Refused, _) => reason(failure.code).to_owned(),
            (_, "") => String::new(),
            (_, text) => format!(": {}", text.trim_end_matches('.')),
        };
        let draft = draft.name(&server.url).name(failure.code.to_string()).name(text);
        draft.event_at("onicecandidateerror", failure.time, &server.url)
    }
}

impl Watcher for Refused {
    fn event(&mut self, _call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if view
            .scene()
            .gathering
            .is_some_and(|now| now.state == Gathering::Complete)
        {
            self.look(view, out);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        self.look(view, out);
        let is_vital = self.what == What::Unauthorized && view.scene().first_connected.is_none();
        let severity = if is_vital {
            Severity::Critical
        } else {
            Severity::Warning
        };
        // Where nothing connects it is so to the end, and may be why.
        let scene = view.scene();
        for draft in self.open.drain(..) {
            let end = if scene.first_connected.is_none() {
                scene.closed
            } else {
                draft.end
            };
            out.fire(Draft { severity, end, ..draft });
        }
    }
}
