//! Features: what a call was like, in numbers and short texts, taken from the events of its dump.

mod options;

pub use options::FeaturesOptions;
