//! What tells one row from all others: the dump's id, or what a table of others has in its place.
//!
//! A dump's id is read here in two ways: as this program writes it, for what stands in a table, and in any spelling of
//! a UUID, for what a person has typed. Never here: SQL.
use std::fmt;

use uuid::Uuid;

use crate::id::Id;

/// What stands in the column `id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    Dump(Id),
    /// An older table numbers its rows itself.
    Number(i64),
    /// Neither: a row of another program, or none at all (the empty text).
    Other(String),
}

/// A row for whoever needs nothing else of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRef {
    pub key: RowKey,
    /// Where a table numbers its rows itself, the object is what tells that the row is the dump's.
    pub blob_url: Option<String>,
}

impl RowKey {
    /// As it stands in a table. Another spelling of the same id or number is another row's.
    pub(super) fn stored(text: String) -> RowKey {
        if let Ok(id) = text.parse() {
            return RowKey::Dump(id);
        }
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => RowKey::Number(number),
            _ => RowKey::Other(text),
        }
    }
}

/// As a person has typed it.
impl From<&str> for RowKey {
    fn from(text: &str) -> RowKey {
        match (Uuid::try_parse(text), text.parse()) {
            (Ok(uuid), _) => RowKey::Dump(uuid.into()),
            (_, Ok(number)) => RowKey::Number(number),
            _ => RowKey::Other(text.to_owned()),
        }
    }
}

impl From<Id> for RowKey {
    fn from(id: Id) -> RowKey {
        RowKey::Dump(id)
    }
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RowKey::Dump(id) => id.fmt(f),
            RowKey::Number(number) => number.fmt(f),
            RowKey::Other(text) => text.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn a_stored_key_is_written_back_as_it_was() {
        for text in [ID, &ID.to_uppercase(), "17", "-1", "017", "+17", "", "x"] {
            assert_eq!(RowKey::stored(text.to_owned()).to_string(), text);
        }
        assert_eq!(RowKey::stored(ID.to_owned()), RowKey::Dump(ID.parse().unwrap()));
        assert_eq!(RowKey::stored("17".to_owned()), RowKey::Number(17));
    }

    #[test]
    fn a_typed_id_is_the_same_however_it_is_spelled() {
        for text in [ID.to_owned(), ID.to_uppercase(), ID.replace('-', "")] {
            assert_eq!(RowKey::from(text.as_str()), RowKey::Dump(ID.parse().unwrap()));
        }
        assert_eq!(RowKey::from("17"), RowKey::Number(17));
        assert_eq!(RowKey::from("' OR true"), RowKey::Other("' OR true".to_owned()));
    }
}
