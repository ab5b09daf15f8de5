//! One event that is no getStats, as rules look at it.
use std::borrow::Cow;

use crate::dump::decode::{Event, Extra, Method};
use crate::dump::json::{Json, Text};

/// See the head of the file.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Milliseconds since 1970.
    pub time: f64,
    /// As in `Event`: 0 is the client itself.
    pub connection: usize,
    pub method: Cow<'a, str>,
    pub value: Json<'a>,
    /// What stands between value and time: ids of calls and tracks.
    pub extra: Extra<'a>,
}

impl<'a> Call<'a> {
    pub fn of(event: &Event<'a>) -> Call<'a> {
        Call {
            time: event.timestamp,
            connection: event.connection.index,
            method: match event.method {
                Method::Known(method) => Cow::Borrowed(method.name),
                Method::Other(sent) => sent.as_text().map(Text::to_str).unwrap_or_default(),
            },
            value: event.value.json().unwrap_or(Json::NULL),
            extra: event.extra,
        }
    }

    pub fn is(&self, method: &str) -> bool {
        self.method == method
    }

    /// The value, if it is a string.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        self.value.as_text().map(Text::to_str)
    }

    /// Whether the value is this string.
    pub fn says(&self, word: &str) -> bool {
        self.value.as_text().is_some_and(|text| text.is(word))
    }

    /// A member of the value that is a string.
    pub fn member(&self, name: &str) -> Option<Cow<'a, str>> {
        self.value.get(name).and_then(Json::as_text).map(Text::to_str)
    }

    /// What stands behind the value at this place, from 0 on, if it is a string.
    pub fn extra_text(&self, at: usize) -> Option<Cow<'a, str>> {
        let element = self.extra.into_iter().nth(at)?;
        element.as_text().map(Text::to_str)
    }

    /// The id by which a call and its success or failure belong together.
    pub fn correlation(&self) -> Option<Cow<'a, str>> {
        self.extra_text(0)
    }
}
