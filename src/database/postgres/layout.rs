//! The columns that the table really has, and the statements that fit them.
//!
//! Three forms of the table are in use: that of `schema.sql`, the same without its primary key, and an older one with a
//! bigint identity that lacks some columns. Each may have more columns. So each connection reads the list of columns
//! once, and only columns that exist are written. Every value is sent as text with a cast to the column's type. So no
//! statement has to be prepared in a session, which suits poolers, and the table may choose its types. This file has no
//! limits of its own. Failures are texts that say what the table lacks.
use std::collections::BTreeMap;

use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row as Answer};

use super::table::TableName;
use crate::database::key::{RowKey, RowRef};
use crate::database::row::Row;

/// The columns that a row can fill. [`values`] says with what.
const COLUMNS: [&str; 11] = [
    "id",
    "created_at",
    "rtcstats_user",
    "rtcstats_conference",
    "rtcstats_session",
    "metadata",
    "blob_url",
    "features_url",
    "session_start",
    "session_end",
    "host_identifier",
];

/// What makes a dump's row unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `id uuid`, which is the dump's id.
    Id,
    /// The table numbers its rows itself, and the object's URL ends with the dump's id.
    Url,
}

/// The table as it really is.
#[derive(Debug)]
pub struct Layout {
    /// Quoted for SQL.
    table: String,
    /// The types, by name, of those of our columns that exist and can be written. `id` is included even if it cannot be
    /// written.
    types: BTreeMap<&'static str, String>,
    pub key: Key,
}

/// A statement and its parameters, all of type text.
#[derive(Debug, PartialEq)]
pub struct Statement {
    pub sql: String,
    pub values: Vec<Option<String>>,
}

impl Statement {
    /// Sends it in one round trip, prepared without a name.
    pub async fn query(&self, client: &Client) -> Result<Vec<Answer>, Error> {
        client.query_typed(&self.sql, &self.typed()).await
    }

    /// Like `query`, for a statement that returns no rows; the result is how many rows it has changed.
    pub async fn execute(&self, client: &Client) -> Result<u64, Error> {
        client.execute_typed(&self.sql, &self.typed()).await
    }

    fn typed(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let values = self.values.iter();
        values.map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect()
    }

    /// Adds a parameter and returns its placeholder.
    pub fn bind(&mut self, value: impl Into<Option<String>>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }
}

/// One column, as PostgreSQL's catalogue describes it.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: String,
    /// The table makes the value itself and accepts none.
    fixed: bool,
    /// A row without a value for it is refused.
    demanded: bool,
}

/// Reads the columns. An empty list means that there is no such table.
async fn columns(client: &Client, table: &TableName) -> Result<Vec<Column>, Error> {
    let sql = format!(
        "SELECT a.attname::text, format_type(a.atttypid, NULL),
                a.attidentity = 'a' OR a.attgenerated <> '',
                a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
         FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = to_regclass({}) AND a.attnum > 0 AND NOT a.attisdropped",
        table.literal()
    );
    let rows = client.query_typed(&sql, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Column {
                name: row.try_get(0)?,
                kind: row.try_get(1)?,
                fixed: row.try_get(2)?,
                demanded: row.try_get(3)?,
            })
        })
        .collect()
}

impl Layout {
    /// Reads the layout of the table. The inner error says what an operator has to do about it.
    pub async fn read(client: &Client, table: &TableName) -> Result<Result<Layout, String>, Error> {
        Ok(Layout::of(table, columns(client, table).await?))
    }

    fn of(table: &TableName, columns: Vec<Column>) -> Result<Layout, String> {
        if columns.is_empty() {
            return Err(format!(
                "there is no table {table}, or the user may not see it: rtcstats-server migrate makes it"
            ));
        }
        let own = |column: &Column| COLUMNS.iter().find(|name| **name == column.name).copied();
        let id = columns.iter().find(|column| column.name == "id");
        let key = match id {
            Some(id) if id.kind == "uuid" && !id.fixed => Key::Id,
            _ => Key::Url,
        };
        let writes = |column: &Column| !column.fixed && own(column).is_some_and(|name| name != "id" || key == Key::Id);
        if let Some(column) = columns.iter().find(|column| column.demanded && !writes(column)) {
            return Err(format!(
                "the table {table} demands a value for its column {:?}, and this program has none: give it a default",
                column.name
            ));
        }
        let types: BTreeMap<_, _> = columns
            .iter()
            .filter(|column| writes(column) || column.name == "id")
            .filter_map(|column| Some((own(column)?, column.kind.clone())))
            .collect();
        if key == Key::Url && !types.contains_key("blob_url") {
            return Err(format!(
                "the table {table} has neither an id of type uuid nor a blob_url: rtcstats-server migrate adds what is \
                 missing"
            ));
        }
        Ok(Layout {
            table: table.quoted(""),
            types,
            key,
        })
    }

