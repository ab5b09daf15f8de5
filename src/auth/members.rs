//! Reads an object of a token into a structure that ignores every member but those it names. Nothing is known here of
//! what they mean. Their values must be `RawValue`s, so that none can be of a wrong type.

use serde::Deserialize;

use super::denial::Denial;

/// Reads the members that count. In an object that is JSON, only a member that is there twice can be wrong.
pub(super) fn members<'a, T: Deserialize<'a>>(json: &'a [u8], otherwise: Denial) -> Result<T, Denial> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice(json).map_err(|error| match is_object && error.is_data() {
        true => Denial::Twice,
        false => otherwise,
    })
}
