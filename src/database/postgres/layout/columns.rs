//! What PostgreSQL's catalogue says about the table: its columns, and what makes it unlike others.
//!
//! Read once for each connection. The user's search path may put other schemas before `pg_catalog`, where a function or
//! an operator of the same name would be found first; then every transaction of ours begins with a path that has
//! `pg_catalog` in front, here as elsewhere. No limits of its own. Failures are those of the server.
use std::collections::BTreeSet;

use futures_util::future::try_join3;
use tokio_postgres::{Client, Error, Row as Answer, SimpleQueryMessage};

use crate::database::features::TABLES;
use crate::database::postgres::table::TableName;

/// What a column's values are compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Text,
    Time,
    /// Anything else, also the types of texts that cut what is too long without a word (`name`, `"char"`).
    Other,
}

/// One column, as PostgreSQL's catalogue describes it.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// The type without its length, and the base type of a domain. A text is cast to this and then assigned, because a
    /// cast to the whole type would cut what is too long without a word.
    pub base: String,
    /// The whole type, as an operator has written it.
    pub kind: String,
    pub class: Class,
    /// The most characters, if the type has such a limit.
    pub length: Option<usize>,
    /// The table makes the value itself and accepts none.
    pub fixed: bool,
    /// It takes no null and has no default. A trigger may fill it all the same.
    pub demanded: bool,
}

/// What is true of the table as a whole.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The database's encoding, by PostgreSQL's name.
    pub encoding: String,
    /// Row security applies to the user, and no policy lets all rows be seen.
    pub hides: bool,
    /// Columns of which a unique index tells that a dump has a row already.
    pub unique: Vec<String>,
    /// Put behind the beginning of each transaction. Empty as a rule.
    pub prelude: String,
    /// The columns of each table of features; none where there is no such table.
    pub features: [BTreeSet<String>; 3],
}

/// Reads both. An empty list means that there is no such table.
pub async fn read(client: &Client, table: &TableName) -> Result<(Vec<Column>, Facts), Error> {
    let prelude = prelude(&search_path(client).await?);
    client.batch_execute(&format!("BEGIN{prelude}")).await?;
    let (columns, facts, features) = (columns_of(table), facts_of(table), features_of(table));
    let (columns, facts, features) = try_join3(
        client.query_typed(&columns, &[]),
        client.query_typed(&facts, &[]),
        client.query_typed(&features, &[]),
    )
    .await?;
    client.batch_execute("COMMIT").await?;
    let columns = columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let mut known = Facts {
        prelude,
        ..Facts::default()
    };
    if let Some(row) = facts.first() {
        (known.encoding, known.hides, known.unique) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    }
    for row in &features {
        let (table, column): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
        if let Some(columns) = usize::try_from(table).ok().and_then(|at| known.features.get_mut(at)) {
            columns.insert(column);
        }
    }
    Ok((columns, known))
}

async fn search_path(client: &Client) -> Result<String, Error> {
    let answer = client.simple_query("SHOW search_path").await?;
    let path = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(path.unwrap_or_default().to_owned())
}

/// A path that does not name `pg_catalog` has it in front already.
fn prelude(path: &str) -> String {
    if !path.contains("pg_catalog") {
        return String::new();
    }
    let path = path.replace('\'', "''").replace('\\', "\\\\");
    format!("; SELECT pg_catalog.set_config('search_path', E'pg_catalog, {path}', true)")
}

fn column(row: &Answer) -> Result<Column, Error> {
    let (name, category): (String, String) = (row.try_get(3)?, row.try_get(4)?);
    let modifier: i32 = row.try_get(5)?;
    let class = match name.as_str() {
        "timestamptz" | "timestamp" | "date" => Class::Time,
        "name" | "char" => Class::Other,
        _ if category == "S" => Class::Text,
        _ => Class::Other,
    };
    // The modifier of these types is the length and four bytes for a header that once was.
    let length = match name.as_str() {
        "varchar" | "bpchar" => usize::try_from(modifier - 4).ok(),
        _ => None,
    };
    Ok(Column {
        name: row.try_get(0)?,
        base: row.try_get(1)?,
        kind: row.try_get(2)?,
        class,
        length,
        fixed: row.try_get(6)?,
        demanded: row.try_get(7)?,
    })
}

