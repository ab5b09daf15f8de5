//! Deletes a row, or marks it as one without an object, and looks what came of it.
//!
//! A statement that changes nothing is no error for PostgreSQL: row security may hide the row from it, a trigger may
//! pass over it, a rule may put another statement in its place. So the changed rows are counted, and the same
//! transaction looks for the row afterwards. It is committed, or undone where only the outcome was asked for. No limits
//! of its own. Failures are those of the server.
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::layout::{Layout, Statement};
use crate::database::key::RowRef;
use crate::database::row::{Ending, RowRemoval};

/// What is to be done with a row, and the question whether it was in vain.
pub type Change = (Statement, Statement);

/// Deletes the row, or shows what would come of it.
pub async fn remove(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    ending: Ending,
) -> Result<RowRemoval, Error> {
    whole(client, layout, begin, row, layout.remove(row), ending).await
}

/// Marks the row as one without an object.
pub async fn release(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    reason: &str,
) -> Result<RowRemoval, Error> {
    let change = layout.release_blob(row, reason);
    whole(client, layout, begin, row, change, Ending::Commit).await
}

async fn whole(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    change: Change,
    ending: Ending,
) -> Result<RowRemoval, Error> {
    client.batch_execute(begin).await?;
    let changed = within(client, layout, change).await?;
    client
        .batch_execute(match ending {
            Ending::Commit => "COMMIT",
            Ending::Rollback => "ROLLBACK",
        })
        .await?;
    if changed == RowRemoval::Absent && layout.facts.hides {
        return hidden(client, layout, begin, row).await;
    }
    Ok(changed)
}

/// Makes the change in a transaction that has begun.
pub async fn within(client: &Client, layout: &Layout, (deed, in_vain): Change) -> Result<RowRemoval, Error> {
    let changed = deed.execute(client).await?;
    client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
    let answer = in_vain.query(client).await?;
    let in_vain = answer.first().map_or(Ok(false), |row| row.try_get(0))?;
    Ok(match (in_vain, changed) {
        (true, _) => RowRemoval::Kept(hindrance(client, layout).await?),
        (false, 0) => RowRemoval::Absent,
        (false, _) => RowRemoval::Done,
    })
}

/// What of the table may have kept the row as it is.
async fn hindrance(client: &Client, layout: &Layout) -> Result<String, Error> {
    let sql = format!(
        "SELECT 'its trigger ' || quote_ident(tgname) FROM pg_trigger
         WHERE tgrelid = {0} AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 24 <> 0
         UNION ALL
         SELECT 'its rule ' || quote_ident(rulename) FROM pg_rewrite WHERE ev_class = {0} AND ev_type IN ('2', '4')
         UNION ALL
         SELECT 'row security, without a policy FOR UPDATE and DELETE' WHERE row_security_active({0}::oid)",
        layout.regclass
    );
    let rows = client.query_typed(&sql, &[]).await?;
    let found = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<Vec<String>, _>>()?;
    Ok(match found.is_empty() {
        true => "the table keeps the row as it is".to_owned(),
        false => format!("the table keeps the row as it is: {}", found.join(" or ")),
    })
}

/// Whether row security hides a row that was not found: only its unique index still tells of it.
async fn hidden(client: &Client, layout: &Layout, begin: &str, row: &RowRef) -> Result<RowRemoval, Error> {
    let Some(bare) = layout.bare(row) else {
        return Ok(RowRemoval::Absent);
    };
    client.batch_execute(begin).await?;
    let written = bare.execute(client).await;
    client.batch_execute("ROLLBACK").await?;
    Ok(match written {
        Ok(_) => RowRemoval::Absent,
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            RowRemoval::Kept("row security hides the row from this user".to_owned())
        }
        Err(error) if error.as_db_error().is_none() => return Err(error),
        Err(_) => RowRemoval::Kept("row security may hide the row from this user".to_owned()),
    })
}
