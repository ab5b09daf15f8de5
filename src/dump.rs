//! Dumps as text: what their lines are, and how they are masked.
//!
//! A dump is lines of JSON: signature, metadata, events, the closing event. This room knows the protocol's methods
//! (`table`), writes the server's own lines (`header`), makes a line of a message (`event`), and masks personal data
//! in a wing of its own (`mask`). It never opens a file, keeps no clock and logs nothing; input from a peer never fails
//! here, it only becomes text.
pub mod event;
pub mod header;
pub mod mask;
pub mod table;

pub use mask::{Locate, MaskRules, Masker};
