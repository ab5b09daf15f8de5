//! The statements for the tables of features, and what those tables lack.
//!
//! The rows of a dump go to each table as one JSON list, in one statement. Every value is of its column's type before;
//! what PostgreSQL refuses all the same is an error of that statement. Nothing here talks to a server.
use serde_json::Value;

use super::layout::{Layout, Statement};
use super::table::TableName;
use crate::database::features::{Cell, Column, FeatureTables, TABLES};
use crate::database::row::clean_json;
use crate::id::Id;

/// The statements that make the tables, and add what they lack. They change nothing else.
pub fn make(table: &TableName, tables: &FeatureTables) -> String {
    let mut sql = String::new();
    for (own, columns) in TABLES.iter().zip(&tables.columns) {
        let name = table.quoted(own.suffix);
        let numbers = own.numbers.iter();
        let typed: String = numbers
            .clone()
            .map(|number| format!("{number} integer NOT NULL, "))
            .collect();
        let key: String = numbers.map(|number| format!(", {number}")).collect();
        sql +=
            &format!("CREATE TABLE IF NOT EXISTS {name}(dump_id uuid NOT NULL, {typed}PRIMARY KEY (dump_id{key}));\n");
        let columns: Vec<String> = columns
            .iter()
            .map(|(column, kind)| format!("ADD COLUMN IF NOT EXISTS \"{column}\" {}", sql_type(*kind)))
            .collect();
        sql += &format!("ALTER TABLE {name} {};\n", columns.join(", "));
    }
    sql
}

/// Why features cannot be written, if they cannot.
pub fn lacking(layout: &Layout, tables: &FeatureTables) -> Option<String> {
    for (at, columns) in tables.columns.iter().enumerate() {
        let (name, there) = (&layout.features[at], &layout.facts.features[at]);
        if there.is_empty() {
            return Some(format!(
                "features.tables is on and there is no table {name}, or the user may not see it: rtcstats-server \
                 migrate makes it"
            ));
        }
        if let Some((column, _)) = columns.iter().find(|(column, _)| !there.contains(column)) {
            return Some(format!(
                "the table {name} has no column \"{column}\": rtcstats-server migrate adds what is missing"
            ));
        }
    }
    None
}

/// Removes the rows of a dump from those tables that are there.
pub fn remove(layout: &Layout, id: Id) -> Vec<Statement> {
    let tables = layout.features.iter().zip(&layout.facts.features);
    let there = tables.filter(|(_, columns)| !columns.is_empty());
    let remove = |(name, _): (&String, _)| {
        let mut statement = Statement::default();
        let place = statement.bind(id.to_string());
        statement.sql = format!("DELETE FROM {name} WHERE dump_id = {place}::text::uuid");
        statement
    };
    there.map(remove).collect()
}

/// Writes the rows of a dump in the place of those that are there.
pub fn replace(layout: &Layout, tables: &FeatureTables, id: Id, text: &[u8]) -> Vec<Statement> {
    let mut statements = remove(layout, id);
    let Some(rows) = (tables.read)(text) else {
        return statements;
    };
    for (at, (own, columns)) in TABLES.iter().zip(&tables.columns).enumerate() {
        let list: Vec<String> = rows
            .of(at)
            .into_iter()
            .map(|(numbers, cells)| {
                let numbers = own.numbers.iter().zip(numbers);
                let numbers = numbers.map(|(name, number)| format!("\"{name}\":{number}"));
                let cells = columns.iter().zip(cells);
                let cells = cells.filter_map(|((name, _), cell)| Some(format!("\"{name}\":{}", json(cell)?)));
                format!("{{{}}}", numbers.chain(cells).collect::<Vec<_>>().join(","))
            })
            .collect();
        if list.is_empty() {
            continue;
        }
        let numbers = own.numbers.iter().map(|name| (format!("\"{name}\""), "integer"));
        let columns = columns
            .iter()
            .map(|(name, kind)| (format!("\"{name}\""), sql_type(*kind)));
        let all: Vec<(String, &str)> = numbers.chain(columns).collect();
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        let typed: Vec<String> = all.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        let mut statement = Statement::default();
        let (id, list) = (
            statement.bind(id.to_string()),
            statement.bind(format!("[{}]", list.join(","))),
        );
        let names = names.join(", ");
        statement.sql = format!(
            "INSERT INTO {}(dump_id, {names}) SELECT {id}::text::uuid, {names} \
             FROM pg_catalog.jsonb_to_recordset({list}::text::jsonb) AS rows({})",
            layout.features[at],
            typed.join(", ")
        );
        statements.push(statement);
    }
    statements
}

/// `None` for null.
fn json(cell: &Cell<'_>) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Boolean(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Real(value) => Some(format!("{value:e}")),
        Cell::Text(text) => Some(Value::from(text.as_ref()).to_string()),
        Cell::Json(json) => Some(clean_json(json)),
    }
}

fn sql_type(column: Column) -> &'static str {
    match column {
        Column::Boolean => "boolean",
        Column::Integer => "bigint",
        Column::Real => "double precision",
        Column::Text => "text",
        Column::Json => "jsonb",
    }
}
