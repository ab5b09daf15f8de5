//! The name of the table, as a configuration has it and as SQL may contain it.
//!
//! The name is always quoted. So it can never act as anything but a name, and letter case counts. Limit:
//! TABLE_NAME_BYTES_MAX.
use std::fmt;
use std::str::FromStr;

use crate::limits::{TABLE_NAME_BYTES_MAX, TABLE_STEM_BYTES_MAX};

/// `table` (found by the user's search path) or `schema.table`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    schema: Option<String>,
    name: String,
}

impl FromStr for TableName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').collect();
        // A connection string is told by its key, and never becomes a name that is printed.
        let is_string = text.contains("://") || text.contains(['@', '=', ';']);
        let good = |part: &&str| {
            (1..=TABLE_NAME_BYTES_MAX).contains(&part.len()) && !part.contains(|c: char| c.is_control() || c == '"')
        };
        match parts.as_slice() {
            _ if is_string => Err("is no table; write it like \"rtcstats\" or \"schema.rtcstats\"".to_owned()),
            [name] if good(name) => Ok(TableName {
                schema: None,
                name: (*name).to_owned(),
            }),
            [schema, name] if good(schema) && good(name) => Ok(TableName {
                schema: Some((*schema).to_owned()),
                name: (*name).to_owned(),
            }),
            _ => Err(format!(
                "{text:?} is no table; write it like \"rtcstats\" or \"schema.rtcstats\""
            )),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl TableName {
    /// The name as an identifier in SQL. `suffix` makes another name from it in the same schema.
    pub fn quoted(&self, suffix: &str) -> String {
        let stem = if suffix.is_empty() { &self.name } else { self.stem() };
        match &self.schema {
            Some(schema) => format!("\"{schema}\".\"{stem}{suffix}\""),
            None => format!("\"{stem}{suffix}\""),
        }
    }

    /// The quoted identifier as a text in SQL, for `to_regclass`.
    pub fn literal(&self) -> String {
        self.literal_of("")
    }

    /// The same for another name, see [`TableName::quoted`].
    pub fn literal_of(&self, suffix: &str) -> String {
        format!("'{}'", self.quoted(suffix).replace('\'', "''"))
    }

    /// The beginning of the indexes' names, cut short enough that PostgreSQL itself does not cut the whole name.
    pub fn stem(&self) -> &str {
        &self.name[..self.name.floor_char_boundary(TABLE_STEM_BYTES_MAX)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_nothing_else_is_one() {
        let table: TableName = "rtcstats".parse().unwrap();
        assert_eq!(
            (table.quoted(""), table.to_string()),
            ("\"rtcstats\"".into(), "rtcstats".into())
        );
        let table: TableName = "Stats.o'r".parse().unwrap();
        assert_eq!(table.quoted("_migrations"), "\"Stats\".\"o'r_migrations\"");
        assert_eq!(table.literal(), "'\"Stats\".\"o''r\"'");
        let long = "ä".repeat(30);
        assert_eq!(long.parse::<TableName>().unwrap().stem().len(), 48);
        for text in ["", ".", "a.", ".a", "a.b.c", "a\"b", "a\nb", "a\0", &"x".repeat(64)] {
            assert!(text.parse::<TableName>().is_err(), "{text:?}");
        }
    }
}
