//! What a feature is in one dump: a value, or nothing; and how it is written.
//!
//! Values that were copied from a dump stay the JSON text that they were. Numbers that were computed are written with
//! as many digits as the double needs. Nothing fails here; what is no finite number is absent.
use std::io::Write;

use super::keep::Kept;
use crate::dump::json::Json;
use crate::dump::reports::Report;
use crate::dump::statistics::Property;
use crate::limits::FEATURE_VALUE_BYTES_MAX;

/// The value of one feature. The text of `Json` is one valid JSON value, strings with their quotes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Absent,
    Bool(bool),
    Number(f64),
    Json(&'a str),
}

impl Value<'_> {
    pub fn is_absent(self) -> bool {
        self == Value::Absent
    }

    /// Whether it is the truth value true.
    pub fn is_true(self) -> bool {
        matches!(self, Value::Bool(true) | Value::Json("true"))
    }

    /// Appends the value as JSON. Absent values are left out by the caller.
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Value::Absent => out.extend_from_slice(b"null"),
            Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
            Value::Number(value) => write_number(value, out),
            Value::Json(text) => out.extend_from_slice(text.as_bytes()),
        }
    }
}

/// As JavaScript writes numbers: plain from 10^-7 up to 10^21, with an exponent beyond.
fn write_number(value: f64, out: &mut Vec<u8>) {
    let size = value.abs();
    let written = if size == 0.0 || (1e-7..1e21).contains(&size) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
    written.expect("writing to a vector cannot fail");
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        if value.is_finite() {
            Value::Number(value)
        } else {
            Value::Absent
        }
    }
}

impl From<u32> for Value<'_> {
    fn from(count: u32) -> Self {
        Value::Number(f64::from(count))
    }
}

impl<'a> From<&'a Kept> for Value<'a> {
    fn from(kept: &'a Kept) -> Self {
        Value::Json(kept.json())
    }
}

impl<'a, T> From<Option<T>> for Value<'a>
where
    T: Into<Value<'a>>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Absent, T::into)
    }
}

/// A property of a report, unless it is longer than what features keep. Values are looked at in each event that changes
/// anything in their report, and that must not take longer the longer an old value is.
pub fn property<'a>(report: Report<'a>, property: Property) -> Option<Json<'a>> {
    report
        .get(property)
        .filter(|value| value.raw().len() <= FEATURE_VALUE_BYTES_MAX)
}

/// A value that is only ever true: absent otherwise.
pub fn only_if(value: bool) -> Value<'static> {
    value.then_some(true).into()
}

#[cfg(test)]
mod tests;
