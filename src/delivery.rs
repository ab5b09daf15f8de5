//! Delivery: makes exactly one object and one row out of every sealed dump, however long it takes.
//!
//! `manager` decides what is done next. `active` holds what is known of each dump, `availability` says when a
//! destination that failed is tried again, and `held` when a dump is that a rule refuses. `deliver` and `record` hold
//! the steps of one dump, `features` what goes with it, `look` what is done to the spool as a whole, and `hands` the
//! threads that do the work. `watch` tells operators what keeps dumps waiting.
//!
//! Invariants: the queue is on disk, and memory holds only a bounded part of it. Two hands never work on the same dump.
//! A file is unlinked only after its replacement is durable. When a destination fails, its dumps are delayed and never
//! given up. When a dump is faulty, only that dump is set aside, and no other is delayed. When a rule of a destination
//! refuses a dump, only that dump waits. Nothing in this room handles paths of the spool, SQL, URLs or clients'
//! sockets.
mod active;
mod availability;
mod bell;
mod calls;
mod causes;
mod deliver;
mod destinations;
mod event;
mod features;
mod hands;
mod held;
mod listed_up_to;
mod listing;
mod look;
mod manager;
mod options;
mod phase;
mod record;
mod removals;
mod settings;
mod shelf;
mod stage;
mod step;
mod suspects;
#[cfg(test)]
mod testing;
mod turns;
mod visit;
mod watch;

pub use availability::{Destination, Pauses};
pub use deliver::Steps;
pub use event::{Event, Found, Listed, Look, Recovery, RecoveryEnd, Scope, Task};
pub use hands::{Delivery, Options};
pub use listed_up_to::ListedUpTo;
pub use look::{look, recover};
pub use manager::Manager;
pub use options::{DeliveryOptions, StopOptions};
pub use removals::Removals;
pub use settings::{Pace, Settings};
pub use stage::Bounds;
pub use step::{Done, Failure, Outcome, Step};
pub use visit::Parts;
