//! Takes one row the whole way, in a transaction that is undone: insert, reading, marking, deleting.
//!
//! What ends the way is a refusal; what only retention or erasing would meet, or what a trigger has made another value,
//! is a warning. Limits and failures are those of the statements.
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::change::{self, Deed};
use super::insert;
use crate::database::error::DatabaseError;
use crate::database::row::{Row, RowRemoval};
use crate::trial::Trial;

const MEND: &str = "look at the triggers of the catalogue, which the server does not make";

/// Whether each column is as it was given.
const COMPARE: &str = "
    SELECT created_at IS ?2, rtcstats_user IS ?3, rtcstats_conference IS ?4, rtcstats_session IS ?5, metadata IS ?6,
        blob_url IS ?7, features_url IS ?8, session_start IS ?9, session_end IS ?10
    FROM rtcstats WHERE id = ?1";

/// Tries it. `place` names the catalogue in what is told.
pub fn run(connection: &mut Connection, path: &Path, place: &str, row: &Row) -> rusqlite::Result<Vec<Trial>> {
    let what = |deed: &str| format!("{place}: {deed}");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Err(refused) = insert::alone(&transaction, path, row)? {
        return Ok(vec![Trial::refused(what("insert"), refused, MEND)]);
    }
    let others = others(&transaction, row)?;
    let read = what("insert and read back");
    let mut trials = vec![match others.is_empty() {
        true => Trial::fine(read),
        false => Trial::warning(read, format!("other values are kept in {}", others.join(", ")), MEND),
    }];
    for (deed, change) in [
        ("mark for max_age", Deed::Release { reason: "probe" }),
        ("erase", Deed::Delete),
    ] {
        let changed = change::within(&transaction, &row.reference(), change);
        trials.push(
            match changed.map_err(|error| DatabaseError::from_sqlite(path, &error)) {
                Ok(RowRemoval::Done) => Trial::fine(what(deed)),
                Ok(RowRemoval::Absent) => Trial::warning(what(deed), "no row is seen", MEND),
                Ok(RowRemoval::Kept(why)) => Trial::warning(what(deed), why, MEND),
                Err(error) => Trial::warning(what(deed), error, MEND),
            },
        );
        if transaction.is_autocommit() {
            return Ok(trials);
        }
    }
    transaction.rollback()?;
    Ok(trials)
}

fn others(connection: &Connection, row: &Row) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(COMPARE)?;
    let names: Vec<String> = statement
        .column_names()
        .filter_map(|name| Some(name.split_once(" IS ")?.0.to_owned()))
        .collect();
    insert::with_values(row, |given| {
        statement.query_row(given, |answer| {
            let mut others = Vec::new();
            for (index, name) in names.into_iter().enumerate() {
                if !answer.get::<_, bool>(index)? {
                    others.push(name);
                }
            }
            Ok(others)
        })
    })
}
