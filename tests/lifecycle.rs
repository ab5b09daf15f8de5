//! A dump's life after the call as an operator meets it: what waits, what failed, what is let go, what is erased.
//!
//! The real binary serves, and the commands run beside it as an operator runs them.

#[path = "lifecycle/erase.rs"]
mod erase;
#[cfg(not(feature = "fault-points"))]
#[path = "lifecycle/release.rs"]
mod release;
#[path = "lifecycle/retention.rs"]
mod retention;
#[path = "lifecycle/shutdown.rs"]
mod shutdown;
#[path = "lifecycle/spool.rs"]
mod spool;
mod support;
