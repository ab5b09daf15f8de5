//! Which stored dumps on this machine may be removed because they are too old or too many. They are either objects of a
//! folder store, whose rows stay and are marked, or copies of what is in a bucket, which no row mentions.
//!
//! `options` is what the operator says, `rules` what follows from it, `age` how old a dump is, `last_sweep` whether the
//! clock may be believed, `pass` which files are to go, `sweep` how they go, `sweeper` the thread that sweeps from time
//! to time, `told` what the log says of it. Never here: objects in a bucket, and dumps that are not delivered yet.
mod age;
mod last_sweep;
mod options;
mod pass;
mod rules;
mod sweep;
mod sweeper;
mod told;

pub use options::RetentionOptions;
pub use rules::Retention;
pub use sweep::Sweep;
pub use sweeper::run;