fn columns_of(table: &TableName) -> String {
    format!(
        "WITH RECURSIVE kinds(attnum, typid, typmod, filled) AS (
             SELECT attnum, atttypid, atttypmod, false FROM pg_catalog.pg_attribute
             WHERE attrelid = pg_catalog.to_regclass({table}) AND attnum > 0 AND NOT attisdropped
             UNION ALL
             SELECT k.attnum, t.typbasetype, t.typtypmod, k.filled OR t.typdefault IS NOT NULL
             FROM kinds k JOIN pg_catalog.pg_type t ON t.oid = k.typid WHERE t.typtype = 'd'
         )
         SELECT a.attname::text, pg_catalog.format_type(t.oid, -1), pg_catalog.format_type(a.atttypid, a.atttypmod),
                t.typname::text, t.typcategory::text, k.typmod,
                a.attidentity = 'a' OR a.attgenerated <> '',
                a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND NOT k.filled
         FROM kinds k JOIN pg_catalog.pg_type t ON t.oid = k.typid AND t.typtype <> 'd'
         JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass({table}) AND a.attnum = k.attnum",
        table = table.literal()
    )
}

/// The columns of the tables of features, each with the number of its table.
fn features_of(table: &TableName) -> String {
    let tables = TABLES.iter().enumerate();
    let tables = tables.map(|(at, own)| format!("({at}, {})", table.literal_of(own.suffix)));
    format!(
        "SELECT t.number, a.attname::text FROM (VALUES {}) AS t(number, name)
         JOIN pg_catalog.pg_attribute a
             ON a.attrelid = pg_catalog.to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped",
        tables.collect::<Vec<_>>().join(", ")
    )
}

/// A policy whose condition is the constant `true` lets all rows be seen, unless another one restricts them. A unique
/// index on the time of the session too, as a partitioned table needs it, meets the same dump again; one on other
/// columns, on an expression or on a part of the rows may not.
fn facts_of(table: &TableName) -> String {
    format!(
        "WITH policies AS (
             SELECT p.polpermissive, pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true' AS always
             FROM pg_catalog.pg_policy p
             WHERE p.polrelid = pg_catalog.to_regclass({table}) AND p.polcmd IN ('*', 'r')
                 AND EXISTS (SELECT 1 FROM pg_catalog.unnest(p.polroles) AS role
                             WHERE role = 0 OR pg_catalog.pg_has_role(role, 'USAGE'))
         )
         SELECT pg_catalog.current_setting('server_encoding'),
                coalesce(pg_catalog.row_security_active(c.oid), false)
                    AND (NOT EXISTS (SELECT 1 FROM policies WHERE polpermissive AND always)
                         OR EXISTS (SELECT 1 FROM policies WHERE NOT polpermissive)),
                ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index x
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attname IN ('id', 'blob_url')
                          AND a.attnum IN (SELECT x.indkey[n]
                                           FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS n)
                      WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
                          AND NOT EXISTS (
                              SELECT 1 FROM pg_catalog.generate_series(0, x.indnkeyatts - 1) AS n
                              LEFT JOIN pg_catalog.pg_attribute k ON k.attrelid = x.indrelid AND k.attnum = x.indkey[n]
                              WHERE k.attname IS NULL
                                  OR k.attname NOT IN (a.attname, 'session_start', 'session_end')))
         FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass({table})",
        table = table.literal()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_comes_first_on_every_path() {
        for path in ["\"$user\", public", "", "\"\"", "app"] {
            assert_eq!(prelude(path), "", "{path}");
        }
        assert_eq!(
            prelude("own, \"it's\", pg_catalog"),
            "; SELECT pg_catalog.set_config('search_path', E'pg_catalog, own, \"it''s\", pg_catalog', true)"
        );
    }
}
