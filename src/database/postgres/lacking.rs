//! The rows whose dump is stored without features, and how they get them.
//!
//! They are listed by the number or id that the table has, or else by their URLs. An erasure may run at the same time:
//! a row gets the URL of features only while it has that of its dump. Where a table numbers its rows itself, only the
//! URL says what is lacking, not the tables of features. Failures are those of the server.
use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use super::features;
use super::insert;
use super::layout::{Key, Layout, Statement};
use crate::database::features::{FeatureTables, dump_of};
use crate::database::key::RowKey;
use crate::database::row::{Linked, RowRef};

/// The rows behind that of `after`.
pub async fn list(
    client: &Client,
    layout: &Layout,
    tables: Option<&FeatureTables>,
    after: Option<&RowRef>,
    limit: usize,
) -> Result<Vec<RowRef>, Error> {
    let mut statement = Statement::default();
    let order = layout.column("id").or(layout.column("blob_url"));
    let behind = match (order, after) {
        (Some(column), Some(row)) => {
            let last = match column.name.as_str() {
                "id" => Some(row.key.to_string()),
                _ => row.blob_url.clone(),
            };
            let place = statement.bind(last);
            format!(" AND {} > {}", column.name, column.cast(&place))
        }
        _ => String::new(),
    };
    let (id, order) = (
        layout.column("id").map_or("NULL", |_| "id::text"),
        order.map_or("1", |column| column.name.as_str()),
    );
    statement.sql = format!(
        "SELECT {id}, blob_url::text FROM {} WHERE {}{behind} ORDER BY {order} LIMIT {limit}",
        layout.table(),
        lack(layout, tables)
    );
    let rows = statement.query(client).await?;
    rows.iter()
        .map(|row| {
            Ok(RowRef {
                key: RowKey::stored(row.try_get::<_, Option<String>>(0)?.unwrap_or_default()),
                blob_url: row.try_get(1)?,
                written: None,
            })
        })
        .collect()
}

/// How many there are.
pub async fn count(client: &Client, layout: &Layout, tables: Option<&FeatureTables>) -> Result<u64, Error> {
    let statement = Statement {
        sql: format!("SELECT count(*) FROM {} WHERE {}", layout.table(), lack(layout, tables)),
        values: Vec::new(),
    };
    let rows = statement.query(client).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
    Ok(count.unsigned_abs())
}

fn lack(layout: &Layout, tables: Option<&FeatureTables>) -> String {
    let url = layout.column("features_url").map(|_| "features_url IS NULL".to_owned());
    let rows = match (tables, layout.key, layout.facts.features[0].is_empty()) {
        (Some(_), Key::Id, false) => Some(format!(
            "NOT EXISTS (SELECT 1 FROM {} f WHERE f.dump_id = {}.id)",
            layout.features[0],
            layout.table()
        )),
        _ => None,
    };
    let lack: Vec<String> = url.into_iter().chain(rows).collect();
    match lack.is_empty() {
        true => "blob_url IS NOT NULL".to_owned(),
        false => format!("blob_url IS NOT NULL AND ({})", lack.join(" OR ")),
    }
}

/// Sets the URL of the features, and writes them to the tables.
pub async fn link(
    client: &Client,
    layout: &Layout,
    begin: &str,
    tables: Option<&FeatureTables>,
    row: &RowRef,
    (url, text): (&str, &[u8]),
) -> Result<Linked, Error> {
    let id = dump_of(row);
    // The lock of the dump: a delivery may write the same rows.
    let lock = id.map(insert::lock).unwrap_or_default();
    client.batch_execute(&format!("{begin}{lock}")).await?;
    let changed = layout.link_features(row, url).execute(client).await?;
    if let (1.., Some(tables), Some(id)) = (changed, tables, id) {
        let statements = features::replace(layout, tables, id, text);
        let done = join_all(statements.iter().map(|statement| statement.execute(client))).await;
        done.into_iter().collect::<Result<Vec<u64>, Error>>()?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(match changed {
        0 => Linked::Gone,
        _ => Linked::Done,
    })
}
