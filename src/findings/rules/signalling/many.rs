//! How many connections are open at a time, and how many stay so.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;

struct Many {
    limit: usize,
    left: usize,
    /// Connections by their index: whether they are counted as open.
    is_open: Vec<bool>,
    open: usize,
    draft: Option<Draft>,
}

pub fn new(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Many {
        limit: limits.get("open") as usize,
        left: limits.get("left") as usize,
        is_open: Vec::new(),
        open: 0,
        draft: None,
    })
}

impl Watcher for Many {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let at = call.connection;
        if at == 0 {
            return;
        }
        if self.is_open.len() <= at {
            self.is_open.resize(at + 1, false);
        }
        let is_open = view.scene().closed.is_none();
        match (self.is_open[at], is_open) {
            (false, true) => self.open += 1,
            (true, false) => self.open -= 1,
            _ => return,
        }
        self.is_open[at] = is_open;
        if self.open > self.limit {
            let draft = self
                .draft
                .take()
                .unwrap_or_else(|| Draft::new(Severity::Info, call.time));
            let most = draft.value.unwrap_or_default().max(self.open as f64);
            self.draft = Some(draft.value(most, "").threshold(self.limit as f64));
        } else if let Some(draft) = self.draft.take() {
            out.fire_of(0, draft.until(Some(call.time)));
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if let Some(draft) = self.draft.take() {
            out.fire_of(0, draft.until(None));
        }
        if self.open > self.left {
            let draft = Draft::new(Severity::Info, view.world.first).until(None).case(1);
            out.fire_of(0, draft.value(self.open as f64, "").threshold(self.left as f64));
        }
    }
}
