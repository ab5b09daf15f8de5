//! Dumps as text: what their lines are, and how they are masked.
//!
//! A dump is lines of JSON: signature, metadata, events, the closing event. This room knows the protocol's methods
//! (`table`), writes the server's own lines (`header`), makes a line of a message (`event`) and masks personal data
//! (`obfuscate` for a line, `metadata` for the second). It never opens a file, keeps no clock and logs nothing; input from a peer
//! never fails here, it only becomes text.
//!
//! Masking, from the outside in: `obfuscate` takes a line, `survey` a first look at it, `walk` goes through it by the rules of `rule`,
//! `candidate`, `sdp` and `names` know strings of a special kind (`torn` where the JSON is broken), `text` undoes encodings, `address` with `ipv4` and `ipv6`
//! finds what must go, `span` says what comes instead. `json` is the scanner below them all.
mod address;
mod candidate;
pub mod event;
pub mod header;
mod ipv4;
mod ipv6;
mod json;
mod metadata;
mod names;
mod obfuscate;
mod rule;
mod sdp;
mod span;
mod survey;
pub mod table;
mod text;
mod torn;
mod walk;

pub use obfuscate::Masker;
pub use rule::MaskRules;
pub use walk::Locate;
