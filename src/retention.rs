//! Which stored dumps on this machine may be removed because they are too old or too many. They are either objects of a
//! folder store, whose rows stay and are marked, or copies of what is in a bucket, which no row mentions.
//!
//! `options` is what the operator says, `rules` what follows from it, `sweep` one pass over the folder, `sweeper` the
//! thread that makes such a pass from time to time. Never here: objects in a bucket, and dumps that are not delivered
//! yet.
mod options;
mod rules;
mod sweep;
mod sweeper;

pub use options::RetentionOptions;
pub use rules::Retention;
pub use sweep::{Sweep, Swept};
pub use sweeper::run;
