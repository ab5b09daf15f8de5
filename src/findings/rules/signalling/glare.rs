//! Offers of both sides at the same time.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Role;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::states::Signaling;
use crate::findings::view::View;

struct Glare;

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Glare)
}

impl Watcher for Glare {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let role = Role::of(call.value);
        let is_open = view
            .scene()
            .signaling
            .is_some_and(|now| now.state == Signaling::HaveLocalOffer);
        let case = match role {
            Some(Role::Rollback) => 1,
            Some(Role::Offer) if is_open && call.is("setRemoteDescription") => 0,
            _ => return,
        };
        let kind = if case == 1 { "rollback" } else { "offer" };
        let draft = Draft::new(Severity::Info, call.time).case(case);
        out.fire(draft.event_at(&call.method, call.time, kind));
    }
}
