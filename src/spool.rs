//! The spool: it holds every dump from its first message until it is stored and recorded.
//!
//! Each state is a directory and each transition is one rename. Nothing is unlinked before what replaces it is durable.

mod extract;
mod features;
pub mod files;
mod lock;
pub mod manifest;
mod options;
pub mod pack;
pub mod packed;
pub mod place;
pub mod queue;
pub mod recording;
pub mod recover;
mod rehearsal;
pub mod successor;
mod sum;
pub mod sync;
pub mod tombstone;
pub mod why;

pub use crate::id::Id;
pub use extract::{Extracted, Extraction, Missing, ToExtract, extracted};
pub use features::{NotRenewed, PackedFeatures};
pub use files::{DumpState, Instance, Kind};
pub use manifest::Manifest;
pub use options::SpoolOptions;
pub use pack::{PackError, PackOptions, pack, pack_again, pack_unless_packed};
pub use packed::{Packed, Unsound};
pub use place::Place;
pub use recording::Recording;
pub use rehearsal::rehearse;
pub use sync::{Removal, Removed, Sync};
