//! What the properties of a report mean to rules, by their keys: a table that is made at compile time.
use super::columns::{KIND, KINDS, Kind, Link, NUMBERS, TRACK};
use crate::dump::statistics::{KEYS, Property};

/// What a property of a report means, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Nothing,
    /// The first column of this property.
    Column(u8),
    Link(u8),
    Kind,
    Track,
    Timestamp,
}

/// What the property of this key means in reports of this kind.
#[inline]
pub fn meaning(kind: Kind, key: u8) -> Meaning {
    MEANINGS[kind as usize][usize::from(key)]
}

static MEANINGS: [[Meaning; KEYS]; KINDS] = {
    let mut table = [[Meaning::Nothing; KEYS]; KINDS];
    let mut kind = 0;
    while kind < KINDS {
        let mut at = NUMBERS[kind].len();
        while at > 0 {
            at -= 1;
            if let Some(key) = NUMBERS[kind][at].key() {
                table[kind][key as usize] = Meaning::Column(at as u8);
            }
        }
        let mut link = 0;
        while link < Link::COUNT {
            if let Some(key) = Link::ALL[link].1.key() {
                table[kind][key as usize] = Meaning::Link(link as u8);
            }
            link += 1;
        }
        let others = [
            (KIND, Meaning::Kind),
            (TRACK, Meaning::Track),
            (Property::TIMESTAMP, Meaning::Timestamp),
        ];
        let mut other = 0;
        while other < others.len() {
            if let Some(key) = others[other].0.key() {
                table[kind][key as usize] = others[other].1;
            }
            other += 1;
        }
        kind += 1;
    }
    table
};
