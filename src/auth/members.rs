//! Reads an object of a token into a structure that ignores every member but those it names. Nothing is known here of
//! what they mean. Their values must be `RawValue`s, so that none can be of a wrong type.

use serde::Deserialize;

use super::denial::Denial;

/// Reads the members that count. In an object that is JSON, only a member that is there twice can be wrong. The library
/// would take an array too, by the order of its elements, which no issuer means.
pub(super) fn members<'a, T: Deserialize<'a>>(json: &'a [u8], otherwise: Denial) -> Result<T, Denial> {
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(otherwise);
    }
    serde_json::from_slice(json).map_err(|error| if error.is_data() { Denial::Twice } else { otherwise })
}
