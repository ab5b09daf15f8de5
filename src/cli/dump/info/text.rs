//! Single values of a dump for a person: short, and safe to look at.

use crate::cli::visible::short;
use crate::dump::json::{Json, Kind};
use crate::limits::INFO_TEXT_CHARS_MAX;

/// A text, or whatever stands in its place; null is none.
pub fn word(value: Option<Json<'_>>) -> Option<String> {
    let value = value.filter(|value| !value.is_null())?;
    Some(match value.as_text() {
        Some(text) => short(&text.to_str()),
        None => short(&String::from_utf8_lossy(
            &value.raw()[..value.raw().len().min(4 * INFO_TEXT_CHARS_MAX)],
        )),
    })
}

/// A number that is one.
pub fn number(value: Option<Json<'_>>) -> Option<f64> {
    let value = value.filter(|value| value.kind() == Kind::Number)?;
    value.as_f64().filter(|number| number.is_finite())
}
