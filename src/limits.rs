//! Every bound of the server that is not an operator's to tune, and the defaults of those that are.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it), with the
//! arithmetic above it and, where two bounds depend on each other, a const assertion below. Nothing happens here.
