//! Deletes a row, or marks it as one without an object, and looks what came of it.
//!
//! A statement that changes nothing is no error for PostgreSQL: row security may hide the row from it, a trigger may
//! pass over it, a rule may put another statement in its place. So the changed rows are counted, and the same
//! transaction looks for the row afterwards. It is committed, or undone where only the outcome was asked for. No limits
//! of its own. Failures are those of the server.
use tokio_postgres::{Client, Error};

use super::layout::{Layout, Statement};
use crate::database::row::{Ending, RowRemoval};

/// Does `what.0`, and asks with `what.1` whether it has been in vain. `begin` is the text that begins the transaction.
pub async fn change(
    client: &Client,
    _layout: &Layout,
    begin: &str,
    (deed, left): (Statement, Statement),
    ending: Ending,
) -> Result<RowRemoval, Error> {
    client.batch_execute(begin).await?;
    let changed = deed.execute(client).await?;
    client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
    let rows = left.query(client).await?;
    let is_left = rows.first().map_or(Ok(false), |row| row.try_get(0))?;
    client
        .batch_execute(match ending {
            Ending::Commit => "COMMIT",
            Ending::Rollback => "ROLLBACK",
        })
        .await?;
    Ok(match (is_left, changed) {
        (true, _) => {
            RowRemoval::Kept("row security, a trigger or a rule of the table keeps the row as it is".to_owned())
        }
        (false, 0) => RowRemoval::Absent,
        (false, _) => RowRemoval::Done,
    })
}
