//! A dump's life after the call, as an operator sees it: what waits, what has failed, what retention removes, what is
//! erased.
//!
//! The real binary serves, and the commands run beside it as an operator runs them.

mod erase;
mod foreign;
mod hanging;
mod kept;
mod process;
mod ready;
#[cfg(not(feature = "fault-points"))]
mod release;
mod released;
mod remote;
mod retention;
mod shutdown;
mod spool;
mod unsynced;
mod versions;
mod waiting;
