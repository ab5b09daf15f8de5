//! Every bound of the server that is not an operator's to tune, and the defaults of those that are.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it), with the
//! arithmetic above it and, where two bounds depend on each other, a const assertion below. Nothing happens here.

// dump/ -----------------------------------------------------------------------------------------------------------------

/// How many encodings inside each other the masking undoes in one text: a URL in a URL in a string of a JSON text that
/// is itself a string makes three. Each costs one more pass over that text, so the bound keeps masking linear.
pub const ESCAPE_LAYERS_MAX: usize = 3;
