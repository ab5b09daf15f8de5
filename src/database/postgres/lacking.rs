//! The rows of stored dumps that lack features or findings, and how they get them.
//!
//! They are listed by the number or id that the table has, or else by their URLs. An erasure may run at the same time:
//! a row gets something only while it has the URL of its dump. Where a table numbers its rows itself, only the URL says
//! what is lacking, not the tables of features. Failures are those of the server.
use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use super::features;
use super::findings;
use super::insert;
use super::layout::{Key, Layout, Statement};
use crate::database::features::{FeatureTables, dump_of};
use crate::database::findings::LateFindings;
use crate::database::key::RowKey;
use crate::database::row::{Addition, Lack, LackCounts, Lacking, Linked, RowRef, Wanted};

/// The rows behind that of `after`.
pub async fn list(
    client: &Client,
    layout: &Layout,
    (wanted, tables): (Wanted, Option<&FeatureTables>),
    after: Option<&RowRef>,
    limit: usize,
) -> Result<Vec<Lacking>, Error> {
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
    let (features, findings) = (lacks_features(layout, tables), lacks_findings(layout, wanted));
    statement.sql = format!(
        "SELECT {id}, blob_url::text, {features} FROM {}
         WHERE blob_url IS NOT NULL AND ({features} OR {findings}){behind} ORDER BY {order} LIMIT {limit}",
        layout.table()
    );
    let rows = statement.query(client).await?;
    rows.iter()
        .map(|row| {
            let reference = RowRef {
                key: RowKey::stored(row.try_get::<_, Option<String>>(0)?.unwrap_or_default()),
                blob_url: row.try_get(1)?,
                written: None,
            };
            let what = match row.try_get(2)? {
                true => Lack::Features,
                false => Lack::FindingsAlone,
            };
            Ok(Lacking { row: reference, what })
        })
        .collect()
}

/// How many there are.
pub async fn count(
    client: &Client,
    layout: &Layout,
    wanted: Wanted,
    tables: Option<&FeatureTables>,
) -> Result<LackCounts, Error> {
    let (features, findings) = (lacks_features(layout, tables), lacks_findings(layout, wanted));
    let statement = Statement {
        sql: format!(
            "SELECT count(*) FILTER (WHERE {features}), count(*) FILTER (WHERE NOT {features} AND {findings})
             FROM {} WHERE blob_url IS NOT NULL",
            layout.table()
        ),
        values: Vec::new(),
    };
    let rows = statement.query(client).await?;
    let count = |at| rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(at));
    Ok(LackCounts {
        features: count(0)?.unsigned_abs(),
        findings_alone: count(1)?.unsigned_abs(),
    })
}

fn lacks_features(layout: &Layout, tables: Option<&FeatureTables>) -> String {
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
        true => "true".to_owned(),
        false => format!("({})", lack.join(" OR ")),
    }
}

/// Metadata of other programs may be no object, and cannot tell findings.
fn lacks_findings(layout: &Layout, wanted: Wanted) -> String {
    match (wanted, layout.column("metadata")) {
        (Wanted::Features, _) | (_, None) => "false".to_owned(),
        (Wanted::FeaturesAndFindings, Some(column)) => {
            let is_object = match findings::is_jsonb(column) {
                true => "coalesce(jsonb_typeof(metadata) = 'object', false)",
                false => "coalesce(metadata::text ~ '^\\s*[{]', false)",
            };
            format!("({} IS NULL AND {is_object})", findings::object(layout))
        }
    }
}

/// Adds what the row lacked, and writes the features to their tables.
pub async fn complete(
    client: &Client,
    layout: &Layout,
    begin: &str,
    tables: Option<&FeatureTables>,
    row: &RowRef,
    addition: &Addition<'_>,
) -> Result<Linked, Error> {
    let id = dump_of(row);
    // The lock of the dump: a delivery may write the same rows.
    let lock = id.map(insert::lock).unwrap_or_default();
    client.batch_execute(&format!("{begin}{lock}")).await?;
    let changed = update(layout, row, addition).execute(client).await?;
    if let (1.., Some(tables), Some(id)) = (changed, tables, id) {
        let statements = features::replace(layout, tables, id, addition.features);
        let done = join_all(statements.iter().map(|statement| statement.execute(client))).await;
        done.into_iter().collect::<Result<Vec<u64>, Error>>()?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(match changed {
        0 => Linked::Gone,
        _ => Linked::Done,
    })
}

fn update(layout: &Layout, row: &RowRef, addition: &Addition<'_>) -> Statement {
    let mut statement = Statement::default();
    let mut set = Vec::new();
    if let Some(features) = layout.column("features_url") {
        let place = statement.bind(addition.features_url.to_owned());
        set.push(format!("features_url = {}", features.cast(&place)));
    }
    if let Some(metadata) = layout.column("metadata") {
        let (base, object) = (&metadata.base, "metadata::text::jsonb - 'featuresMissing'");
        let object = match addition.findings.members() {
            None => object.to_owned(),
            Some(members) => {
                let [findings, missing] = LateFindings::REPLACED;
                let place = statement.bind(members);
                format!("({object} - '{findings}' - '{missing}') || {place}::text::jsonb")
            }
        };
        set.push(format!(
            "metadata = CASE jsonb_typeof(metadata::text::jsonb) WHEN 'object' \
             THEN CAST(({object})::text AS {base}) ELSE metadata END"
        ));
    }
    let this = layout.this(row, &mut statement);
    let key = layout.key_column();
    set.extend(set.is_empty().then(|| format!("{key} = {key}")));
    let set = set.join(", ");
    statement.sql = format!(
        "UPDATE {} SET {set} WHERE {this} AND blob_url IS NOT NULL",
        layout.table()
    );
    statement
}
