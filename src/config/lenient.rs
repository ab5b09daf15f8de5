//! Readers that take a value as TOML has it and as an environment variable has it, which is always a text.
//!
//! So one structure reads both layers, and a list may be written `a, b` in the file too. Never here: what the values
//! mean beyond their form. Failures go to serde, which adds where they stand.
use crate::network::Network;
use crate::redact::Secret;
use log::LevelFilter;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// How one item of a list is read from its text.
type Parse<T> = fn(&str) -> Result<T, String>;

/// Listen addresses.
pub fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    deserializer.deserialize_any(List(|text| {
        text.parse().map_err(|_| {
            format!(
                "{text:?} is no address with a port; write it like \"[::]:8080\" (all, IPv4 too) or \"127.0.0.1:8080\" \
                 (this machine only)"
            )
        })
    }))
}

/// Networks in CIDR notation.
pub fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    deserializer.deserialize_any(List(|text| {
        text.parse()
            .map_err(|error: crate::network::NetworkError| error.to_string())
    }))
}

/// Origins as browsers send them (RFC 6454 §6.2).
pub fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(List(origin))
}

/// Secrets. The option says whether the key was given at all: a list that was emptied by mistake must not open the door.
pub fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Secret>>, D::Error> {
    deserializer
        .deserialize_any(List(|text| Ok(Secret::new(text))))
        .map(Some)
}

fn origin(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err("\"*\" is no origin; leave the list empty to allow every page".to_string());
    }
    let host = text.split_once("://").map_or("", |(_, host)| host);
    let plain =
        !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']) && !text.contains(char::is_uppercase);
    if plain || text == "null" {
        return Ok(text.to_string());
    }
    Err(format!(
        "{text:?} is no origin; write it as browsers send it, in small letters, without a path: \"https://example.org\""
    ))
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

/// Yes or no.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
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
    deserializer.deserialize_any(Flag)
}

/// A path that need not be there; an empty one takes back what a lower layer has set.
pub fn optional_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    Ok(Some(path).filter(|path| !path.as_os_str().is_empty()))
}

/// A text that need not be there; an empty one takes back what a lower layer has set.
pub fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A log level by its name.
pub fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LevelFilter, D::Error> {
    let name = String::deserialize(deserializer)?;
    let levels = "\"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\"";
    name.trim()
        .parse()
        .map_err(|_| D::Error::custom(format!("{name:?} is no log level; write {levels}")))
}

/// Writes a log level as it is read.
pub fn write_level<S: Serializer>(level: &LevelFilter, serializer: S) -> Result<S::Ok, S::Error> {
    level.as_str().to_ascii_lowercase().serialize(serializer)
}

/// Writes networks as they are read.
pub fn write_networks<S: Serializer>(networks: &[Network], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(networks.iter().map(Network::to_string))
}

/// A list of texts, or one text with commas.
struct List<T>(Parse<T>);

impl<'de, T> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
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

/// One item, read by a visitor of its own so that an error stands at its own line.
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
