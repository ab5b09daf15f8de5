//! What tells one row from all others: the dump's id, or what another program's table has in its place.
//!
//! A dump's id is read in two ways. In a table, only the spelling that this program writes counts. From a person, any
//! spelling of a UUID is accepted. This file contains no SQL.
use std::fmt;

use uuid::Uuid;

use crate::id::Id;

/// The content of the column `id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    Dump(Id),
    /// An older table numbers its rows itself.
    Number(i64),
    /// Neither of them: a row of another program, or no id at all (the empty text).
    Other(String),
}

impl RowKey {
    /// Reads an id as it is in a table. Another spelling of the same id or number belongs to another row.
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

/// Reads an id as a person has typed it.
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
