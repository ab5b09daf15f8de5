//! A place, and the forms in which the databases of several makers write it.
//!
//! MaxMind nests objects (`country: {iso_code: "DE"}`), others write plain texts (`country: "DE"`, `city: "Berlin"`) or
//! have a member for the code (`country_code`). A member of an unexpected type counts as missing and does not cost the
//! others.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// A place, as precise as the database has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Two letters, such as `EU`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continent: Option<String>,
    /// ISO 3166-1, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// What a database has about a network.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    continent: Part,
    continent_code: Part,
    country: Part,
    country_code: Part,
    city: Part,
    city_name: Part,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Flat(String),
    Nested(Nested),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Nested {
    code: Option<String>,
    iso_code: Option<String>,
    names: Option<Names>,
}

#[derive(Deserialize)]
struct Names {
    en: Option<String>,
}

impl Default for Part {
    fn default() -> Part {
        Part::Other(IgnoredAny)
    }
}

impl Part {
    /// The code, if the text is one and no name.
    fn code(self) -> Option<String> {
        let code = match self {
            Part::Flat(text) => Some(text),
            Part::Nested(nested) => nested.iso_code.or(nested.code),
            Part::Other(_) => None,
        };
        code.filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
    }

    fn name(self) -> Option<String> {
        let name = match self {
            Part::Flat(text) => Some(text),
            Part::Nested(nested) => nested.names.and_then(|names| names.en),
            Part::Other(_) => None,
        };
        name.filter(|name| !name.is_empty())
    }
}

impl Record {
    /// The place, if anything of it is known.
    pub(super) fn location(self) -> Option<Location> {
        let location = Location {
            continent: self.continent.code().or_else(|| self.continent_code.code()),
            country: self.country.code().or_else(|| self.country_code.code()),
            city: self.city.name().or_else(|| self.city_name.name()),
        };
        (location != Location::default()).then_some(location)
    }
}
