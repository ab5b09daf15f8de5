//! The rows whose dump is stored without features, and how they get them.
//!
//! An erasure may run at the same time: a row gets the URL of features only while it has that of its dump. Limits and
//! failures are those of the statements.
use rusqlite::{Connection, TransactionBehavior, params};

use super::features;
use crate::database::features::{FeatureTables, TABLES, dump_of};
use crate::database::key::RowKey;
use crate::database::row::{Linked, RowRef};

const LINK: &str = "
    UPDATE rtcstats SET features_url = ?2, metadata = CASE
        WHEN json_valid(metadata) AND json_type(metadata) = 'object' THEN json_remove(metadata, '$.featuresMissing')
        ELSE metadata END
    WHERE id = ?1 AND blob_url IS NOT NULL";

/// The rows behind that of `after`, in the order of their ids.
pub fn list(
    connection: &Connection,
    tables: Option<&FeatureTables>,
    after: Option<&RowRef>,
    limit: usize,
) -> rusqlite::Result<Vec<RowRef>> {
    let after = after.map(|row| row.key.to_string()).unwrap_or_default();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let lack = lack(connection, tables)?;
    let query = format!("SELECT id, blob_url FROM rtcstats WHERE {lack} AND id > ?1 ORDER BY id LIMIT ?2");
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map(params![after, limit], |row| {
        Ok(RowRef {
            key: RowKey::stored(row.get(0)?),
            blob_url: row.get(1)?,
            written: None,
        })
    })?;
    rows.collect()
}

/// How many there are.
pub fn count(connection: &Connection, tables: Option<&FeatureTables>) -> rusqlite::Result<u64> {
    let query = format!("SELECT count(*) FROM rtcstats WHERE {}", lack(connection, tables)?);
    let count: i64 = connection.query_row(&query, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn lack(connection: &Connection, tables: Option<&FeatureTables>) -> rusqlite::Result<String> {
    let lack = match tables {
        None => "features_url IS NULL".to_owned(),
        // A reader makes none.
        Some(_) if !features::are_there(connection)? => "true".to_owned(),
        Some(_) => format!(
            "(features_url IS NULL OR NOT EXISTS (SELECT 1 FROM {} f WHERE f.dump_id = rtcstats.id))",
            features::name(TABLES[0].suffix)
        ),
    };
    Ok(format!("blob_url IS NOT NULL AND {lack}"))
}

/// Sets the URL of the features, and writes them to the tables.
pub fn link(
    connection: &mut Connection,
    tables: Option<&FeatureTables>,
    row: &RowRef,
    url: &str,
    text: &[u8],
) -> rusqlite::Result<Linked> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = transaction.execute(LINK, [row.key.to_string().as_str(), url])?;
    if let (1.., Some(tables), Some(id)) = (changed, tables, dump_of(row)) {
        features::replace(&transaction, tables, id, text)?;
    }
    transaction.commit()?;
    Ok(match changed {
        0 => Linked::Gone,
        _ => Linked::Done,
    })
}
