//! That ICE failed.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::text::length;
use crate::findings::view::View;

use super::super::phase::{Phase, Phases};

#[derive(Default)]
struct Failed {
    phases: Phases,
    open: Option<Draft>,
}

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Failed>::default()
}

impl Watcher for Failed {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(change) = self.phases.event(view) else { return };
        if change.to == Phase::Failed {
            let negotiation = &view.scene().negotiation;
            let case = match change.since {
                None => 3,
                Some(_) => usize::from(self.phases.was_connected()),
            };
            let since = change.since.unwrap_or(call.time);
            let draft = Draft::new(Severity::Critical, call.time).until(None).case(case);
            let draft = draft.value((call.time - since) / 1000.0, "s").event(call);
            let sides = [&negotiation.local, &negotiation.remote].map(|side| side.candidates.words());
            self.open = Some(sides.iter().fold(draft, Draft::name));
        } else if let Some(draft) = self.open.take() {
            let until = Some(call.time);
            match change.to {
                Phase::Connected => {
                    let lasted = length(call.time - draft.start);
                    let severity = Severity::Warning;
                    let names = vec![lasted];
                    out.fire(
                        Draft {
                            severity,
                            names,
                            ..draft
                        }
                        .until(until)
                        .case(2)
                        .event(call),
                    );
                }
                Phase::Closed => out.fire(draft.until(until)),
                _ => self.open = Some(draft),
            }
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if let Some(draft) = self.open.take() {
            out.fire(draft.until(view.scene().closed));
        }
    }
}
