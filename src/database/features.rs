//! The tables of features beside that of dumps: of clients, connections and tracks.
//!
//! Their rows belong to a dump and have its id. They are written in the transaction of its row, in the place of those
//! that an earlier delivery has written, and go when the row goes. What is in them is given by whoever knows features:
//! the columns when a database is opened, and for each dump the text of its features, from which the rows are read one
//! dump at a time. What the tables refuse never keeps the dump's own row from being written. No limits of its own
//! (`FEATURE_TABLES_BYTES_MAX` is kept by whoever gives the text), and no failures.
use std::borrow::Cow;

use super::key::RowKey;
use super::row::RowRef;
use crate::id::Id;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Boolean,
    /// A whole number, within 2^53 on both sides.
    Integer,
    /// A double.
    Real,
    Text,
    Json,
}

/// A value of a column, of the column's type. What is of another type in the dump is null here.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    /// Has no NUL, which databases do not take.
    Text(Cow<'a, str>),
    /// One valid JSON value.
    Json(Cow<'a, str>),
}

/// The columns of the tables, and how the rows of a dump are read from the text of its features.
#[derive(Clone, Debug)]
pub struct FeatureTables {
    /// For each table, in the order of `TABLES`: names and types, in the order of the cells.
    pub columns: [Vec<(String, Column)>; 3],
    /// `None` if the text is not that of features.
    pub read: for<'a> fn(&'a [u8]) -> Option<FeatureRows<'a>>,
}

/// The rows of one dump.
#[derive(Debug, Default, PartialEq)]
pub struct FeatureRows<'a> {
    pub client: Vec<Cell<'a>>,
    pub connections: Vec<Vec<Cell<'a>>>,
    /// Each with the number of its connection, from 0.
    pub tracks: Vec<(usize, Vec<Cell<'a>>)>,
}

/// A table: what is added to the name of the table of dumps, and the columns that tell its rows apart, behind the id of
/// the dump. Connections and tracks are numbered from 1, in the order of the features.
#[derive(Debug)]
pub struct FeatureTable {
    pub suffix: &'static str,
    pub numbers: &'static [&'static str],
}

pub const TABLES: [FeatureTable; 3] = [
    FeatureTable {
        suffix: "_features_client",
        numbers: &[],
    },
    FeatureTable {
        suffix: "_features_connection",
        numbers: &["connection_number"],
    },
    FeatureTable {
        suffix: "_features_track",
        numbers: &["connection_number", "track_number"],
    },
];

/// One row of a table: its numbers, and its cells.
pub type Numbered<'r, 'a> = (Vec<i64>, &'r [Cell<'a>]);

impl<'a> FeatureRows<'a> {
    /// The rows of the table of this place in `TABLES`.
    pub fn of(&self, table: usize) -> Vec<Numbered<'_, 'a>> {
        let number = |index: usize| i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1);
        match table {
            0 => vec![(Vec::new(), &self.client)],
            1 => {
                let all = self.connections.iter().enumerate();
                all.map(|(at, cells)| (vec![number(at)], &cells[..])).collect()
            }
            _ => {
                let mut last = (usize::MAX, 0);
                let all = self.tracks.iter().map(|(connection, cells)| {
                    last = match last {
                        (same, count) if same == *connection => (same, count + 1),
                        _ => (*connection, 0),
                    };
                    (vec![number(*connection), number(last.1)], &cells[..])
                });
                all.collect()
            }
        }
    }
}

/// The dump that a row is about. In a table that numbers its rows, the name of the object says so.
pub fn dump_of(row: &RowRef) -> Option<Id> {
    match (&row.key, &row.blob_url) {
        (RowKey::Dump(id), _) => Some(*id),
        (_, Some(url)) => Id::in_name(url.rsplit('/').next()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks_are_numbered_within_their_connection() {
        let rows = FeatureRows {
            connections: vec![Vec::new(); 3],
            tracks: [0, 0, 2].map(|connection| (connection, vec![Cell::Null])).into(),
            ..FeatureRows::default()
        };
        let numbers = |table| -> Vec<Vec<i64>> { rows.of(table).into_iter().map(|row| row.0).collect() };
        assert_eq!(numbers(0), [Vec::<i64>::new()]);
        assert_eq!(numbers(1), [[1], [2], [3]]);
        assert_eq!(numbers(2), [[1, 1], [1, 2], [3, 1]]);
    }
}
