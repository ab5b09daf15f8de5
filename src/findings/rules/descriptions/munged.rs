//! What a page has changed between creating a description and setting it.
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::negotiation::{Change, Role};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;
use crate::sdp::Weight;

struct Munged;

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Munged)
}

/// So many kinds of changes are named.
const NAMED_MAX: usize = 4;

/// Each kind once, the worst first.
fn words(changes: &[&Change]) -> String {
    let mut names: Vec<&str> = changes.iter().map(|change| change.what.name()).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    let names = names.join(", ");
    match more {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

fn severity(weight: Weight) -> Severity {
    match weight {
        Weight::Info => Severity::Info,
        Weight::Warning => Severity::Warning,
        Weight::Critical => Severity::Critical,
    }
}

/// `mid 0: -a=setup:actpass +a=setup:active (2 more lines)`
fn shown(change: &Change) -> String {
    let mut text = match &*change.mid {
        "" => "session:".to_owned(),
        mid => format!("mid {mid}:"),
    };
    for (sign, line) in [("-", &change.removed), ("+", &change.added)] {
        if !line.is_empty() {
            text += &format!(" {sign}{line}");
        }
    }
    match change.more {
        0 => text,
        more => format!("{text} ({more} more)"),
    }
}

impl Watcher for Munged {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        let Some(changes) = &view.scene().negotiation.changes else {
            return;
        };
        let mut changes: Vec<_> = changes.list.iter().collect();
        changes.sort_by_key(|change| std::cmp::Reverse(change.what));
        let Some(worst) = changes.first() else { return };
        let role = match Role::of(call.value) {
            Some(Role::Answer) => "answer",
            _ => "offer",
        };
        let draft = Draft::new(severity(worst.what.weight()), call.time).value(changes.len() as f64, "");
        let draft = draft.name(role).name(words(&changes)).name(worst.what.instead());
        let method = &call.method;
        let draft = changes
            .iter()
            .fold(draft, |draft, change| draft.event_at(method, call.time, &shown(change)));
        out.fire(draft);
    }
}
