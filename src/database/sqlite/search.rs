//! Finds rows, and counts what was found in them.
//!
//! The filter's limit bounds how many rows are held. What was found in a row is searched as a text: SQLite writes an
//! object without blanks, and names and severities have nothing to escape. An index has this text for each row, in the
//! order of the sessions, so that neither searching nor counting reads the metadata of rows that are not returned.
//! Without it (in a catalogue that no newer server has opened yet) the answers are the same. Failures are those of the
//! statements.
use rusqlite::{Connection, Row as Answer, params_from_iter};

use crate::database::findings::Tally;
use crate::database::key::RowKey;
use crate::database::row::{Filter, Found, Row};
use crate::labels::Labels;
use crate::time::UnixMs;

const SELECT: &str = "
    SELECT id, created_at, rtcstats_user, rtcstats_conference, rtcstats_session, metadata, blob_url, features_url,
        session_start, session_end FROM rtcstats";

/// The findings that a row tells, as JSON. The index has this very expression.
pub const FINDINGS: &str = "CASE WHEN json_valid(metadata) THEN json_extract(metadata, '$.findings') END";

/// The rows that match the filter, newest session first.
pub fn find(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<Found>> {
    let (query, values) = selected(filter);
    let mut statement = connection.prepare(&query)?;
    statement.query_map(params_from_iter(values), row)?.collect()
}

pub fn selected(filter: &Filter) -> (String, Vec<String>) {
    let (conditions, values) = conditions(filter);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let query = format!("{SELECT}{conditions} ORDER BY session_start DESC, id DESC LIMIT {limit}");
    (query, values)
}

/// Counts the rows that match the filter, whatever its limit.
pub fn tally(connection: &Connection, filter: &Filter) -> rusqlite::Result<Tally> {
    let (query, values) = grouped(filter);
    let mut statement = connection.prepare(&query)?;
    let (mut answers, mut tally) = (statement.query(params_from_iter(values))?, Tally::default());
    while let Some(alike) = answers.next()? {
        let (day, findings): (Option<String>, Option<String>) = (alike.get(0)?, alike.get(1)?);
        let rows: i64 = alike.get(2)?;
        tally.add(day.as_deref(), findings.as_deref(), rows.unsigned_abs());
    }
    Ok(tally)
}

/// The rows that are alike, and how many they are.
pub fn grouped(filter: &Filter) -> (String, Vec<String>) {
    let (conditions, values) = conditions(filter);
    let query =
        format!("SELECT substr(session_start, 1, 10), {FINDINGS}, count(*) FROM rtcstats{conditions} GROUP BY 1, 2");
    (query, values)
}

/// With `WHERE` in front, and the values of its parameters.
fn conditions(filter: &Filter) -> (String, Vec<String>) {
    let labels = &filter.labels;
    let texts = [
        ("id = ?", filter.id.as_ref().map(RowKey::to_string)),
        ("rtcstats_user = ?", labels.user.clone()),
        ("rtcstats_conference = ?", labels.conference.clone()),
        ("rtcstats_session = ?", labels.session.clone()),
        ("session_start >= ?", filter.since.as_ref().map(UnixMs::to_string)),
        ("session_start < ?", filter.until.as_ref().map(UnixMs::to_string)),
    ];
    let given = texts
        .into_iter()
        .filter_map(|(condition, value)| Some((condition.to_owned(), value?)));
    let (mut conditions, mut values): (Vec<String>, Vec<String>) = given.unzip();
    let parts = parts(filter);
    if !parts.is_empty() {
        let any = vec![format!("instr({FINDINGS}, ?) > 0"); parts.len()].join(" OR ");
        conditions.push(format!("({any})"));
        values.extend(parts);
    }
    let filtered = if conditions.is_empty() { "" } else { " WHERE " };
    (format!("{filtered}{}", conditions.join(" AND ")), values)
}

/// What the text of the findings must have one of.
fn parts(filter: &Filter) -> Vec<String> {
    let rules = filter.findings.rules.iter().map(|rule| format!("\"{rule}\":"));
    let severities = filter.findings.severities.iter();
    let severities: Vec<String> = severities.map(|severity| format!("\"{severity}\"")).collect();
    match (filter.findings.rules.is_empty(), severities.is_empty()) {
        (true, _) => severities.into_iter().map(|severity| format!(":{severity}")).collect(),
        (false, true) => rules.collect(),
        (false, false) => rules
            .flat_map(|rule| severities.iter().map(move |severity| format!("{rule}{severity}")))
            .collect(),
    }
}

/// Rows of other programs may have other times or none. Such a value reads as 1970, so that it does not hide the row.
fn row(row: &Answer) -> rusqlite::Result<Found> {
    let time = |index| {
        let text: Option<String> = row.get(index)?;
        Ok::<_, rusqlite::Error>(text.as_deref().and_then(UnixMs::parse).unwrap_or_default())
    };
    Ok(Row {
        id: RowKey::stored(row.get(0)?),
        created_at: time(1)?,
        labels: Labels {
            user: row.get(2)?,
            conference: row.get(3)?,
            session: row.get(4)?,
        },
        metadata: row.get::<_, Option<String>>(5)?.unwrap_or_else(|| "null".to_owned()),
        blob_url: row.get(6)?,
        features_url: row.get(7)?,
        session_start: time(8)?,
        session_end: time(9)?,
        features: None,
    })
}
