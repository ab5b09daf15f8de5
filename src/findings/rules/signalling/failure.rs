//! Calls about descriptions that fail. How bad that was is known at the end: a page may try again.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Role;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;
use crate::limits::FINDINGS_PER_RULE_MAX;

pub const METHODS: &[&str] = &[
    "createOfferOnFailure",
    "createAnswerOnFailure",
    "setLocalDescriptionOnFailure",
    "setRemoteDescriptionOnFailure",
    "setLocalDescriptionOnSuccess",
    "setRemoteDescriptionOnSuccess",
];

#[derive(Default)]
struct Failure {
    /// At most `FINDINGS_PER_RULE_MAX`.
    open: Vec<Draft>,
    /// When a negotiation was completed last.
    completed: Option<f64>,
}

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Failure>::default()
}

impl Watcher for Failure {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(method) = call.method.strip_suffix("OnFailure") else {
            let ended = view.scene().negotiation.ended.as_ref();
            if ended.is_some_and(|ended| ended.role == Some(Role::Answer)) {
                self.completed = Some(call.time);
            }
            return;
        };
        let error = call.text().unwrap_or_default();
        let ended = view.scene().negotiation.ended.as_ref();
        let what = match ended.and_then(|pending| pending.role) {
            Some(Role::Offer) => " for the offer",
            Some(Role::Answer) => " for the answer",
            Some(Role::Provisional) => " for the provisional answer",
            Some(Role::Rollback) => " for the rollback",
            None => "",
        };
        let scene = view.scene();
        let (severity, case) = match (scene.closed.is_some(), scene.is_connected()) {
            (true, _) => (Severity::Info, 1),
            (false, true) => (Severity::Warning, 0),
            (false, false) => (Severity::Critical, 0),
        };
        let draft = Draft::new(severity, call.time).case(case).event(call);
        let draft = draft.name(method).name(what).name(error.trim_end_matches('.'));
        match severity == Severity::Critical && self.open.len() < FINDINGS_PER_RULE_MAX {
            true => self.open.push(draft),
            false => out.fire(draft),
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let scene = view.scene();
        for draft in self.open.drain(..) {
            let is_later = |time: f64| time > draft.start;
            let is_mended = self.completed.is_some_and(is_later) || scene.first_connected.is_some_and(is_later);
            out.fire(match (is_mended, scene.first_connected) {
                (true, _) => Draft {
                    severity: Severity::Warning,
                    ..draft
                },
                // Where nothing connects it may be why.
                (false, None) => draft.until(scene.closed),
                (false, Some(_)) => draft,
            });
        }
    }
}