    /// Writes the row unless it exists. To be used while the dump's lock is held.
    pub fn insert(&self, row: &Row) -> Statement {
        let mut statement = Statement {
            sql: String::new(),
            values: Vec::new(),
        };
        let (mut names, mut places, mut same) = (Vec::new(), Vec::new(), String::new());
        for (name, value) in values(row) {
            let Some(kind) = self.types.get(name).filter(|_| name != "id" || self.key == Key::Id) else {
                continue;
            };
            let place = format!("CAST({}::text AS {kind})", statement.bind(value));
            if name == self.key_column() {
                same = format!("{name} = {place}");
            }
            names.push(name);
            places.push(place);
        }
        let table = &self.table;
        statement.sql = format!(
            "INSERT INTO {table} ({}) SELECT {} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {same})",
            names.join(", "),
            places.join(", "),
        );
        statement
    }

    /// Deletes the row; and the question whether it is still there.
    pub fn remove(&self, row: &RowRef) -> (Statement, Statement) {
        let mut statement = self.empty();
        let this = self.this(row, &mut statement);
        statement.sql = format!("DELETE FROM {} WHERE {this}", self.table);
        (statement, self.is_there(row, ""))
    }

    /// Removes the URL of an object that is gone, and notes why; and the question whether the row still leads to it.
    pub fn release_blob(&self, row: &RowRef, reason: &str) -> (Statement, Statement) {
        let mut statement = self.empty();
        let mut set = Vec::new();
        if self.types.contains_key("blob_url") {
            set.push("blob_url = NULL".to_owned());
        }
        if let Some(kind) = self.types.get("metadata") {
            let mark = statement.bind(serde_json::json!({ "blobRemoved": reason }).to_string());
            // Metadata that is not an object (in another program's table) is replaced: `||` would make a list of it.
            set.push(format!(
                "metadata = CAST(((CASE jsonb_typeof(metadata::text::jsonb) WHEN 'object' THEN metadata::text::jsonb \
                 ELSE '{{}}' END) || {mark}::text::jsonb)::text AS {kind})"
            ));
        }
        let this = self.this(row, &mut statement);
        statement.sql = format!("UPDATE {} SET {} WHERE {this}", self.table, set.join(", "));
        let linked = match self.types.contains_key("blob_url") {
            true => " AND blob_url IS NOT NULL",
            false => " AND false",
        };
        (statement, self.is_there(row, linked))
    }

    fn is_there(&self, row: &RowRef, condition: &str) -> Statement {
        let mut statement = self.empty();
        let this = self.this(row, &mut statement);
        statement.sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {this}{condition})", self.table);
        statement
    }

    /// The condition for one row: by its id if that is of the kind that this table has, otherwise by its object.
    fn this(&self, row: &RowRef, statement: &mut Statement) -> String {
        match (self.key, &row.key, &row.blob_url) {
            (Key::Id, RowKey::Dump(_), _) | (Key::Url, RowKey::Number(_), _) => match self.types.get("id") {
                Some(kind) => format!("id = CAST({}::text AS {kind})", statement.bind(row.key.to_string())),
                None => "false".into(),
            },
            (_, _, Some(url)) if self.types.contains_key("blob_url") => {
                format!("blob_url = {}", statement.bind(url.clone()))
            }
            _ => "false".into(),
        }
    }

    fn key_column(&self) -> &'static str {
        match self.key {
            Key::Id => "id",
            Key::Url => "blob_url",
        }
    }

    fn empty(&self) -> Statement {
        Statement {
            sql: String::new(),
            values: Vec::new(),
        }
    }

    /// The quoted name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The type of one of our columns, if the table has it.
    pub fn kind(&self, column: &str) -> Option<&str> {
        self.types.get(column).map(String::as_str)
    }
}

/// The value for each column.
fn values(row: &Row) -> [(&'static str, Option<String>); 11] {
    let [
        id,
        created,
        user,
        conference,
        session,
        metadata,
        blob,
        features,
        start,
        end,
        host,
    ] = COLUMNS;
    [
        (id, Some(row.id.to_string())),
        (created, Some(row.created_at.to_string())),
        (user, row.labels.user.clone()),
        (conference, row.labels.conference.clone()),
        (session, row.labels.session.clone()),
        (metadata, Some(row.metadata.clone())),
        (blob, row.blob_url.clone()),
        (features, row.features_url.clone()),
        (start, Some(row.session_start.to_string())),
        (end, Some(row.session_end.to_string())),
        (host, host_identifier(row)),
    ]
}

/// The machine that recorded the session, from the metadata.
fn host_identifier(row: &Row) -> Option<String> {
    let metadata: Value = serde_json::from_str(&row.metadata).ok()?;
    Some(metadata.get("hostIdentifier")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests;
