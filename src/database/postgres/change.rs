//! Deletes a row, or marks it as one without an object, and looks what came of it.
//!
//! A statement that changes nothing is no error for PostgreSQL: row security may hide the row from it, a trigger may
//! pass over it, a rule may put another statement in its place. So the changed rows are counted, and the same
//! transaction looks for the row afterwards. The features of a dump leave their tables with its row. The transaction is
//! committed, or undone where only the outcome was asked for. No limits of its own. Failures are those of the server.
use tokio_postgres::{Client, Error};

use super::features;
use super::layout::{Key, Layout, Statement};
use super::link::LinkError;
use super::refusal::{self, Refusal};
use crate::database::features::dump_of;
use crate::database::row::{Ending, Row, RowRef, RowRemoval};

/// What is to be done with a row, and the question whether it was in vain.
pub type Change = (Statement, Statement);

/// Deletes the row, or shows what would come of it. The samples are rows that a table may take.
pub async fn remove(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    samples: &[Row],
    ending: Ending,
) -> Result<RowRemoval, Error> {
    let features = dump_of(row).map_or_else(Vec::new, |id| features::remove(layout, id));
    let change = (layout.remove(row), features);
    whole(client, layout, begin, row, samples, change, ending).await
}

/// Marks the row as one without an object.
pub async fn release(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    samples: &[Row],
    reason: &str,
) -> Result<RowRemoval, Error> {
    // In a table that numbers its rows, nothing would tell later whose features these are.
    let features = match layout.key {
        Key::Id => Vec::new(),
        Key::Url => dump_of(row).map_or_else(Vec::new, |id| features::remove(layout, id)),
    };
    let change = (layout.release_blob(row, reason), features);
    whole(client, layout, begin, row, samples, change, Ending::Commit).await
}

async fn whole(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    samples: &[Row],
    (change, features): (Change, Vec<Statement>),
    ending: Ending,
) -> Result<RowRemoval, Error> {
    client.batch_execute(begin).await?;
    let changed = within(client, layout, change).await?;
    if !matches!(changed, RowRemoval::Kept(_)) {
        for statement in &features {
            statement.execute(client).await?;
        }
    }
    client
        .batch_execute(match ending {
            Ending::Commit => "COMMIT",
            Ending::Rollback => "ROLLBACK",
        })
        .await?;
    if changed == RowRemoval::Absent && layout.facts.hides {
        return Ok(match sight(client, layout, begin, row, samples).await? {
            Sight::Nothing => RowRemoval::Absent,
            Sight::Hidden => RowRemoval::Kept("row security hides the row from this user".to_owned()),
            Sight::Unclear => RowRemoval::Kept("row security may hide the row from this user".to_owned()),
        });
    }
    Ok(changed)
}

/// What is known of a row that cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Nothing speaks for a row.
    Nothing,
    /// There is one.
    Hidden,
    Unclear,
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

/// Whether row security hides a row that was not found: only its unique index still tells of it, to a row with the same
/// key. A table may refuse such a row for other reasons before it looks, so several are tried; if it takes none of
/// them, nothing speaks for a row.
pub async fn sight(
    client: &Client,
    layout: &Layout,
    begin: &str,
    row: &RowRef,
    samples: &[Row],
) -> Result<Sight, Error> {
    for twin in layout.twins(row, samples) {
        client
            .batch_execute(&format!("{begin}; SET CONSTRAINTS ALL IMMEDIATE"))
            .await?;
        let written = twin.execute(client).await;
        client.batch_execute("ROLLBACK").await?;
        let error = match written {
            Ok(_) => return Ok(Sight::Nothing),
            Err(error) if error.as_db_error().is_none() => return Err(error),
            Err(error) => LinkError::from(error),
        };
        let Some(refusal) = Refusal::of(&error) else {
            return Ok(Sight::Unclear);
        };
        if refusal::is_of_the_key(client, layout, begin, &refusal).await? {
            return Ok(Sight::Hidden);
        }
    }
    Ok(Sight::Nothing)
}
