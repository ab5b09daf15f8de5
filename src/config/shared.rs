//! A table that feeds several rooms: each of its keys is passed to the options of the room that owns it.
//!
//! serde's `flatten` could do this, but a table that uses it cannot refuse unknown keys, and its errors lose the line.
//! So a list of `key => room.field` says where each key goes, and the room's own reader reads it, as a table of this
//! one key. Never here: what a key means. Failures go to serde and name the place of the key or of its value.
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};

/// Declares a table as the options of its rooms and the list of its keys.
macro_rules! shared_table {
    (
        $(#[$attribute:meta])*
        $name:ident { $($room:ident: $options:ty),+ }
        $($key:ident => $target:ident.$field:ident,)+
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize)]
        pub struct $name {
            $(
                #[serde(flatten)]
                pub $room: $options,
            )+
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const KEYS: &[&str] = &[$(stringify!($key)),+];
                struct Reader;
                impl<'de> serde::de::Visitor<'de> for Reader {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a table")
                    }

                    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<$name, M::Error> {
                        let mut table = $name::default();
                        while let Some(key) = map.next_key_seed($crate::config::shared::OneOf(KEYS))? {
                            let entry = $crate::config::shared::Entry::new(key, &mut map);
                            match key {
                                $(
                                    stringify!($key) => {
                                        table.$target.$field = entry.read_like(&table.$target)?.$field;
                                    }
                                )+
                                other => return Err(serde::de::Error::unknown_field(other, KEYS)),
                            }
                        }
                        Ok(table)
                    }
                }
                deserializer.deserialize_struct(stringify!($name), KEYS, Reader)
            }
        }
    };
}
pub(super) use shared_table;

/// Reads a name that is one of these, so that the error for any other name points at the name.
pub struct OneOf(pub &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for OneOf {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for OneOf {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<&'static str, E> {
        let known = self.0.iter().find(|known| **known == name);
        known.copied().ok_or_else(|| E::unknown_field(name, self.0))
    }
}

/// One key of a table with its value, which is not read yet, as a table of its own.
pub struct Entry<'a, M> {
    key: Option<&'static str>,
    map: &'a mut M,
}

impl<'a, 'de, M: MapAccess<'de>> Entry<'a, M> {
    pub fn new(key: &'static str, map: &'a mut M) -> Self {
        Entry { key: Some(key), map }
    }

    /// The options of a room in which only this one key is set. `_like` serves only to give their type.
    pub fn read_like<T: Deserialize<'de>>(self, _like: &T) -> Result<T, M::Error> {
        T::deserialize(MapAccessDeserializer::new(self))
    }
}

impl<'de, M: MapAccess<'de>> MapAccess<'de> for Entry<'_, M> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, M::Error> {
        let key = self.key.take();
        key.map(|key| seed.deserialize(key.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        self.map.next_value_seed(seed)
    }
}
