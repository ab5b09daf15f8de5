//! Brings the table to the newest form that this program knows, step by step, each step once.
//!
//! The steps are numbered files. All missing steps run in one transaction under an advisory lock. So two programs
//! that migrate at the same time do the work once, and a failure leaves the table unchanged. A small table beside it
//! (`TABLE_migrations`) records the steps. They also fit a table that exists: they only add, and never remove or
//! change anything. What is recorded of a table that is gone counts no more, unless a newer program has recorded it.
//! The tables of features, where they are wanted, have no numbers: they are made from the table of features in the
//! program, and get the columns that they lack. Limits: `DATABASE_MIGRATE_MS_MAX`, and `DATABASE_LOCK_MS_MAX` for
//! waiting while others use the table.
use tokio_postgres::{Client, Error};

use super::features;
use super::table::TableName;
use crate::database::features::{FeatureTables, TABLES};
use crate::limits::{DATABASE_LOCK_MS_MAX, DATABASE_MIGRATE_MS_MAX};

/// Number and text of each step, in order.
const STEPS: [(i32, &str); 4] = [
    (1, include_str!("../migrations/001.sql")),
    (2, include_str!("../migrations/002.sql")),
    (3, include_str!("../migrations/003.sql")),
    (4, include_str!("../migrations/004.sql")),
];

const NEWEST: i32 = STEPS[STEPS.len() - 1].0;

/// The first key of the lock, `rtcs`. Advisory locks with two keys never collide with those with one key, which inserts
/// take.
const LOCK: i32 = 0x7274_6373;

/// What a migration found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The numbers of the steps that ran now.
    pub steps: Vec<i32>,
    /// The highest recorded number.
    pub version: i32,
    /// The tables of features that were made or added to, as SQL has their names.
    pub tables: Vec<String>,
}

impl Migrated {
    /// A newer program has migrated the table; nothing was done.
    pub fn is_newer(&self) -> bool {
        self.version > NEWEST
    }
}

/// Runs the missing steps.
pub async fn migrate(client: &Client, table: &TableName, features: Option<&FeatureTables>) -> Result<Migrated, Error> {
    let record = table.quoted("_migrations");
    let (run, lock) = (DATABASE_MIGRATE_MS_MAX, DATABASE_LOCK_MS_MAX);
    client
        .batch_execute(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED;
             SET LOCAL statement_timeout = {run};
             SELECT pg_catalog.pg_advisory_xact_lock({LOCK}, 0);
             SET LOCAL lock_timeout = {lock};
             SET LOCAL client_min_messages = warning;
             CREATE TABLE IF NOT EXISTS {record}(
                 number integer PRIMARY KEY,
                 applied_at timestamp with time zone DEFAULT pg_catalog.now() NOT NULL
             )"
        ))
        .await?;
    let mut done = recorded(client, &record).await?;
    if !done.is_empty() && done.iter().all(|number| *number <= NEWEST) && is_gone(client, table).await? {
        client.batch_execute(&format!("DELETE FROM {record}")).await?;
        done.clear();
    }
    let mut migrated = Migrated {
        steps: Vec::new(),
        version: done.iter().copied().max().unwrap_or(0),
        tables: Vec::new(),
    };
    if !migrated.is_newer() {
        for (number, text) in STEPS.iter().filter(|(number, _)| !done.contains(number)) {
            client.batch_execute(&fitted(text, table)).await?;
            client
                .batch_execute(&format!("INSERT INTO {record}(number) VALUES ({number})"))
                .await?;
            migrated.steps.push(*number);
            migrated.version = migrated.version.max(*number);
        }
        if let Some(features) = features {
            migrated.tables = make_features(client, table, features).await?;
        }
    }
    client.batch_execute("COMMIT").await?;
    Ok(migrated)
}

async fn recorded(client: &Client, record: &str) -> Result<Vec<i32>, Error> {
    let rows = client.query_typed(&format!("SELECT number FROM {record}"), &[]).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

async fn is_gone(client: &Client, table: &TableName) -> Result<bool, Error> {
    let sql = format!("SELECT pg_catalog.to_regclass({}) IS NULL", table.literal());
    client.query_typed(&sql, &[]).await?[0].try_get(0)
}

/// Makes the tables of features, or adds to them. Which of them were changed is seen by counting their columns.
async fn make_features(client: &Client, table: &TableName, tables: &FeatureTables) -> Result<Vec<String>, Error> {
    let before = columns(client, table).await?;
    client.batch_execute(&features::make(table, tables)).await?;
    let after = columns(client, table).await?;
    let all = TABLES.iter().zip(before.iter().zip(&after));
    let changed = all.filter(|(_, (before, after))| before != after);
    Ok(changed.map(|(own, _)| table.quoted(own.suffix)).collect())
}

/// How many columns each table of features has.
async fn columns(client: &Client, table: &TableName) -> Result<Vec<i64>, Error> {
    let mut counts = Vec::new();
    for own in &TABLES {
        let sql = format!(
            "SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass({}) AND attnum > 0",
            table.literal_of(own.suffix)
        );
        let rows = client.query_typed(&sql, &[]).await?;
        counts.push(rows.first().map_or(Ok(0), |row| row.try_get(0))?);
    }
    Ok(counts)
}

/// The text of a step for this table. `{table}` is its quoted name, and `'{table}'` the same as a text. `{stem}` is the
/// beginning of its indexes' names; the indexes are in its schema.
fn fitted(text: &str, table: &TableName) -> String {
    text.replace("'{table}'", &table.literal())
        .replace("{table}", &table.quoted(""))
        .replace("{stem}", table.stem())
}
