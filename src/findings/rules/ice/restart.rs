//! ICE restarts that come to nothing.
//!
//! Chromium tells no state when a restart succeeds: ICE stays connected, and the credentials are others within a
//! second. So both are looked at some time later, and not at all if the connection is closed or the dump ends before.
use crate::dump::json::Json;
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::states::{Connectivity, Ice};
use crate::findings::view::View;

struct Restart {
    hold_ms: f64,
    asked: Option<Asked>,
}

struct Asked {
    draft: Draft,
    /// How often this side's credentials had changed by then.
    restarts: u32,
}

pub fn new(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Restart {
        hold_ms: limits.ms("hold"),
        asked: None,
    })
}

fn is_connected(view: &View<'_>) -> bool {
    let scene = view.scene();
    match (scene.ice, scene.connectivity) {
        (Some(now), _) => matches!(now.state, Ice::Connected | Ice::Completed),
        (None, Some(now)) => now.state == Connectivity::Connected,
        // Nothing is told, so nothing is wrong.
        (None, None) => true,
    }
}

impl Watcher for Restart {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let asks = |value: Json<'_>| value.get("iceRestart").and_then(Json::as_bool) == Some(true);
        let local = &view.scene().negotiation.local;
        let is_restart = call.is("restartIce") || asks(call.value);
        // Before the first description there is nothing to restart.
        if is_restart && self.asked.is_none() && local.set.is_some() {
            let draft = Draft::new(Severity::Critical, call.time).event_at(&call.method, call.time, "iceRestart");
            self.asked = Some(Asked {
                draft,
                restarts: local.restarts,
            });
            out.wake_at(call.time + self.hold_ms);
        }
    }

    fn wake(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(Asked { draft, restarts }) = self.asked.take() else {
            return;
        };
        let scene = view.scene();
        if scene.closed.is_some() {
            return;
        }
        let is_new = scene.negotiation.local.restarts > restarts;
        if !is_new || !is_connected(view) {
            let hold = self.hold_ms / 1000.0;
            let draft = draft.until(Some(view.now)).case(usize::from(is_new));
            out.fire(draft.value(hold, "s").threshold(hold));
        }
    }
}
