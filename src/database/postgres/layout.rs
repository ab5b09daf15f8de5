//! The columns that the table really has, and the statements that fit them.
//!
//! Three forms of the table are in use: that of `schema.sql`, the same without its primary key, and an older one with a
//! bigint identity that lacks some columns. Each may have more columns. So each connection reads the list of columns
//! once, and only columns that exist are written. Every value is sent as text, cast to the column's type without its
//! length, and assigned. So no statement has to be prepared in a session, which suits poolers, the table may choose its
//! types, and what does not fit is refused and not cut. Whether the table can be filled is not foretold: the server
//! decides when it is tried. This file has no limits of its own. Failures are texts that say what the table lacks.
mod columns;

use std::collections::BTreeMap;

use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row as Answer, RowStream};

use super::table::TableName;
use crate::database::features::TABLES;
use crate::database::key::RowKey;
use crate::database::row::{Row, RowRef};
pub use columns::{Class, Column, Facts};

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
    /// The table as an expression of SQL for its number in the catalogue.
    pub regclass: String,
    /// Those of our columns that exist and can be written. `id` is included even if it cannot be written.
    columns: BTreeMap<&'static str, Column>,
    /// Columns for which this program has no value, and the table no default. A trigger may fill them.
    pub demanded: Vec<String>,
    pub key: Key,
    pub facts: Facts,
    /// The quoted names of the tables of features, whether they exist or not.
    pub features: [String; 3],
}

/// A statement and its parameters, all of type text.
#[derive(Debug, Default, PartialEq)]
pub struct Statement {
    pub sql: String,
    pub values: Vec<Option<String>>,
}

impl Statement {
    /// Sends it in one round trip, prepared without a name.
    pub async fn query(&self, client: &Client) -> Result<Vec<Answer>, Error> {
        client.query_typed(&self.sql, &self.typed()).await
    }

