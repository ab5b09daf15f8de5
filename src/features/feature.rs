//! What is known of a feature before there is a dump: its name, type, definition, source, and the code that gives it.
//!
//! The tables in `tables` are made of these. The document, the columns of a database and the JSON are made from the
//! tables, so that nothing can stand in one of them alone.
use super::form::known;
use super::value::Value;
use crate::dump::form::{Form, Need};

pub use crate::database::Column;

/// One feature of `S`: of the client, of a connection, or of a track.
pub struct Feature<S: 'static> {
    /// As the member of the JSON is called.
    pub name: &'static str,
    pub column: Column,
    /// What the number counts, or what the text is; for people.
    pub unit: &'static str,
    /// The definition, in Markdown, line by line.
    pub rule: &'static [&'static str],
    /// When there is no value.
    pub absent: &'static str,
    /// The specification, and the dictionary and member in it.
    pub source: &'static str,
    /// What a dump must have for it.
    pub need: Need,
    pub(super) of: for<'a> fn(&'a S, &'static str) -> Value<'a>,
}

impl<S> Feature<S> {
    /// The feature's value, if it can be known from a dump of this form.
    pub fn value<'a>(&self, state: &'a S, form: Form) -> Value<'a> {
        known(form, self.need, (self.of)(state, self.name))
    }
}

/// Declares a table of features. Each has its definition as a comment, then
/// `name: Column "unit", "when it is absent", "source" = |state, name| value;`. What not every form of a dump shows has
/// `needs` and a `Need` behind the unit.
macro_rules! features {
    (
        $(#[doc = $about:literal])+ $table:ident of $state:ty;
        $($(#[doc = $rule:literal])+
        $name:ident: $column:ident $unit:literal $(needs $need:ident)?, $absent:literal, $source:literal = $of:expr;)+
    ) => {
        $(#[doc = $about])+
        pub const $table: &[$crate::features::feature::Feature<$state>] = &[$($crate::features::feature::Feature {
            name: stringify!($name),
            column: $crate::features::feature::Column::$column,
            unit: $unit,
            rule: &[$($rule),+],
            absent: $absent,
            source: $source,
            need: $crate::features::feature::features!(@ $($need)?),
            of: $of,
        }),+];
    };
    (@) => { $crate::dump::form::Need::Nothing };
    (@ $need:ident) => { $crate::dump::form::Need::$need };
}

pub(super) use features;
