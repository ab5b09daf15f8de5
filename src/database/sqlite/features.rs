//! The tables of features in the catalogue: made when they are wanted, and kept together with the rows of dumps.
//!
//! The version of the catalogue stays what it is, so that programs without these tables go on using it. They are made
//! when the catalogue is opened; columns that they lack are added. Limits and failures are those of the statements.
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior, params_from_iter};

use crate::database::features::{Cell, Column, FeatureTables, TABLES};
use crate::id::Id;

/// Makes what is missing.
pub fn make(connection: &mut Connection, tables: &FeatureTables) -> rusqlite::Result<()> {
    if lacking(connection, tables)?.is_empty() {
        return Ok(());
    }
    // Looked at again under the lock, because another process may do the same.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for statement in lacking(&transaction, tables)? {
        transaction.execute_batch(&statement)?;
    }
    transaction.commit()
}

/// The statements that make what is missing.
fn lacking(connection: &Connection, tables: &FeatureTables) -> rusqlite::Result<Vec<String>> {
    let mut statements = Vec::new();
    for (table, columns) in TABLES.iter().zip(&tables.columns) {
        let name = name(table.suffix);
        let mut there = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let there: Vec<String> = there.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let typed = |(column, kind): &(String, Column)| format!("\"{column}\" {}", sql_type(*kind));
        if there.is_empty() {
            let numbers = table.numbers.iter().map(|number| format!("{number} INTEGER NOT NULL"));
            let all: Vec<String> = numbers.chain(columns.iter().map(typed)).collect();
            let key: String = table.numbers.iter().map(|number| format!(", {number}")).collect();
            statements.push(format!(
                "CREATE TABLE {name}(dump_id TEXT NOT NULL, {}, PRIMARY KEY (dump_id{key}))",
                all.join(", ")
            ));
        } else {
            let new = columns.iter().filter(|(column, _)| !there.contains(column));
            statements.extend(new.map(|column| format!("ALTER TABLE {name} ADD COLUMN {}", typed(column))));
        }
    }
    Ok(statements)
}

/// Writes the rows of a dump, in the place of those that are there.
pub fn replace(connection: &Connection, tables: &FeatureTables, id: Id, text: &[u8]) -> rusqlite::Result<()> {
    let id = id.to_string();
    remove(connection, &id)?;
    let Some(rows) = (tables.read)(text) else { return Ok(()) };
    for (at, (table, columns)) in TABLES.iter().zip(&tables.columns).enumerate() {
        let names: String = columns.iter().map(|(column, _)| format!(", \"{column}\"")).collect();
        let numbers: String = table.numbers.iter().map(|number| format!(", {number}")).collect();
        let places = ", ?".repeat(table.numbers.len() + columns.len());
        let insert = format!(
            "INSERT INTO {}(dump_id{numbers}{names}) VALUES (?{places})",
            name(table.suffix)
        );
        let mut insert = connection.prepare_cached(&insert)?;
        for (numbers, cells) in rows.of(at) {
            let numbers = numbers.into_iter().map(Bound::Number);
            let cells = cells.iter().map(Bound::Cell);
            insert.execute(params_from_iter(
                [Bound::Text(&id)].into_iter().chain(numbers).chain(cells),
            ))?;
        }
    }
    Ok(())
}

/// Removes the rows of a dump, also where the tables are not wanted any more.
pub fn remove(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    for table in &TABLES {
        let name = name(table.suffix);
        if exists(connection, &name)? {
            connection.execute(&format!("DELETE FROM {name} WHERE dump_id = ?1"), [id])?;
        }
    }
    Ok(())
}

/// Whether the table of clients, which has a row of each dump that is in the tables, is there.
pub fn are_there(connection: &Connection) -> rusqlite::Result<bool> {
    exists(connection, &name(TABLES[0].suffix))
}

fn exists(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)";
    connection.query_row(sql, [name], |row| row.get(0))
}

pub fn name(suffix: &str) -> String {
    format!("rtcstats{suffix}")
}

fn sql_type(column: Column) -> &'static str {
    match column {
        // SQLite has no type of its own for these; 0 and 1.
        Column::Boolean | Column::Integer => "INTEGER",
        Column::Real => "REAL",
        Column::Text | Column::Json => "TEXT",
    }
}

enum Bound<'a> {
    Text(&'a str),
    Number(i64),
    Cell(&'a Cell<'a>),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = |text| ToSqlOutput::Borrowed(ValueRef::Text(str::as_bytes(text)));
        Ok(match self {
            Bound::Text(value) => text(value),
            Bound::Number(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Bound::Cell(Cell::Null) => ToSqlOutput::Owned(Value::Null),
            Bound::Cell(Cell::Boolean(value)) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
            Bound::Cell(Cell::Integer(value)) => ToSqlOutput::Owned(Value::Integer(*value)),
            Bound::Cell(Cell::Real(value)) => ToSqlOutput::Owned(Value::Real(*value)),
            Bound::Cell(Cell::Text(value) | Cell::Json(value)) => text(value),
        })
    }
}
