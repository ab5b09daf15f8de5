//! Deletes a row of the catalogue, or marks it as one without an object, and looks what came of it.
//!
//! The catalogue belongs to the operator, who may have added triggers: they can pass over a row or put it back, and the
//! statement succeeds all the same. So the same transaction looks for the row afterwards. The
//! features of a dump leave their tables with its row. Limits and failures are those
//! of the statement.
use rusqlite::{Connection, TransactionBehavior};

use super::features;
use crate::database::row::{Ending, RowRef, RowRemoval};

/// What is to be done with the row.
#[derive(Debug, Clone, Copy)]
pub enum Deed<'a> {
    Delete,
    Release { reason: &'a str },
}

const DELETE: &str = "DELETE FROM rtcstats WHERE id = ?1";

/// Metadata of other programs that is not an object is replaced by an object with the mark.
const RELEASE: &str = "
    UPDATE rtcstats SET blob_url = NULL, features_url = NULL, metadata = CASE
        WHEN json_valid(metadata) AND json_type(metadata) = 'object' THEN json_set(metadata, '$.blobRemoved', ?2)
        ELSE json_object('blobRemoved', ?2) END
    WHERE id = ?1";

/// Changes the row in a transaction of its own.
pub fn change(
    connection: &mut Connection,
    row: &RowRef,
    deed: Deed<'_>,
    ending: Ending,
) -> rusqlite::Result<RowRemoval> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = within(&transaction, row, deed)?;
    match ending {
        Ending::Commit => transaction.commit()?,
        Ending::Rollback => transaction.rollback()?,
    }
    Ok(changed)
}

/// Changes the row in a transaction that has begun, and looks for it afterwards.
pub fn within(connection: &Connection, row: &RowRef, deed: Deed<'_>) -> rusqlite::Result<RowRemoval> {
    let key = row.key.to_string();
    let (changed, still) = match deed {
        Deed::Delete => (connection.execute(DELETE, [&key])?, ""),
        Deed::Release { reason } => (
            connection.execute(RELEASE, [key.as_str(), reason])?,
            " AND blob_url IS NOT NULL",
        ),
    };
    let in_vain = format!("SELECT EXISTS (SELECT 1 FROM rtcstats WHERE id = ?1{still})");
    let in_vain = connection.query_row(&in_vain, [&key], |row| row.get(0))?;
    if let (false, Deed::Delete) = (in_vain, deed) {
        features::remove(connection, &key)?;
    }
    Ok(match (in_vain, changed) {
        (true, _) => RowRemoval::Kept("a trigger of the catalogue keeps the row as it is".to_owned()),
        (false, 0) => RowRemoval::Absent,
        (false, _) => RowRemoval::Done,
    })
}
