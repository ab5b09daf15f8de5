//! Which stored dumps on this machine may go, because they are too old or too many: objects of a folder store, whose
//! rows stay, marked, or copies of what lies in a bucket, of which no row knows.
//!
//! `options` is what the operator says, `rules` what follows from it, `sweep` one look over the folder, `sweeper` the
//! thread that takes one every so often. Never here: what lies in a bucket, and what is still on its way.
mod options;
mod rules;
mod sweep;
mod sweeper;

pub use options::RetentionOptions;
pub use rules::Retention;
pub use sweep::{Sweep, Swept};
pub use sweeper::run;
