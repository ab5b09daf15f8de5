//! Captured tracks that end although nobody has stopped them.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::track::{Origin, track_id};
use crate::findings::view::View;

struct Ended;

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Ended)
}

impl Watcher for Ended {
    /// The far side's tracks end with their connection; the client library tells of them there.
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if call.connection != 0 || view.world.open == 0 {
            return;
        }
        let track = track_id(call).and_then(|id| view.world.tracks.of_id(&id));
        let Some(track) = track.filter(|track| track.stopped.is_none() && track.origin != Origin::Remote) else {
            return;
        };
        let (severity, case) = match track.origin {
            Origin::Display => (Severity::Info, 1),
            _ => (Severity::Critical, 0),
        };
        let draft = Draft::new(severity, call.time).until(None).case(case);
        out.fire(draft.track(&track.id, track.media).event(call));
    }
}
