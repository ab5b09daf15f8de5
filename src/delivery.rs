//! Delivery: every sealed dump ends as one object and one row, however long it takes.
//!
//! `manager` decides what comes next, with `active`, what is known of each dump, and `availability`, when a destination
//! that failed is tried again; `deliver` and `record` hold the steps of one dump, `look` what is done to the spool as a
//! whole, `hands` the threads that do it. Invariants: the disk is the queue, memory holds a bounded view of it;
//! no dump is in two hands; nothing is unlinked before what replaces it is durable; a failure of a destination delays
//! dumps and never gives one up, a fault of a dump sets that one aside and delays none. Never here: paths of the spool,
//! SQL, URLs, sockets of clients.
mod active;
mod availability;
mod bell;
mod deliver;
mod event;
mod hands;
mod look;
mod manager;
mod options;
mod record;
mod removals;
mod settings;
mod shelf;
mod step;
#[cfg(test)]
mod testing;
mod visit;

pub use active::{Bounds, ListedUpTo};
pub use availability::{Destination, Pauses};
pub use deliver::Steps;
pub use event::{Event, Found, Listed, Look, Recovered, Recovery, Scope, Task};
pub use hands::{Delivery, Options};
pub use look::{look, recover};
pub use manager::Manager;
pub use options::{DeliveryOptions, StopOptions};
pub use removals::Removals;
pub use settings::{Pace, Settings};
pub use step::{Done, Failure, Outcome, Step};
pub use visit::Parts;
