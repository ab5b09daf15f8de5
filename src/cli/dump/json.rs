//! What commands print as JSON, with numbers as JavaScript writes them: without a fraction if they have none.
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::cli::failure::Failure;

/// The whole value on several lines.
///
/// # Errors
/// None that a value of ours could have.
pub fn text(value: &impl Serialize) -> Result<String, Failure> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Whole(PrettyFormatter::new()));
    let written = value.serialize(&mut serializer);
    written.map_err(|error| Failure::Runtime(error.to_string()))?;
    text.push(b'\n');
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Indents, and leaves the fraction of whole numbers out.
struct Whole(PrettyFormatter<'static>);

impl Formatter for Whole {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match value.fract() == 0.0 && value.abs() < INTEGER_MAX {
            true => write!(writer, "{}", value as i64),
            false => self.0.write_f64(writer, value),
        }
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// 2^53: up to here each integer is a double.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction_and_all_else_is_as_it_was() {
        let value = serde_json::json!({"a": [1005.0, 0.25, -3.0, 1e300, 7], "b": {}, "c": [], "d": null, "e": "1.0"});
        let text = text(&value).unwrap();
        assert!(
            text.contains("1005,\n") && text.contains("-3,\n") && text.contains("0.25,\n"),
            "{text}"
        );
        assert!(
            text.contains("\"b\": {},\n") && text.ends_with("\"e\": \"1.0\"\n}\n"),
            "{text}"
        );
    }
}
