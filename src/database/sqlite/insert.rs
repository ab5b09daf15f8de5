//! Writes rows into the catalogue, and looks whether they are there.
//!
//! The catalogue belongs to the operator, who may have added triggers and conditions. What they refuse is undone by
//! itself, and the transaction goes on without it. A trigger that drops a row without a word is found by looking.
//! Limits and failures are those of the statements.
use std::borrow::Cow;
use std::path::Path;

use rusqlite::{Connection, ToSql, TransactionBehavior, params};

use crate::database::error::DatabaseError;
use crate::database::row::{Row, Written};

const INSERT: &str = "
    INSERT INTO rtcstats(id, created_at, rtcstats_user, rtcstats_conference, rtcstats_session, metadata, blob_url,
        features_url, session_start, session_end)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING";

/// Gives the values of a row, in the order of the columns of `INSERT`.
pub fn with_values<T>(row: &Row, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
    take(params![
        row.id.to_string(),
        row.created_at.to_string(),
        row.labels.user,
        row.labels.conference,
        row.labels.session,
        row.metadata,
        row.blob_url,
        row.features_url,
        row.session_start.to_string(),
        row.session_end.to_string(),
    ])
}

/// What became of one row.
type Answer = Result<Written, DatabaseError>;

/// Writes rows in one transaction. `None` if the refusal of a row has undone the other rows too (a trigger that the
/// operator made can do that).
pub fn together(
    connection: &mut Connection,
    path: &Path,
    rows: &[Cow<'_, Row>],
) -> rusqlite::Result<Option<Vec<Answer>>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut answers = Vec::with_capacity(rows.len());
    for row in rows {
        answers.push(alone(&transaction, path, row)?);
        if transaction.is_autocommit() {
            return Ok(None);
        }
    }
    transaction.commit()?;
    Ok(Some(answers))
}

/// Writes one row, in a transaction if there is one.
pub fn alone(connection: &Connection, path: &Path, row: &Row) -> rusqlite::Result<Answer> {
    match execute(connection, row) {
        Ok(Some(written)) => Ok(Ok(written)),
        Ok(None) => Ok(Err(DatabaseError::Row {
            path: path.to_owned(),
            cause: "a trigger drops it without a word",
        })),
        Err(error) => match DatabaseError::from_sqlite(path, &error) {
            refused @ DatabaseError::Row { .. } => Ok(Err(refused)),
            _ => Err(error),
        },
    }
}

/// Like `alone`, with nothing left of the row.
pub fn tried(connection: &mut Connection, path: &Path, row: &Row) -> rusqlite::Result<Answer> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = alone(&transaction, path, row)?;
    if !transaction.is_autocommit() {
        transaction.rollback()?;
    }
    Ok(answer)
}

/// `None` if the row is not there afterwards.
fn execute(connection: &Connection, row: &Row) -> rusqlite::Result<Option<Written>> {
    let id = row.id.to_string();
    let mut insert = connection.prepare_cached(INSERT)?;
    let changed = with_values(row, |values| insert.execute(values))?;
    if changed > 0 {
        return Ok(Some(Written::Now));
    }
    let is_there = "SELECT EXISTS (SELECT 1 FROM rtcstats WHERE id = ?1)";
    let is_there: bool = connection.query_row(is_there, [&id], |row| row.get(0))?;
    Ok(is_there.then_some(Written::Before))
}
