//! What the client library says of itself.
use crate::dump::json::Json;
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;

struct Reloaded;

pub fn reloaded(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Reloaded)
}

impl Watcher for Reloaded {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, out: &mut Out<'_>) {
        let count = call.value.get("reloadCount").and_then(Json::as_f64);
        if let Some(count) = count.filter(|count| *count > 0.0 && call.connection == 0) {
            let value = count.to_string();
            let draft = Draft::new(Severity::Info, call.time).case(usize::from(count == 1.0));
            out.fire(draft.value(count, "").event_at("create", call.time, &value));
        }
    }
}

#[derive(Default)]
struct Reconnected {
    count: u64,
    draft: Option<Draft>,
}

pub fn reconnected(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Reconnected>::default()
}

impl Watcher for Reconnected {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, _out: &mut Out<'_>) {
        if call.connection != 0 {
            return;
        }
        self.count += 1;
        if self.count > 1 {
            let draft = self
                .draft
                .take()
                .unwrap_or_else(|| Draft::new(Severity::Info, call.time));
            self.draft = Some(draft.until(Some(call.time)).event(call));
        }
    }

    fn end(&mut self, _view: &View<'_>, out: &mut Out<'_>) {
        if let Some(draft) = self.draft.take() {
            let again = self.count - 1;
            out.fire(draft.value(again as f64, "").case(usize::from(again == 1)));
        }
    }
}
