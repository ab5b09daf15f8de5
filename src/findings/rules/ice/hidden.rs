//! Candidates that lead nowhere: names that cannot be found, and host candidates that were alone.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::Side;
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;

use super::super::phase::{Phase, Phases};

/// Whether ICE began, and never connected.
#[derive(Default)]
struct Hidden {
    phases: Phases,
    began: Option<f64>,
}

pub fn mdns(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Hidden>::default()
}

impl Watcher for Hidden {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, _out: &mut Out<'_>) {
        if let Some(change) = self.phases.event(view)
            && matches!(change.to, Phase::Checking | Phase::Failed)
        {
            self.began.get_or_insert(call.time);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let remote = &view.scene().negotiation.remote.candidates;
        if let Some(began) = self.began
            && !self.phases.was_connected()
            && remote.is_hidden()
        {
            let draft = Draft::new(Severity::Info, began).until(view.scene().closed);
            let draft = draft.value(f64::from(remote.count()), "");
            out.fire(draft.event_at("oniceconnectionstatechange", began, "checking"));
        }
    }
}

/// A failure with host candidates only.
#[derive(Default)]
struct WarmUp {
    phases: Phases,
    failed: Option<f64>,
}

pub fn warm_up(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<WarmUp>::default()
}

impl Watcher for WarmUp {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(change) = self.phases.event(view) else { return };
        let negotiation = &view.scene().negotiation;
        let is_host = |side: &Side| side.candidates.is_only_host();
        let (is_local, is_remote) = (is_host(&negotiation.local), is_host(&negotiation.remote));
        match change.to {
            Phase::Failed if is_local && is_remote && !self.phases.was_connected() => self.failed = Some(call.time),
            Phase::Connected => {
                let Some(failed) = self.failed.take() else { return };
                if !is_local || !is_remote {
                    let draft = Draft::new(Severity::Info, failed).until(Some(call.time));
                    let draft = draft.value((call.time - failed) / 1000.0, "s");
                    out.fire(
                        draft
                            .event_at("oniceconnectionstatechange", failed, "failed")
                            .event(call),
                    );
                }
            }
            _ => {}
        }
    }
}
