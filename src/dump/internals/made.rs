//! An event that the importer has put together, in buffers that are used again for the next one.
use super::string;
use crate::dump::decode;
use crate::dump::json::Json;
use crate::dump::table::Method;

#[derive(Default)]
pub struct Made {
    /// Milliseconds since 1970.
    pub timestamp: f64,
    pub method: Named,
    /// JSON.
    pub value: Vec<u8>,
    /// JSON values, separated by commas.
    pub extra: Vec<u8>,
}

#[derive(Default)]
pub enum Named {
    Known(&'static Method),
    /// A JSON string.
    Other(Vec<u8>),
    #[default]
    Nothing,
}

impl Named {
    pub fn of(name: &[u8]) -> Named {
        match Method::of_text(name) {
            Some(method) if method.name.as_bytes() == name => Named::Known(method),
            _ => {
                let mut out = Vec::with_capacity(name.len() + 2);
                string::write(name, &mut out);
                Named::Other(out)
            }
        }
    }
}

impl Made {
    /// Begins another event, whose value is null and without extra.
    pub fn begin(&mut self, timestamp: f64, method: Named) {
        self.timestamp = timestamp;
        self.method = method;
        self.value.clear();
        self.value.extend_from_slice(b"null");
        self.extra.clear();
    }

    pub fn set(&mut self, value: &[u8]) {
        self.value.clear();
        self.value.extend_from_slice(value);
    }

    /// Appends a string to what follows the value.
    pub fn add_text(&mut self, text: &[u8]) {
        if !self.extra.is_empty() {
            self.extra.push(b',');
        }
        string::write(text, &mut self.extra);
    }

    /// Appends a value to what follows the value.
    pub fn add(&mut self, value: Json) {
        if !self.extra.is_empty() {
            self.extra.push(b',');
        }
        self.extra.extend_from_slice(value.raw());
    }

    pub fn method(&self) -> decode::Method<'_> {
        match &self.method {
            Named::Known(method) => decode::Method::Known(method),
            Named::Other(name) => decode::Method::Other(Json::checked(name)),
            Named::Nothing => decode::Method::Other(Json::NULL),
        }
    }

    /// The value, which is JSON.
    pub fn json(&self) -> Json<'_> {
        Json::checked(&self.value)
    }
}
