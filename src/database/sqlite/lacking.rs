//! The rows of stored dumps that lack features or findings, and how they get them.
//!
//! An erasure may run at the same time: a row gets something only while it has the URL of its dump. Limits and failures
//! are those of the statements.
use rusqlite::{Connection, TransactionBehavior, params};

use super::features;
use super::search::FINDINGS;
use crate::database::features::{FeatureTables, TABLES, dump_of};
use crate::database::findings::LateFindings;
use crate::database::key::RowKey;
use crate::database::row::{Addition, Lack, LackCounts, Lacking, Linked, RowRef, Wanted};

/// The rows behind that of `after`, in the order of their ids.
pub fn list(
    connection: &Connection,
    wanted: Wanted,
    tables: Option<&FeatureTables>,
    after: Option<&RowRef>,
    limit: usize,
) -> rusqlite::Result<Vec<Lacking>> {
    let after = after.map(|row| row.key.to_string()).unwrap_or_default();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let features = lacks_features(connection, tables)?;
    let query = format!(
        "SELECT id, blob_url, {features} FROM rtcstats
         WHERE blob_url IS NOT NULL AND ({features} OR {}) AND id > ?1 ORDER BY id LIMIT ?2",
        lacks_findings(wanted)
    );
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map(params![after, limit], |row| {
        let reference = RowRef {
            key: RowKey::stored(row.get(0)?),
            blob_url: row.get(1)?,
            written: None,
        };
        let what = match row.get(2)? {
            true => Lack::Features,
            false => Lack::FindingsAlone,
        };
        Ok(Lacking { row: reference, what })
    })?;
    rows.collect()
}

/// How many there are.
pub fn count(connection: &Connection, wanted: Wanted, tables: Option<&FeatureTables>) -> rusqlite::Result<LackCounts> {
    let features = lacks_features(connection, tables)?;
    let query = format!(
        "SELECT count(*) FILTER (WHERE {features}), count(*) FILTER (WHERE NOT {features} AND {})
         FROM rtcstats WHERE blob_url IS NOT NULL",
        lacks_findings(wanted)
    );
    let (features, findings): (i64, i64) = connection.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(LackCounts {
        features: features.unsigned_abs(),
        findings_alone: findings.unsigned_abs(),
    })
}

fn lacks_features(connection: &Connection, tables: Option<&FeatureTables>) -> rusqlite::Result<String> {
    Ok(match tables {
        None => "(features_url IS NULL)".to_owned(),
        // A reader makes none.
        Some(_) if !features::are_there(connection)? => "true".to_owned(),
        Some(_) => format!(
            "(features_url IS NULL OR NOT EXISTS (SELECT 1 FROM {} f WHERE f.dump_id = rtcstats.id))",
            features::name(TABLES[0].suffix)
        ),
    })
}

/// Metadata of other programs may be no object, and cannot tell findings.
fn lacks_findings(wanted: Wanted) -> String {
    match wanted {
        Wanted::Features => "false".to_owned(),
        Wanted::FeaturesAndFindings => format!("({FINDINGS} IS NULL AND {IS_OBJECT})"),
    }
}

/// The order in which SQLite looks at the sides of an AND is its own.
const IS_OBJECT: &str = "CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE false END";

/// Adds what the row lacked, and writes the features to their tables.
pub fn complete(
    connection: &mut Connection,
    tables: Option<&FeatureTables>,
    row: &RowRef,
    addition: &Addition<'_>,
) -> rusqlite::Result<Linked> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let members = addition.findings.members();
    let [findings, missing] = LateFindings::REPLACED;
    let replaced = match &members {
        Some(_) => format!(", '$.{findings}', '$.{missing}'"),
        None => String::new(),
    };
    let update = format!(
        "UPDATE rtcstats SET features_url = ?2, metadata = CASE WHEN {IS_OBJECT}
             THEN json_patch(json_remove(metadata, '$.featuresMissing'{replaced}), ?3) ELSE metadata END
         WHERE id = ?1 AND blob_url IS NOT NULL"
    );
    let members = members.as_deref().unwrap_or("{}");
    let changed = transaction.execute(&update, [row.key.to_string().as_str(), addition.features_url, members])?;
    if let (1.., Some(tables), Some(id)) = (changed, tables, dump_of(row)) {
        features::replace(&transaction, tables, id, addition.features)?;
    }
    transaction.commit()?;
    Ok(match changed {
        0 => Linked::Gone,
        _ => Linked::Done,
    })
}
