//! Masking: personal data in the lines of a dump becomes what says nothing about a person. All other bytes stay.
//!
//! From the outside in: `masker` takes a line (and `metadata` the second one of a dump), `survey` has a first look at
//! it, `walk` goes through it by the rules of `rule`, `torn` where its JSON is broken. All three read the table of
//! `members`, and `facts` pass from the first to the second. `candidate`, `sdp` and `names` know strings of a special
//! kind. `text` undoes encodings, `address` with `ipv4` and `ipv6` finds what must go, `span` says what comes instead.
//! `json` is the scanner below them all.
//!
//! Nothing fails here: what cannot be understood is masked as text, never passed on.
mod address;
mod candidate;
mod facts;
mod ipv4;
mod ipv6;
mod json;
mod masker;
mod members;
mod metadata;
mod names;
mod rule;
mod sdp;
mod span;
mod survey;
mod text;
mod torn;
mod walk;

pub use masker::Masker;
pub use rule::MaskRules;
pub use walk::Locate;
