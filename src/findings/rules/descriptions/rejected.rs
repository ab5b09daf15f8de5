//! Sections that were offered and are rejected by the answer.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::{Role, Whose};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::Media;
use crate::findings::section::Port;
use crate::findings::severity::Severity;
use crate::findings::view::View;

struct Rejected;

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Rejected)
}

impl Watcher for Rejected {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let negotiation = &view.scene().negotiation;
        let Some(ended) = negotiation
            .ended
            .as_ref()
            .filter(|ended| ended.role == Some(Role::Answer))
        else {
            return;
        };
        let (answer, offer, who) = match ended.whose {
            Whose::Local => (&negotiation.local, &negotiation.remote, "This side"),
            Whose::Remote => (&negotiation.remote, &negotiation.local, "The other side"),
        };
        for (answer, offer) in answer.sections.iter().zip(&offer.sections) {
            if answer.port == Port::Open || offer.port == Port::Rejected {
                continue;
            }
            let kind = match offer.media {
                Media::Audio => "audio",
                Media::Video => "video",
                Media::None => "data",
            };
            let draft = Draft::new(Severity::Warning, call.time).event_at(&call.method, call.time, &offer.mid);
            out.fire(draft.name(who).name(kind).name(&offer.mid));
        }
    }
}
