//! The statistics of protocol rtcstats#5.0: wire keys of report types (RTCStatsType) and of properties.
//!
//! The names are those of "Identifiers for WebRTC's Statistics API" (W3C) and of Chromium where it has more. A property
//! is known here by a small number: its wire key. Nothing fails: what is not in the tables keeps its name.
mod tables;

use tables::{PROPERTIES, TYPES};

/// A property of a report: a key of the table, or the name of one that the table lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property(Key);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Known(u8),
    Named(&'static str),
}

/// `type` has no wire key: it is sent by its name.
pub(super) const TYPE: u8 = 0;

/// `timestamp` is sent as `t`.
pub(super) const TIMESTAMP: u8 = 1;

/// Above all keys of properties that have one.
pub const KEYS: usize = 180;

impl Property {
    pub const TYPE: Property = Property(Key::Known(TYPE));
    pub const TIMESTAMP: Property = Property(Key::Known(TIMESTAMP));

    /// The property of this name.
    pub const fn of(name: &'static str) -> Property {
        let mut key = 0;
        while key < KEYS {
            if !PROPERTIES[key].is_empty() && same(PROPERTIES[key].as_bytes(), name.as_bytes()) {
                return Property(Key::Known(key as u8));
            }
            key += 1;
        }
        Property(Key::Named(name))
    }

    pub fn name(self) -> &'static str {
        match self.0 {
            Key::Known(key) => name_of(key),
            Key::Named(name) => name,
        }
    }

    /// Its key in the table.
    pub const fn key(self) -> Option<u8> {
        match self.0 {
            Key::Known(key) => Some(key),
            Key::Named(_) => None,
        }
    }
}

/// The properties that somebody asks for, so that others need not be kept; `type` and `timestamp` are always among
/// them. Made when the program is compiled.
#[derive(Debug)]
pub struct Selection {
    keys: [bool; KEYS],
    names: [&'static str; NAMES_MAX],
}

/// How many there may be that are not in the table. With more, the program does not compile.
const NAMES_MAX: usize = 8;

impl Selection {
    /// The properties of all lists.
    pub const fn of(lists: &[&[Property]]) -> Selection {
        let (mut keys, mut names, mut named) = ([false; KEYS], [""; NAMES_MAX], 0);
        keys[TYPE as usize] = true;
        keys[TIMESTAMP as usize] = true;
        let mut list = 0;
        while list < lists.len() {
            let mut at = 0;
            while at < lists[list].len() {
                match lists[list][at].0 {
                    Key::Known(key) => keys[key as usize] = true,
                    Key::Named(name) => {
                        names[named] = name;
                        named += 1;
                    }
                }
                at += 1;
            }
            list += 1;
        }
        Selection { keys, names }
    }

    /// These and more.
    pub const fn with(&self, more: &[Property]) -> Selection {
        let mut joined = Selection::of(&[more]);
        let mut key = 0;
        while key < KEYS {
            joined.keys[key] = joined.keys[key] || self.keys[key];
            key += 1;
        }
        let (mut named, mut own) = (0, 0);
        while named < NAMES_MAX && !joined.names[named].is_empty() {
            named += 1;
        }
        while own < NAMES_MAX && !self.names[own].is_empty() {
            joined.names[named] = self.names[own];
            named += 1;
            own += 1;
        }
        joined
    }

    #[inline]
    pub(super) fn has_key(&self, key: u8) -> bool {
        self.keys[usize::from(key)]
    }

    /// Whether the property of this name, as it was sent, is one of them or may be.
    #[inline]
    pub(super) fn may_have(&self, name: &[u8]) -> bool {
        match key_of(name) {
            Some((key, _)) => self.keys[usize::from(key)],
            None => memchr::memchr(b'\\', name).is_some() || self.names.iter().any(|own| own.as_bytes() == name),
        }
    }

    pub(super) fn has(&self, property: Property) -> bool {
        match property.0 {
            Key::Known(key) => self.keys[usize::from(key)],
            Key::Named(name) => self.names.contains(&name),
        }
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

pub(super) fn name_of(key: u8) -> &'static str {
    PROPERTIES.get(usize::from(key)).copied().unwrap_or_default()
}

/// How a property is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Short,
    Full,
}

/// The key of a property by its wire key or full name.
#[inline]
pub(super) fn key_of(name: &[u8]) -> Option<(u8, Spelling)> {
    let digit = |byte: u8| byte.wrapping_sub(b'0');
    let number = match *name {
        [b't'] => return Some((TIMESTAMP, Spelling::Short)),
        [a] if digit(a) < 10 => usize::from(digit(a)),
        [a, b] if a != b'0' && digit(a) < 10 && digit(b) < 10 => 10 * usize::from(digit(a)) + usize::from(digit(b)),
        [b'1', b, c] if digit(b) < 10 && digit(c) < 10 => 100 + 10 * usize::from(digit(b)) + usize::from(digit(c)),
        _ => return full(name).map(|key| (key, Spelling::Full)),
    };
    Some((short(number)?, Spelling::Short))
}

/// The key of a property by its wire key as a number.
#[inline]
pub(super) fn short(number: usize) -> Option<u8> {
    SHORT.get(number).is_some_and(|known| *known).then_some(number as u8)
}

/// Whether a number is a wire key.
static SHORT: [bool; KEYS] = {
    let (mut known, mut key) = ([false; KEYS], TIMESTAMP as usize + 1);
    while key < KEYS {
        known[key] = !PROPERTIES[key].is_empty();
        key += 1;
    }
    known
};

/// The key of a property by its full name.
pub(super) fn full(name: &[u8]) -> Option<u8> {
    let mut place = hash(name);
    loop {
        let key = BY_NAME[place & (PLACES - 1)];
        if key == FREE {
            return None;
        }
        if PROPERTIES[usize::from(key)].as_bytes() == name {
            return Some(key);
        }
        place += 1;
    }
}

const PLACES: usize = 1024;
const FREE: u8 = u8::MAX;

/// The keys by name: each at the place of its hash, or at the next that was free.
static BY_NAME: [u8; PLACES] = by_name();

const fn by_name() -> [u8; PLACES] {
    let (mut places, mut key) = ([FREE; PLACES], 0);
    while key < KEYS {
        if !PROPERTIES[key].is_empty() {
            let mut place = hash(PROPERTIES[key].as_bytes()) & (PLACES - 1);
            while places[place] != FREE {
                place = (place + 1) & (PLACES - 1);
            }
            places[place] = key as u8;
        }
        key += 1;
    }
    places
}

/// FNV-1a over at most the first 64 bytes; no name is longer.
const fn hash(name: &[u8]) -> usize {
    let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while at < name.len() && at < 64 {
        hash = (hash ^ name[at] as u64).wrapping_mul(0x100_0000_01b3);
        at += 1;
    }
    (hash ^ (hash >> 32)) as usize
}

/// The full name, as a JSON string, of the type that a report gives as this JSON value. `None` if it stays as it is.
pub(super) fn type_of(value: &[u8]) -> Option<&'static [u8]> {
    let text = match value {
        [b'"', inside @ .., b'"'] => inside,
        number => number,
    };
    let plain = std::str::from_utf8(text).ok()?.parse::<f64>().ok()?;
    let key = plain as usize;
    let canonical = value.first() != Some(&b'"') || (text[0] != b'0' && text.iter().all(u8::is_ascii_digit));
    let name = TYPES.get(key).filter(|_| key as f64 == plain && canonical)?;
    (!name.is_empty()).then_some(name.as_bytes())
}

#[cfg(test)]
mod tests;
