//! A dump's life after the call, as an operator sees it: what waits, what has failed, what retention removes, what is
//! erased.
//!
//! The real binary serves, and the commands run beside it as an operator runs them.

#[path = "lifecycle/erase.rs"]
mod erase;
#[path = "lifecycle/foreign.rs"]
mod foreign;
#[cfg(not(feature = "fault-points"))]
#[path = "lifecycle/release.rs"]
mod release;
#[path = "lifecycle/released.rs"]
mod released;
#[path = "lifecycle/remote.rs"]
mod remote;
#[path = "lifecycle/retention.rs"]
mod retention;
#[path = "lifecycle/shutdown.rs"]
mod shutdown;
#[path = "lifecycle/spool.rs"]
mod spool;
#[path = "lifecycle/waiting.rs"]
mod waiting;
