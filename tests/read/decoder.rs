//! The reader as functions: what it makes of recorded, random, damaged and enormous dumps.

mod compressed;
mod deltas;
mod encoder;
mod extremes;
mod memory;
mod mutations;
mod random;
pub mod recorded;
mod reference;
mod rounds;
