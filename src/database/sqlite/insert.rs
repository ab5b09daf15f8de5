//! Writes rows into the catalogue, and looks whether they are there.
//!
//! The catalogue belongs to the operator, who may have added triggers and conditions. What they refuse is undone by
//! itself, and the transaction goes on without it; so does
//! what the tables of features refuse. A trigger that drops a row without a word is found by looking.
//! Limits and failures are those of the statements.
use std::borrow::Cow;
use std::path::Path;

use rusqlite::{Connection, ToSql, TransactionBehavior, params};

use super::features;
use crate::database::error::DatabaseError;
use crate::database::features::FeatureTables;
use crate::database::row::{Row, Written};
use crate::id::Id;

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

/// Where rows are written to.
#[derive(Clone, Copy)]
pub struct Catalogue<'a> {
    pub path: &'a Path,
    /// The tables that get the features of dumps.
    pub features: Option<&'a FeatureTables>,
}

impl Catalogue<'_> {
    /// Writes rows in one transaction. `None` if the refusal of a row has undone the other rows too (a trigger that the
    /// operator made can do that).
    pub fn together(self, connection: &mut Connection, rows: &[Cow<'_, Row>]) -> rusqlite::Result<Option<Vec<Answer>>> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut answers = Vec::with_capacity(rows.len());
        for row in rows {
            answers.push(self.one(&transaction, row)?);
            if transaction.is_autocommit() {
                return Ok(None);
            }
        }
        transaction.commit()?;
        Ok(Some(answers))
    }

    /// Writes one row in a transaction of its own. If that of its features undoes all, it goes without them.
    pub fn alone(self, connection: &mut Connection, row: &Row) -> rusqlite::Result<Answer> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let answer = self.one(&transaction, row)?;
        let is_undone = transaction.is_autocommit();
        match is_undone {
            true => drop(transaction),
            false => transaction.commit()?,
        }
        match (&answer, is_undone) {
            (Ok(_), true) => {
                let bare = Catalogue { features: None, ..self };
                bare.alone(connection, row)
            }
            _ => Ok(answer),
        }
    }

    /// Writes one row with its features, in the transaction that there is.
    fn one(self, connection: &Connection, row: &Row) -> rusqlite::Result<Answer> {
        let answer = alone(connection, self.path, row)?;
        if let (Ok(_), Some(tables), Some(text)) = (&answer, self.features, &row.features) {
            self.features_of(connection, tables, row.id, text)?;
        }
        Ok(answer)
    }

    /// What the tables refuse stays out of them, and only that.
    fn features_of(self, connection: &Connection, tables: &FeatureTables, id: Id, text: &[u8]) -> rusqlite::Result<()> {
        connection.execute_batch("SAVEPOINT features")?;
        let Err(error) = features::replace(connection, tables, id, text) else {
            return connection.execute_batch("RELEASE features");
        };
        match DatabaseError::from_sqlite(self.path, &error) {
            DatabaseError::Row { cause, .. } => {
                log::warn!("the features of dump {id} are not in their tables, which refuse them: {cause}");
                match connection.is_autocommit() {
                    true => Ok(()),
                    false => connection.execute_batch("ROLLBACK TO features; RELEASE features"),
                }
            }
            _ => Err(error),
        }
    }
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
