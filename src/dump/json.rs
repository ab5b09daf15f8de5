//! JSON values as the text that they are.
//!
//! A value of a dump stays the bytes that were sent: numbers beyond a double (`1e400`, integers above 2^53), lone
//! surrogates, blanks and duplicate members survive, and nothing is converted unless someone asks. A `Json` is checked
//! once, when it is made; afterwards looking into it costs a pass over the bytes that are passed, without allocations.
//! Nothing here recurses and nothing fails.
mod number;
pub(super) mod skip;
mod text;

use super::scan::Scanner;
use super::steps;

pub use super::scan::Invalid;
pub use text::Text;
pub(super) use text::unit;

/// One valid JSON value (RFC 8259), without blanks around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Json<'a> {
    raw: &'a [u8],
}

/// The kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl<'a> Json<'a> {
    pub const NULL: Json<'static> = Json { raw: b"null" };

    /// Checks a whole text, which may have blanks around its value.
    ///
    /// # Errors
    /// It is no JSON, or deeper than `NESTING_LEVELS_MAX`.
    pub fn parse(text: &'a [u8]) -> Result<Json<'a>, Invalid> {
        let mut open = Vec::new();
        let raw = Scanner::new(text, &mut open).whole()?;
        Ok(Json { raw: &text[raw] })
    }

    /// `raw` has been checked, or copied from what has been.
    pub(super) const fn checked(raw: &'a [u8]) -> Json<'a> {
        Json { raw }
    }

    /// The text as it was sent.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    pub fn kind(self) -> Kind {
        match self.raw.first() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    pub fn as_bool(self) -> Option<bool> {
        match self.raw.first() {
            Some(b't') => Some(true),
            Some(b'f') => Some(false),
            _ => None,
        }
    }

    /// The nearest double of a number; what is beyond all doubles is infinite.
    pub fn as_f64(self) -> Option<f64> {
        match self.kind() {
            Kind::Number => {
                steps::count(self.raw.len());
                number::nearest(self.raw)
            }
            _ => None,
        }
    }

    /// The inside of a string.
    pub fn as_text(self) -> Option<Text<'a>> {
        match self.raw {
            [b'"', inside @ .., b'"'] => Some(Text::checked(inside)),
            _ => None,
        }
    }

    /// The elements of an array; of anything else, none.
    pub fn elements(self) -> Elements<'a> {
        match self.raw {
            [b'[', inside @ .., b']'] => Elements::of(inside),
            _ => Elements::of(b""),
        }
    }

    /// The members of an object as they were sent, duplicates included; of anything else, none.
    pub fn members(self) -> Members<'a> {
        match self.raw {
            [b'{', inside @ .., b'}'] => Members::of(inside),
            _ => Members::of(b""),
        }
    }

    /// The member of this name. Of duplicates, the last one counts, as in JavaScript.
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        let named = self.members().filter(|(key, _)| key.is(name));
        named.last().map(|(_, value)| value)
    }

    /// What JavaScript takes for true: everything but null, false, 0 and the empty string.
    pub fn is_truthy(self) -> bool {
        match self.kind() {
            Kind::Null => false,
            Kind::Bool => self.raw == b"true",
            Kind::Number => self.as_f64() != Some(0.0),
            Kind::String => self.raw.len() > 2,
            Kind::Array | Kind::Object => true,
        }
    }
}

impl std::fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.raw))
    }
}

/// Elements that follow each other, separated by commas.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    rest: &'a [u8],
}

/// Members that follow each other, separated by commas.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// `inside` is what stands between the brackets.
    pub(super) fn of(inside: &'a [u8]) -> Self {
        Elements { rest: inside }
    }
}

impl<'a> Members<'a> {
    /// `inside` is what stands between the braces.
    pub(super) fn of(inside: &'a [u8]) -> Self {
        Members { rest: inside }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        skip::value(&mut self.rest).map(Json::checked)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Json<'a>);

    fn next(&mut self) -> Option<(Text<'a>, Json<'a>)> {
        let name = Json::checked(skip::value(&mut self.rest)?).as_text()?;
        let value = Json::checked(skip::value(&mut self.rest)?);
        Some((name, value))
    }
}

#[cfg(test)]
mod tests;
