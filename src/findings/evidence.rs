//! What a finding rests on: an event, or the value of a report.

/// What a finding rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub of: Origin,
    /// Milliseconds since 1970.
    pub time: f64,
    /// JSON.
    pub value: Box<str>,
}

/// Where evidence comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The method of an event.
    Event(Box<str>),
    /// The id of a report, and the name of its property.
    Report(Box<str>, &'static str),
}
