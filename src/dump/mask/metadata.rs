//! Masks the metadata line of a dump. Its members were written by the server (or came with an upload).
//!
//! Addresses in `origin` and `userAgent` stay: the first names the operator's page, and the second only looks as if it
//! contained addresses (`Chrome/156.0.0.0`). Both still lose tokens and other secrets. Everything else is masked as
//! text, including unknown members and their names.
use std::net::IpAddr;

use serde_json::{Map, Value};

use super::address;
use super::masker::Masker;
use super::text::Sort;

/// What the value of a member is.
fn sort_of(name: &str) -> Sort {
    match name {
        "url" => Sort::Url,
        "origin" | "userAgent" => Sort::Secrets,
        _ => Sort::Text,
    }
}

impl Masker<'_> {
    /// Masks the members of a metadata object in place. If there is a locator, adds `locations`: one for each remote
    /// address, null where it is unknown. The recursion is as deep as the object, and its parser has limited that
    /// depth.
    pub fn metadata(&mut self, metadata: &mut Map<String, Value>) {
        let locations = self.locations(metadata.get("remoteAddresses"));
        if self.rules.addresses {
            let members = std::mem::take(metadata);
            for (name, value) in members {
                let value = match value {
                    Value::String(text) => Value::String(self.masked(sort_of(&name), text)),
                    other => self.value(other),
                };
                metadata.insert(self.masked(Sort::Text, name), value);
            }
        }
        if let Some(locations) = locations {
            metadata.insert("locations".to_owned(), locations);
        }
    }

    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.masked(Sort::Text, text)),
            Value::Array(values) => values.into_iter().map(|value| self.value(value)).collect(),
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (self.masked(Sort::Text, name), self.value(value)))
                    .collect(),
            ),
            other => other,
        }
    }

    fn masked(&mut self, sort: Sort, text: String) -> String {
        let mut out = Vec::with_capacity(text.len());
        self.text(sort, text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn locations(&self, addresses: Option<&Value>) -> Option<Value> {
        let (locate, addresses) = (self.locate?, addresses?.as_array()?);
        let location = |value: &Value| {
            let address: IpAddr = address::exact(value.as_str()?.trim().as_bytes())?;
            serde_json::to_value(locate(address.to_canonical())?).ok()
        };
        Some(
            addresses
                .iter()
                .map(|value| location(value).unwrap_or_default())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
