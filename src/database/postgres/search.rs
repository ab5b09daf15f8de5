//! Finds rows in the table as it is. A missing column counts as empty and matches no filter.
//!
//! The filter's limit bounds how many rows are held. Values of other programs that are not valid times here (before
//! 1970, infinite) read as 1970, so that they do not hide the row.
use tokio_postgres::{Client, Error, Row as Answer};

use super::layout::{Key, Layout, Statement};
use crate::database::key::RowKey;
use crate::database::row::{Filter, Found, Row};
use crate::labels::Labels;
use crate::time::UnixMs;

/// The rows that match the filter, newest session first.
pub async fn find(client: &Client, layout: &Layout, filter: &Filter) -> Result<Vec<Found>, Error> {
    let rows = select(layout, filter).query(client).await?;
    rows.iter().map(row).collect()
}

fn select(layout: &Layout, filter: &Filter) -> Statement {
    let mut statement = Statement {
        sql: String::new(),
        values: Vec::new(),
    };
    let mut conditions = Vec::new();
    for (column, comparison, value) in [
        ("rtcstats_user", "=", filter.labels.user.clone()),
        ("rtcstats_conference", "=", filter.labels.conference.clone()),
        ("rtcstats_session", "=", filter.labels.session.clone()),
        ("session_start", ">=", filter.since.as_ref().map(UnixMs::to_string)),
        ("session_start", "<", filter.until.as_ref().map(UnixMs::to_string)),
    ] {
        match (value, layout.kind(column)) {
            (None, _) => {}
            (Some(_), None) => conditions.push("false".to_owned()),
            (Some(value), Some(kind)) => {
                let place = statement.bind(value);
                conditions.push(format!("{column} {comparison} CAST({place}::text AS {kind})"));
            }
        }
    }
    if let Some(id) = &filter.id {
        conditions.push(by_id(layout, id, &mut statement));
    }
    let filtered = if conditions.is_empty() { "" } else { " WHERE " };
    let conditions = conditions.join(" AND ");
    // Rows without a start come last; otherwise they would use up the limit.
    let order = match (layout.kind("session_start"), layout.kind("id")) {
        (Some(_), Some(_)) => "session_start DESC NULLS LAST, id DESC",
        (Some(_), None) => "session_start DESC NULLS LAST",
        (None, Some(_)) => "id DESC",
        (None, None) => "1",
    };
    statement.sql = format!(
        "SELECT {} FROM {}{filtered}{conditions} ORDER BY {order} LIMIT {}",
        selected(layout),
        layout.table(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX)
    );
    statement
}

/// A dump's id is the row's id or is part of its object's name. A number is the id in a table that numbers its rows.
fn by_id(layout: &Layout, key: &RowKey, statement: &mut Statement) -> String {
    match (layout.key, key) {
        (Key::Id, RowKey::Dump(id)) => format!("id = {}::text::uuid", statement.bind(id.to_string())),
        (Key::Url, RowKey::Dump(id)) => by_name(layout, &id.to_string(), statement),
        (Key::Url, RowKey::Number(number)) if layout.kind("id").is_some() => {
            format!("id::text = {}::text", statement.bind(number.to_string()))
        }
        _ => "false".into(),
    }
}

/// The last segment of every key contains the dump's id, and URLs do not alter it. Folders may contain the same text,
/// and so may a claim within the segment. Such a text is the id of another dump, because no claim can foresee the id of
/// its own dump.
fn by_name(layout: &Layout, id: &str, statement: &mut Statement) -> String {
    let place = statement.bind(id.to_owned());
    let claims = ["rtcstats_user", "rtcstats_conference", "rtcstats_session"];
    let claims = claims.iter().filter(|column| layout.kind(column).is_some());
    let no_claim: String = claims
        .map(|column| format!(" AND strpos(coalesce({column}::text, ''), {place}::text) = 0"))
        .collect();
    format!("strpos(substring(blob_url FROM '[^/]*$'), {place}::text) > 0{no_claim}")
}

fn selected(layout: &Layout) -> String {
    let text = |column: &str| match layout.kind(column) {
        Some(_) => format!("{column}::text"),
        None => "NULL::text".to_owned(),
    };
    let time = |column: &str| match layout.kind(column) {
        Some(_) => format!("CASE WHEN isfinite({column}) THEN floor(extract(epoch FROM {column}) * 1000)::bigint END"),
        None => "NULL::bigint".to_owned(),
    };
    [
        text("id"),
        time("created_at"),
        text("rtcstats_user"),
        text("rtcstats_conference"),
        text("rtcstats_session"),
        text("metadata"),
        text("blob_url"),
        text("features_url"),
        time("session_start"),
        time("session_end"),
    ]
    .join(", ")
}

fn row(answer: &Answer) -> Result<Found, Error> {
    let time = |index| {
        let ms: Option<i64> = answer.try_get(index)?;
        Ok::<_, Error>(UnixMs(ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0)))
    };
    Ok(Row {
        id: RowKey::stored(answer.try_get::<_, Option<String>>(0)?.unwrap_or_default()),
        created_at: time(1)?,
        labels: Labels {
            user: answer.try_get(2)?,
            conference: answer.try_get(3)?,
            session: answer.try_get(4)?,
        },
        metadata: answer
            .try_get::<_, Option<String>>(5)?
            .unwrap_or_else(|| "null".to_owned()),
        blob_url: answer.try_get(6)?,
        features_url: answer.try_get(7)?,
        session_start: time(8)?,
        session_end: time(9)?,
    })
}
