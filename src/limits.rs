//! Every bound of the server that is not an operator's to tune, and the defaults of those that are.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it), with the
//! arithmetic above it and, where two bounds depend on each other, a const assertion below. Nothing happens here.

// dump/ -----------------------------------------------------------------------------------------------------------------

/// How many encodings inside each other the masking undoes in one text: a URL in a URL in a string of a JSON text that
/// is itself a string makes three. Each costs one more pass over that text, so the bound keeps masking linear.
pub const ESCAPE_LAYERS_MAX: usize = 3;

/// Levels of objects and arrays in one line; what is deeper is masked as text. A level costs the masking about 20 bytes,
/// so this is 1.3 MB, where a 4 MiB message of nothing but brackets would take 80 MB. No reader goes this deep:
/// serde_json stops at 128, Python at 1000.
pub const NESTING_LEVELS_MAX: usize = 65_536;

/// Room that each of the masking's buffers keeps from line to line, in elements. A long line grows them to what it
/// needs; afterwards they shrink to this, so that one such line does not cost its memory for ever.
pub const MASK_SCRATCH_ELEMENTS_MAX: usize = 65_536;

/// How much of `%zone` (RFC 4007) goes along with a masked address. Interface names have at most 15 bytes on Linux
/// and 256 characters on Windows, where they are numbers in practice.
pub const ZONE_BYTES_MAX: usize = 64;
