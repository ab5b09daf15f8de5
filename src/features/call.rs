//! One event of the trace of a client or a connection, as features look at it; and the time from one to another.
use crate::dump::json::{Json, Text};

/// An event that is no getStats.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Milliseconds since 1970.
    pub time: f64,
    pub method: &'a str,
    pub value: Json<'a>,
    /// The first element between value and time: mostly a correlation id.
    pub extra: Option<Json<'a>>,
}

impl<'a> Call<'a> {
    /// The value, if it is a string.
    pub fn text(&self) -> Option<Text<'a>> {
        self.value.as_text()
    }

    /// Whether the value is this string.
    pub fn says(&self, word: &str) -> bool {
        self.text().is_some_and(|text| text.is(word))
    }

    /// Whether the value has this string as a member.
    pub fn has(&self, member: &str, word: &str) -> bool {
        let text = self.value.get(member).and_then(Json::as_text);
        text.is_some_and(|text| text.is(word))
    }

    /// Whether the value has this member, and JavaScript would take it for true.
    pub fn has_truthy(&self, member: &str) -> bool {
        self.value.get(member).is_some_and(Json::is_truthy)
    }
}

/// The first and the last time of a trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span(Option<(f64, f64)>);

impl Span {
    pub fn extend(&mut self, time: f64) {
        let begin = self.0.map_or(time, |(begin, _)| begin);
        self.0 = Some((begin, time));
    }

    /// Something else has happened at this time, maybe before the first event.
    pub fn include(&mut self, time: f64) {
        self.0 = Some(
            self.0
                .map_or((time, time), |(begin, end)| (begin.min(time), end.max(time))),
        );
    }

    pub fn begin(self) -> Option<f64> {
        self.0.map(|(begin, _)| begin)
    }

    /// From the first event to the last one, in ms.
    pub fn duration(self) -> Option<f64> {
        self.0.map(|(begin, end)| end - begin)
    }
}

/// From the first event of one kind to the first one of another kind behind it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delay {
    begin: Option<f64>,
    end: Option<f64>,
}

impl Delay {
    pub fn begins(&mut self, time: f64) {
        self.begin.get_or_insert(time);
    }

    pub fn ends(&mut self, time: f64) {
        if self.begin.is_some() {
            self.end.get_or_insert(time);
        }
    }

    pub fn ms(self) -> Option<f64> {
        Some(self.end? - self.begin?)
    }
}
