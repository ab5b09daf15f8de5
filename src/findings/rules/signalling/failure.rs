//! Calls about descriptions that fail.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Role;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;

pub const METHODS: &[&str] = &[
    "createOfferOnFailure",
    "createAnswerOnFailure",
    "setLocalDescriptionOnFailure",
    "setRemoteDescriptionOnFailure",
];

struct Failure;

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Failure)
}

impl Watcher for Failure {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let method = call.method.strip_suffix("OnFailure").unwrap_or(&call.method);
        let error = call.text().unwrap_or_default();
        let ended = view.scene().negotiation.ended.as_ref();
        let what = match ended.and_then(|pending| pending.role) {
            Some(Role::Offer) => " for the offer",
            Some(Role::Answer) => " for the answer",
            Some(Role::Provisional) => " for the provisional answer",
            Some(Role::Rollback) => " for the rollback",
            None => "",
        };
        let is_closed = view.scene().closed.is_some();
        let (severity, case) = match is_closed {
            true => (Severity::Info, 1),
            false => (Severity::Critical, 0),
        };
        let draft = Draft::new(severity, call.time).case(case).event(call);
        out.fire(draft.name(method).name(what).name(error.trim_end_matches('.')));
    }
}