    /// Like `query`, for an answer that may be long.
    pub async fn stream(&self, client: &Client) -> Result<RowStream, Error> {
        client.query_typed_raw(&self.sql, self.typed()).await
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

impl Layout {
    /// Reads the layout of the table. The inner error says what an operator has to do about it.
    pub async fn read(client: &Client, table: &TableName) -> Result<Result<Layout, String>, Error> {
        let (columns, facts) = columns::read(client, table).await?;
        Ok(Layout::of(table, columns, facts))
    }

    fn of(table: &TableName, columns: Vec<Column>, facts: Facts) -> Result<Layout, String> {
        if columns.is_empty() {
            return Err(format!(
                "there is no table {table}, or the user may not see it: rtcstats-server migrate makes it"
            ));
        }
        let own = |column: &Column| COLUMNS.iter().find(|name| **name == column.name).copied();
        let id = columns.iter().find(|column| column.name == "id");
        let key = match id {
            Some(id) if id.base == "uuid" && !id.fixed => Key::Id,
            _ => Key::Url,
        };
        let writes = |column: &Column| !column.fixed && own(column).is_some_and(|name| name != "id" || key == Key::Id);
        let demanded = columns.iter().filter(|column| column.demanded && !writes(column));
        let demanded = demanded.map(|column| column.name.clone()).collect();
        let columns: BTreeMap<_, _> = columns
            .into_iter()
            .filter(|column| writes(column) || column.name == "id")
            .filter_map(|column| Some((own(&column)?, column)))
            .collect();
        if key == Key::Url && !columns.contains_key("blob_url") {
            return Err(format!(
                "the table {table} has neither an id of type uuid nor a blob_url: rtcstats-server migrate adds what is \
                 missing"
            ));
        }
        Ok(Layout {
            table: table.quoted(""),
            regclass: format!("pg_catalog.to_regclass({})", table.literal()),
            columns,
            demanded,
            key,
            facts,
            features: TABLES.map(|own| table.quoted(own.suffix)),
        })
    }

    /// Writes the row unless it exists. To be used while the dump's lock is held.
    pub fn insert(&self, row: &Row) -> Statement {
        let (mut statement, same) = self.insert_always(row);
        statement.sql += &format!(" WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {same})", self.table);
        statement
    }

    /// Writes the row; and the condition for a row of the same dump.
    fn insert_always(&self, row: &Row) -> (Statement, String) {
        let mut statement = Statement::default();
        let (mut names, mut places, mut same) = (Vec::new(), Vec::new(), String::new());
        for (name, value) in values(row) {
            let Some(column) = self.written(name) else {
                continue;
            };
            let place = statement.bind(value);
            if name == self.key_column() {
                same = self.same(column, &place);
            }
            names.push(name);
            places.push(column.cast(&place));
        }
        let (names, places) = (names.join(", "), places.join(", "));
        statement.sql = format!("INSERT INTO {} ({names}) SELECT {places}", self.table);
        (statement, same)
    }

    /// The question whether there is a row of this dump that the user can see.
    pub fn is_written(&self, row: &Row) -> Statement {
        self.is_there(&row.reference(), "")
    }

    /// Rows with the key of this one: one that has nothing else, and the samples. Only a transaction that is undone may
    /// write them.
    pub fn twins(&self, row: &RowRef, samples: &[Row]) -> Vec<Statement> {
        let with_key = |sample: &Row| match (self.key, &row.key, &row.blob_url) {
            (Key::Id, RowKey::Dump(id), _) => Some(Row {
                id: *id,
                ..sample.clone()
            }),
            (Key::Url, _, Some(url)) => Some(Row {
                blob_url: Some(url.clone()),
                ..sample.clone()
            }),
            _ => None,
        };
        let whole: Vec<Row> = samples.iter().filter_map(with_key).collect();
        let bare = whole.first().and_then(|row| self.bare(row));
        let whole = whole.iter().map(|row| self.insert_always(row).0);
        bare.into_iter().chain(whole).collect()
    }

    fn bare(&self, row: &Row) -> Option<Statement> {
        let mut statement = Statement::default();
        let name = self.key_column();
        let value = match self.key {
            Key::Id => Some(row.id.to_string()),
            Key::Url => row.blob_url.clone(),
        };
        let place = self.written(name)?.cast(&statement.bind(value));
        statement.sql = format!("INSERT INTO {} ({name}) SELECT {place}", self.table);
        Some(statement)
    }

    /// Why a dump could get a second row, if it could: the user may not see the first one, and nothing else tells.
    pub fn repeats(&self) -> Option<String> {
        let key = self.key_column();
        (self.facts.hides && !self.facts.unique.iter().any(|column| column == key)).then(|| {
            format!(
                "row security may hide rows from this user, and no unique index on {key} keeps a dump from getting a \
                 second row: let the user see all rows (a policy FOR SELECT USING (true)), or make a unique index on \
                 {key}"
            )
        })
    }

    /// For each value of the row whose type refuses it or may refuse it: the column, and what asks the server, or
    /// nothing if the value is too long.
    pub fn suspects(&self, row: &Row) -> Vec<(&Column, Option<Statement>)> {
        let suspect = |(name, value): (&str, Option<String>)| {
            let (column, value) = (self.written(name)?, value?);
            if let Some(most) = column.length {
                // Blanks at the end are cut by SQL's own rule.
                return (value.trim_end_matches(' ').chars().count() > most).then_some((column, None));
            }
            let mut statement = Statement::default();
            let place = statement.bind(value);
            statement.sql = format!("SELECT CAST({place}::text AS {})::text", column.kind);
            Some((column, Some(statement)))
        };
        values(row).into_iter().filter_map(suspect).collect()
    }

    /// Deletes the row; and the question whether it is still there.
    pub fn remove(&self, row: &RowRef) -> (Statement, Statement) {
        let mut statement = Statement::default();
        let this = self.this(row, &mut statement);
        statement.sql = format!("DELETE FROM {} WHERE {this}", self.table);
        (statement, self.is_there(row, ""))
    }

    /// Removes the URL of an object that is gone, and notes why; and the question whether the row still leads to it.
    pub fn release_blob(&self, row: &RowRef, reason: &str) -> (Statement, Statement) {
        let mut statement = Statement::default();
        let mut set = Vec::new();
        for link in ["blob_url", "features_url"] {
            if self.columns.contains_key(link) {
                set.push(format!("{link} = NULL"));
            }
        }
        if let Some(metadata) = self.columns.get("metadata") {
            let mark = statement.bind(serde_json::json!({ "blobRemoved": reason }).to_string());
            // Metadata that is not an object (in another program's table) is replaced: `||` would make a list of it.
            set.push(format!(
                "metadata = CAST(((CASE jsonb_typeof(metadata::text::jsonb) WHEN 'object' THEN metadata::text::jsonb \
                 ELSE '{{}}' END) || {mark}::text::jsonb)::text AS {})",
                metadata.base
            ));
        }
        let this = self.this(row, &mut statement);
        statement.sql = format!("UPDATE {} SET {} WHERE {this}", self.table, set.join(", "));
        let linked = match self.columns.contains_key("blob_url") {
            true => " AND blob_url IS NOT NULL",
            false => " AND false",
        };
        (statement, self.is_there(row, linked))
    }

    fn is_there(&self, row: &RowRef, condition: &str) -> Statement {
        let mut statement = Statement::default();
        let this = self.this(row, &mut statement);
        statement.sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {this}{condition})", self.table);
        statement
    }

    /// The condition for one row: by its id if that is of the kind that this table has, otherwise by its object.
    pub fn this(&self, row: &RowRef, statement: &mut Statement) -> String {
        match (self.key, &row.key, &row.blob_url) {
            (Key::Id, RowKey::Dump(_), _) | (Key::Url, RowKey::Number(_), _) => match self.columns.get("id") {
                Some(column) => self.same(column, &statement.bind(row.key.to_string())),
                None => "false".into(),
            },
            (_, _, Some(url)) => match self.columns.get("blob_url") {
                Some(column) => self.same(column, &statement.bind(url.clone())),
                None => "false".into(),
            },
            _ => "false".into(),
        }
    }

    /// The condition that a column has exactly this value. An index serves it if the column is of a common type. Where
    /// a type cuts texts or accepts few of them, the texts are compared.
    pub fn same(&self, column: &Column, place: &str) -> String {
        let name = &column.name;
        let is_number = || matches!(column.base.as_str(), "uuid" | "bigint" | "integer" | "smallint");
        match column.class {
            Class::Text | Class::Time => format!("{name} = {}", column.cast(place)),
            Class::Other if name == "id" && is_number() => format!("{name} = {}", column.cast(place)),
            Class::Other => format!("{name}::text = {place}::text"),
        }
    }

    /// The column that tells dumps apart.
    pub fn key_column(&self) -> &'static str {
        match self.key {
            Key::Id => "id",
            Key::Url => "blob_url",
        }
    }

    /// The quoted name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// One of our columns, if the table has it.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// One of our columns, if rows get a value for it.
    fn written(&self, name: &str) -> Option<&Column> {
        self.columns.get(name).filter(|_| name != "id" || self.key == Key::Id)
    }

    /// Those of our columns that the table lacks, except what only some tables have.
    pub fn lacking(&self) -> impl Iterator<Item = &'static str> {
        let optional = ["id", "host_identifier"];
        let own = COLUMNS.into_iter().filter(move |name| !optional.contains(name));
        own.filter(|name| !self.columns.contains_key(name))
    }
}

impl Column {
    /// A parameter as a value that can be assigned to the column.
    pub fn cast(&self, place: &str) -> String {
        format!("CAST({place}::text AS {})", self.base)
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
