//! Masking: replaces personal data in the lines of a dump by text that says nothing about a person. All other bytes
//! stay.
//!
//! From the outside in: `masker` takes a line, and `metadata` takes a dump's second line. `survey` looks at the line
//! first. `walk` then goes through it by the rules of `rule`; `torn` is used where the JSON is broken, and `printed`
//! for objects that never were JSON. `walk` and `torn` use the table of `members`, as `survey` does, and `facts` pass
//! from the first look to the second. `candidate`, `sdp` and `names` know special kinds of strings. `text` undoes
//! encodings, `address` with `ipv4` and `ipv6` finds what must go, and `span` says what replaces it. The scanner below
//! all of them is `dump::scan`.
//!
//! `internals` masks the dumps of a browser's page, which are one object and not lines.
//!
//! Nothing fails here: what cannot be understood is masked as text and never passed on unmasked.
mod address;
mod candidate;
mod facts;
mod internals;
mod ipv4;
mod ipv6;
mod masker;
mod members;
mod metadata;
mod names;
mod printed;
mod rule;
mod sdp;
mod span;
mod survey;
mod text;
mod torn;
mod walk;

pub use internals::Seen;
pub use masker::Masker;
pub use rule::MaskRules;
pub use walk::Locate;
