//! Delivery: every sealed dump ends as one object and one row, however long it takes.
//!
//! `deliver` holds the steps of one dump, `pool` and `worker` the threads that take them, `window` which dumps they
//! know of, `backoff` when a destination that failed is tried again, `packers` how many pack at a time. Invariants: the
//! disk is the queue, memory holds a bounded view of it; no dump is in two hands; nothing is unlinked before what
//! replaces it is durable; a failure of a destination delays dumps and never gives one up, a fault of a dump sets that
//! one aside and delays none. Never here: paths of the spool, SQL, URLs, sockets of clients.
#[cfg(test)]
mod active;
#[cfg(test)]
mod availability;
mod backoff;
mod deliver;
#[cfg(test)]
mod event;
#[cfg(test)]
mod manager;
mod options;
mod packers;
mod pool;
mod removals;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod step;
mod tempo;
#[cfg(test)]
mod testing;
mod window;
mod worker;

pub use backoff::{Destination, Gates, Pass, Pauses};
pub use deliver::{Job, Outcome, Parts};
pub use options::{DeliveryOptions, StopOptions};
pub use pool::{Delivery, Options};
pub use removals::Removals;
pub use tempo::Tempo;
