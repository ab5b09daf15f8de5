//! Why a dump of the spool waits, as far as that can be told beside the server: from the note of the process that has
//! it, and from whether there is such a process.
//!
//! Nothing here changes a file. What cannot be read counts as not known.
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::output::age;
use super::visible::visible;
use crate::spool::queue::Entry;
use crate::spool::why::{self, Why};
use crate::spool::{DumpState, Instance};
use crate::time::UnixMs;

/// What is known of each instance, which is read once.
#[derive(Default)]
pub struct Reasons {
    instances: RefCell<BTreeMap<Instance, Known>>,
}

#[derive(Clone)]
struct Known {
    is_served: bool,
    why: Why,
}

/// Why one dump waits.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    pub text: String,
    pub since: Option<UnixMs>,
}

impl Reason {
    /// For a table.
    pub fn told(&self) -> String {
        let text = visible(&self.text);
        self.since.map_or(text.clone(), |since| {
            format!("{text} (for {})", age(UnixMs::now().since(since)))
        })
    }
}

impl Reasons {
    /// `None` if nothing is known to keep it waiting.
    pub fn of(&self, entry: &Entry) -> Option<Reason> {
        if entry.state == DumpState::Failed {
            return reason_of_failure(entry);
        }
        let known = self.known(&entry.instance);
        let manifest = entry.manifest().ok().flatten();
        let is_stored = manifest.is_some_and(|manifest| manifest.stored.is_some());
        let cause = known.why.of(entry.id, entry.state, is_stored);
        match (known.is_served, cause) {
            (true, cause) => cause.map(|cause| Reason {
                text: cause.text.clone(),
                since: Some(cause.since),
            }),
            (false, None) => Some(Reason {
                text: NOT_SERVED.to_string(),
                since: None,
            }),
            (false, Some(cause)) => Some(Reason {
                text: format!("{NOT_SERVED}; the last one said: {}", cause.text),
                since: None,
            }),
        }
    }

    fn known(&self, instance: &Instance) -> Known {
        let mut instances = self.instances.borrow_mut();
        let read = || Known {
            is_served: why::is_held(instance),
            why: Why::read(instance),
        };
        instances.entry(instance.clone()).or_insert_with(read).clone()
    }
}

const NOT_SERVED: &str = "no server is running that has this dump";

/// The first line of the note, which is a complete sentence.
fn reason_of_failure(entry: &Entry) -> Option<Reason> {
    let note = entry.note()?;
    let first = note.lines().next()?;
    let own = format!("Dump {} cannot be delivered: ", entry.id);
    let text = first.strip_prefix(&own).unwrap_or(first).to_string();
    Some(Reason { text, since: None })
}
