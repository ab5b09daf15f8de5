//! Readers that accept a value both as TOML has it and as an environment variable has it, which is always a text.
//!
//! So one structure reads both layers, and a list may be written as `a, b` in the file, too. Never here: what the
//! values mean beyond their form. Failures go to serde, which adds where they are.
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// How one item of a list is read from its text.
pub type Parse<T> = fn(&str) -> Result<T, String>;

/// A list of items that can be read from a text.
pub fn list<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    list_by(deserializer, |text| {
        text.parse().map_err(|error: T::Err| error.to_string())
    })
}

/// A list whose items are read by `parse`. Its errors are words for the operator.
pub fn list_by<'de, D: Deserializer<'de>, T>(deserializer: D, parse: Parse<T>) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_any(List(parse))
}

/// Like [`list`]. The `Option` says whether the key was given at all: a list of secrets that was emptied by mistake
/// must not let everyone in.
pub fn optional_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    list(deserializer).map(Some)
}

/// A whole number.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    struct Count;
    impl Visitor<'_> for Count {
        type Value = usize;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<usize, E> {
            usize::try_from(number).map_err(|_| E::custom("must be a whole number, not negative"))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<usize, E> {
            text.trim()
                .parse()
                .map_err(|_| E::custom(format!("{text:?} is no whole number")))
        }
    }
    deserializer.deserialize_any(Count)
}

/// Yes or no, read into the type that says what the answer means.
pub fn flag<'de, D: Deserializer<'de>, T: From<bool>>(deserializer: D) -> Result<T, D::Error> {
    struct Flag;
    impl Visitor<'_> for Flag {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
            Ok(value)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
            text.trim()
                .parse()
                .map_err(|_| E::custom(format!("{text:?} is neither true nor false")))
        }
    }
    deserializer.deserialize_any(Flag).map(T::from)
}

/// A path that may be left out. An empty one cancels what a lower layer has set.
pub fn optional_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    Ok(Some(path).filter(|path| !path.as_os_str().is_empty()))
}

/// A text that may be left out. An empty one cancels what a lower layer has set.
pub fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A list of texts, or one text with commas. `none` and `[]` are empty lists that somebody meant.
struct List<T>(Parse<T>);

impl<'de, T> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        if ["none", "[]"].contains(&text.trim()) {
            return Ok(Vec::new());
        }
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(|item| (self.0)(item).map_err(E::custom)).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(Item(self.0))? {
            items.push(item);
        }
        Ok(items)
    }
}

/// One item. It has a visitor of its own, so that an error points at the item's own line.
struct Item<T>(Parse<T>);

impl<'de, T> DeserializeSeed<'de> for Item<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T> Visitor<'_> for Item<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text.trim()).map_err(E::custom)
    }
}
