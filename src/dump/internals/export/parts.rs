//! The elements of a line of an event: `[method, connection, value, …extra, delta]`.
use crate::dump::internals::made::Named;
use crate::dump::internals::string;
use crate::dump::json::Json;

/// The elements of an event's line.
pub struct Parts<'a> {
    pub method: Option<Json<'a>>,
    pub connection: Option<Json<'a>>,
    pub value: Json<'a>,
    pub extra: Vec<Json<'a>>,
    pub delta: Option<f64>,
}

impl<'a> Parts<'a> {
    /// `None` if the line is no event.
    pub fn of(line: &'a [u8]) -> Option<Parts<'a>> {
        let json = Json::parse(line).ok().filter(|json| json.raw().starts_with(b"["))?;
        let mut elements: Vec<Json> = json.elements().take(ELEMENTS_MAX).collect();
        let delta = elements
            .last()
            .and_then(|last| last.as_f64())
            .filter(|delta| delta.is_finite());
        elements.truncate(elements.len() - usize::from(delta.is_some()));
        let mut elements = elements.into_iter();
        Some(Parts {
            method: elements.next(),
            connection: elements.next(),
            value: elements.next().unwrap_or(Json::NULL),
            extra: elements.collect(),
            delta,
        })
    }

    pub fn name(&self) -> Vec<u8> {
        let text = self.method.and_then(Json::as_text);
        text.map_or_else(Vec::new, |text| string::decode(text.raw()))
    }

    pub fn method(&self) -> Named {
        match self.method {
            Some(method) if method.as_text().is_some() => Named::of(&self.name()),
            Some(other) => Named::Other(other.raw().to_vec()),
            None => Named::Nothing,
        }
    }
}

/// Elements of a line that are read. Chrome writes six.
const ELEMENTS_MAX: usize = 64;
