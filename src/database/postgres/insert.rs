//! Writes rows: one transaction with three round trips, for one row or for many, and one more for each dump whose
//! features go to tables.
//!
//! All locks are taken first, in a fixed order, in a statement of their own, for two reasons. Without a fixed order,
//! two processes with the same dumps could wait for each other for ever. And the statement that looks for a row must
//! begin after its lock was given, or it would not see what was committed while the transaction waited. The inserts are
//! sent without waiting for each other's answers. If one is refused, the server does not look at the later ones, so it
//! is not known which of them it would have refused. Where nothing was inserted, the transaction looks for the row: a
//! trigger may have dropped it. What a refusal means is decided elsewhere.
use std::borrow::Cow;

use futures_util::future::join_all;
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use super::features;
use super::layout::{Layout, Statement};
use crate::database::features::FeatureTables;
use crate::database::row::{Ending, Row, Written};
use crate::fault;
use crate::id::Id;

/// Writes the missing rows. `begin` is the text that begins the transaction. `None` stands for a row that is not there
/// although the server has reported success.
pub async fn insert(
    client: &Client,
    layout: &Layout,
    begin: &str,
    rows: &[Cow<'_, Row>],
    tables: Option<&FeatureTables>,
    ending: Ending,
) -> Result<Vec<Option<Written>>, Error> {
    client.batch_execute(&format!("{begin}{}", locks(rows))).await?;
    fault::point("row begun");
    let statements: Vec<Statement> = rows.iter().map(|row| layout.insert(row)).collect();
    let answers = join_all(statements.iter().map(|statement| statement.execute(client))).await;
    // The first failure gives the reason; the others only say that there was one.
    let changed = answers.into_iter().collect::<Result<Vec<u64>, Error>>()?;
    let answers = rows.iter().zip(changed).map(async |(row, changed)| match changed {
        0 => before(client, layout, row).await,
        _ => Ok(Some(Written::Now)),
    });
    let written = join_all(answers).await.into_iter().collect::<Result<Vec<_>, Error>>()?;
    if let Some(tables) = tables {
        let there = rows.iter().zip(&written).filter(|(_, written)| written.is_some());
        for (row, _) in there {
            write_features(client, layout, tables, row).await?;
        }
    }
    fault::point("row inserted");
    client
        .batch_execute(match ending {
            Ending::Commit => "COMMIT",
            Ending::Rollback => "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK",
        })
        .await?;
    fault::point("row committed");
    Ok(written)
}

/// The rows of one dump in the tables of features, in one round trip.
async fn write_features(client: &Client, layout: &Layout, tables: &FeatureTables, row: &Row) -> Result<(), Error> {
    let Some(text) = &row.features else { return Ok(()) };
    let statements = features::replace(layout, tables, row.id, text);
    let done = join_all(statements.iter().map(|statement| statement.execute(client))).await;
    done.into_iter().collect::<Result<Vec<u64>, Error>>().map(drop)
}

/// Nothing was inserted: either there is a row already, or the table drops what it is given.
async fn before(client: &Client, layout: &Layout, row: &Row) -> Result<Option<Written>, Error> {
    let answer = layout.is_written(row).query(client).await?;
    let is_there = answer.first().map_or(Ok(false), |row| row.try_get(0))?;
    Ok(is_there.then_some(Written::Before))
}

/// The locks of these rows, as statements.
pub fn locks(rows: &[Cow<'_, Row>]) -> String {
    let mut locks: Vec<i64> = rows.iter().map(|row| lock_of(row.id)).collect();
    locks.sort_unstable();
    locks.dedup();
    locks.into_iter().map(taken).collect()
}

/// The lock of one dump, as a statement.
pub fn lock(id: Id) -> String {
    taken(lock_of(id))
}

fn taken(lock: i64) -> String {
    format!("; SELECT pg_catalog.pg_advisory_xact_lock({lock})")
}

/// The number of a dump's lock: both halves of its id combined by XOR, because one is random and the other is mostly
/// time.
fn lock_of(id: Id) -> i64 {
    let (high, low) = Uuid::from(id).as_u64_pair();
    (high ^ low).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_taken_in_one_order_whatever_that_of_the_rows() {
        let row = |id: &str| -> Cow<'_, Row> {
            let id: Id = id.parse().unwrap();
            Cow::Owned(Row {
                id,
                created_at: Default::default(),
                labels: Default::default(),
                metadata: String::new(),
                blob_url: None,
                features_url: None,
                session_start: Default::default(),
                session_end: Default::default(),
                features: None,
            })
        };
        let one = row("00000000-0000-0000-0000-000000000001");
        let minus_one = row("ffffffff-ffff-ffff-0000-000000000000");
        let two = row("00000000-0000-0003-0000-000000000001");
        let expected = "; SELECT pg_catalog.pg_advisory_xact_lock(-1); SELECT pg_catalog.pg_advisory_xact_lock(1); \
                        SELECT pg_catalog.pg_advisory_xact_lock(2)";
        let rows = [two, one.clone(), minus_one, one];
        assert_eq!(locks(&rows), expected);
        assert_eq!(locks(&[rows[1].clone(), rows[2].clone(), rows[0].clone()]), expected);
    }
}
