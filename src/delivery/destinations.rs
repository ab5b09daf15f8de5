//! The destinations together: which of them a step may use now, and when the next one is tried.
//!
//! What each of them is, and its pauses, are in `availability`. Nothing here knows stages or files.
use std::ops::{Index, IndexMut};
use std::time::Instant;

use super::availability::{Attempt, Availability, Destination, Pauses};
use super::step::Step;
use crate::id::Id;

/// See the head comment.
#[derive(Debug)]
pub struct Destinations {
    each: [Availability; Destination::ALL.len()],
}

impl Index<Destination> for Destinations {
    type Output = Availability;

    fn index(&self, destination: Destination) -> &Availability {
        &self.each[destination as usize]
    }
}

impl IndexMut<Destination> for Destinations {
    fn index_mut(&mut self, destination: Destination) -> &mut Availability {
        &mut self.each[destination as usize]
    }
}

impl Destinations {
    /// They all work, as far as is known. The names are in the order of [`Destination::ALL`].
    pub fn new(names: [String; Destination::ALL.len()], pauses: Pauses) -> Destinations {
        Destinations {
            each: names.map(|name| Availability::new(name, pauses)),
        }
    }

    pub fn all_up(&self) -> bool {
        self.each.iter().all(Availability::is_up)
    }

    /// The first destination that the step needs and the dump may not use now.
    pub fn lacks(&self, step: Step, id: Id, now: Instant) -> Option<Destination> {
        let may_not = |destination: &Destination| !self[*destination].admits(Attempt::Dump(id), now);
        step.needs().iter().copied().find(may_not)
    }

    /// The dump takes this step now, and nothing was lacking.
    pub fn begin(&mut self, step: Step, id: Id) {
        for destination in step.needs() {
            self[*destination].begin(Attempt::Dump(id));
        }
    }

    /// An attempt that has ended, or cannot reach the destination soon, makes room for another.
    pub fn release(&mut self, leads_to: impl Fn(Id, Destination) -> bool) {
        for destination in Destination::ALL {
            let availability = &mut self[destination];
            if let Some(Attempt::Dump(id)) = availability.attempt()
                && !leads_to(id, destination)
            {
                availability.unclear();
            }
        }
    }

    /// Whether the dump tries a destination that is down and comes to it by this step.
    pub fn is_attempt(&self, id: Id, step: Step) -> bool {
        let tries = |destination: &Destination| {
            self[*destination].attempt() == Some(Attempt::Dump(id)) && step.leads_to(*destination)
        };
        Destination::ALL.iter().any(tries)
    }
}
