//! Finds rows in the table as it is, and counts what was found in them. A missing column counts as empty and matches no
//! filter.
//!
//! The filter's limit bounds how many rows are held. Values of other programs that are not valid times here (before
//! 1970, infinite) read as 1970, so that they do not hide the row.
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::{Client, Error, Row as Answer};

use super::findings;
use super::layout::{Class, Key, Layout, Statement};
use crate::database::findings::Tally;
use crate::database::key::RowKey;
use crate::database::row::{Filter, Found, Row};
use crate::labels::Labels;
use crate::time::UnixMs;

/// The rows that match the filter, newest session first.
pub async fn find(client: &Client, layout: &Layout, filter: &Filter) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for order in orders(layout) {
        let left = filter.limit.saturating_sub(found.len());
        if left > 0 {
            let rows = select(layout, filter, order, left).query(client).await?;
            let rows: Result<Vec<_>, Error> = rows.iter().map(row).collect();
            found.extend(rows?);
        }
    }
    Ok(found)
}

/// Rows that are asked for apart, and their order.
struct Order {
    only: Option<&'static str>,
    by: &'static str,
}

/// Rows without a start come last; otherwise they would use up the limit. They are asked for apart, because the indexes
/// have them first: in one statement, `NULLS LAST` would sort the whole table.
fn orders(layout: &Layout) -> Vec<Order> {
    let (with, without) = (Some("session_start IS NOT NULL"), Some("session_start IS NULL"));
    let order = |only, by| Order { only, by };
    match (layout.column("session_start"), layout.column("id")) {
        (Some(_), Some(_)) => vec![order(with, "session_start DESC, id DESC"), order(without, "id DESC")],
        (Some(_), None) => vec![order(with, "session_start DESC"), order(without, "1")],
        (None, Some(_)) => vec![order(None, "id DESC")],
        (None, None) => vec![order(None, "1")],
    }
}

/// Counts the rows that match the filter, whatever its limit. The answer is not held as a whole.
pub async fn tally(client: &Client, layout: &Layout, filter: &Filter) -> Result<Tally, Error> {
    let mut statement = Statement::default();
    let conditions = conditions(layout, filter, None, &mut statement);
    let day = match layout.column("session_start") {
        None => "NULL::text",
        Some(column) if column.class == Class::Time => {
            "(CASE WHEN isfinite(session_start) THEN floor(extract(epoch FROM session_start) / 86400)::bigint END)::text"
        }
        Some(_) => "left(session_start::text, 10)",
    };
    statement.sql = format!(
        "SELECT day, findings, count(*) FROM (SELECT {day} AS day, {} AS findings FROM {}{conditions}) AS rows
         GROUP BY day, findings",
        findings::object(layout),
        layout.table()
    );
    let mut answers = pin!(statement.stream(client).await?);
    let mut tally = Tally::default();
    while let Some(alike) = answers.try_next().await? {
        let (day, findings): (Option<String>, Option<String>) = (alike.try_get(0)?, alike.try_get(1)?);
        let rows: i64 = alike.try_get(2)?;
        tally.add(day.as_deref(), findings.as_deref(), rows.unsigned_abs());
    }
    Ok(tally)
}

fn select(layout: &Layout, filter: &Filter, order: Order, limit: usize) -> Statement {
    let mut statement = Statement::default();
    let conditions = conditions(layout, filter, order.only, &mut statement);
    statement.sql = format!(
        "SELECT {} FROM {}{conditions} ORDER BY {} LIMIT {}",
        selected(layout),
        layout.table(),
        order.by,
        i64::try_from(limit).unwrap_or(i64::MAX)
    );
    statement
}

/// With `WHERE` in front, if there are some.
fn conditions(layout: &Layout, filter: &Filter, only: Option<&str>, statement: &mut Statement) -> String {
    let mut conditions: Vec<String> = only.into_iter().map(str::to_owned).collect();
    for (column, comparison, value) in [
        ("rtcstats_user", "=", filter.labels.user.clone()),
        ("rtcstats_conference", "=", filter.labels.conference.clone()),
        ("rtcstats_session", "=", filter.labels.session.clone()),
        ("session_start", ">=", filter.since.as_ref().map(UnixMs::to_string)),
        ("session_start", "<", filter.until.as_ref().map(UnixMs::to_string)),
    ] {
        match (value, layout.column(column)) {
            (None, _) => {}
            (Some(_), None) => conditions.push("false".to_owned()),
            (Some(value), Some(column)) => {
                let place = statement.bind(value);
                conditions.push(match comparison {
                    "=" => layout.same(column, &place),
                    _ => format!("{} {comparison} {}", column.name, column.cast(&place)),
                });
            }
        }
    }
    if let Some(id) = &filter.id {
        conditions.push(by_id(layout, id, statement));
    }
    conditions.extend(findings::condition(layout, &filter.findings, statement));
    let filtered = if conditions.is_empty() { "" } else { " WHERE " };
    format!("{filtered}{}", conditions.join(" AND "))
}

/// A dump's id is the row's id or is part of its object's name. A number is the id in a table that numbers its rows.
fn by_id(layout: &Layout, key: &RowKey, statement: &mut Statement) -> String {
    match (layout.key, key) {
        (Key::Id, RowKey::Dump(id)) => format!("id = {}::text::uuid", statement.bind(id.to_string())),
        (Key::Url, RowKey::Dump(id)) => by_name(layout, &id.to_string(), statement),
        (Key::Url, RowKey::Number(number)) if layout.column("id").is_some() => {
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
    let claims = claims.iter().filter(|column| layout.column(column).is_some());
    let no_claim: String = claims
        .map(|column| format!(" AND strpos(coalesce({column}::text, ''), {place}::text) = 0"))
        .collect();
    format!("strpos(substring(blob_url::text FROM '[^/]*$'), {place}::text) > 0{no_claim}")
}

fn selected(layout: &Layout) -> String {
    let text = |column: &str| match layout.column(column) {
        Some(_) => format!("{column}::text"),
        None => "NULL::text".to_owned(),
    };
    let time = |name: &str| match layout.column(name) {
        Some(column) if column.class == Class::Time => {
            format!("(CASE WHEN isfinite({name}) THEN floor(extract(epoch FROM {name}) * 1000)::bigint END)::text")
        }
        _ => text(name),
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
    // Where the column's type is none of times, it has our own spelling.
    let time = |index| {
        let text: Option<String> = answer.try_get(index)?;
        let read = |text: String| text.parse().map(UnixMs).ok().or_else(|| UnixMs::parse(&text));
        Ok::<_, Error>(text.and_then(read).unwrap_or_default())
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
        features: None,
    })
}
