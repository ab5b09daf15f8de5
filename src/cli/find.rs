//! `find`: searches the catalogue, on either backend and also while a server writes to it.
//!
//! Never here: writing. Limit: `--limit` rows, which are held in memory.
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::{moment, print, table, warn};
use super::owner;
use super::visible::visible;
use crate::config::Config;
use crate::database::{self, Filter, FindingFilter, Found, RowKey};
use crate::labels::Labels;
use crate::time::UnixMs;

/// Lists the stored dumps that all filters let pass, the newest session first.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only the dump of this id
    #[arg(long)]
    id: Option<RowKey>,
    /// Only sessions of this user, written in full
    #[arg(long)]
    user: Option<String>,
    /// Only sessions of this conference, written in full
    #[arg(long)]
    conference: Option<String>,
    /// Only this session, written in full
    #[arg(long)]
    session: Option<String>,
    /// Only sessions that began at or after 2026-01-31, 2026-01-31T12:00:00Z, or 2h (that long ago)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<UnixMs>,
    /// Only sessions that began before such a time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<UnixMs>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 100, value_parser = count)]
    limit: usize,
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    json: bool,
}

/// Prints what is found.
pub fn run(config: &Config, arguments: Arguments) -> Result<(), Failure> {
    owner::settle(&config.data_dir)?;
    let filter = Filter {
        id: arguments.id,
        labels: Labels {
            user: arguments.user,
            conference: arguments.conference,
            session: arguments.session,
        },
        since: arguments.since,
        until: arguments.until,
        findings: FindingFilter::default(),
        limit: arguments.limit,
    };
    let found = config
        .row_reader()
        .and_then(|catalogue| Ok((catalogue.find(&filter)?, catalogue.may_hide_rows()?)));
    let (rows, may_hide) = found.map_err(|error| Failure::Runtime(error.to_string()))?;
    if may_hide {
        warn("row security may hide rows from this user, so that there may be more");
    }
    print(&if arguments.json {
        rows.iter().map(json_line).collect()
    } else {
        as_table(&rows)
    })
}

const HEADINGS: [&str; 8] = [
    "START",
    "LENGTH",
    "USER",
    "CONFERENCE",
    "SESSION",
    "MESSAGES",
    "CLOSE",
    "DUMP",
];

fn as_table(rows: &[Found]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_string).to_vec()];
    lines.extend(rows.iter().map(table_line));
    table(&lines)
}

fn table_line(row: &Found) -> Vec<String> {
    let metadata: Value = serde_json::from_str(&row.metadata).unwrap_or_default();
    let number = |member: &str| {
        metadata[member]
            .as_u64()
            .map_or("-".to_string(), |number| number.to_string())
    };
    let text = |text: &Option<String>| text.as_deref().map_or("-".to_string(), visible);
    let seconds = row.session_end.since(row.session_start).as_secs();
    vec![
        moment(row.session_start),
        format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
        text(&row.labels.user),
        text(&row.labels.conference),
        text(&row.labels.session),
        number("numberOfMessages"),
        number("closeCode"),
        text(&row.blob_url),
    ]
}

/// The columns of the table under their names, with the metadata as an object.
fn json_line(row: &Found) -> String {
    let metadata: Value = serde_json::from_str(&row.metadata).unwrap_or_else(|_| Value::from(row.metadata.as_str()));
    let object = json!({
        "id": row.id.to_string(),
        "created_at": row.created_at.to_string(),
        "rtcstats_user": row.labels.user,
        "rtcstats_conference": row.labels.conference,
        "rtcstats_session": row.labels.session,
        "metadata": metadata,
        "blob_url": row.blob_url,
        "features_url": row.features_url,
        "session_start": row.session_start.to_string(),
        "session_end": row.session_end.to_string(),
    });
    format!("{object}\n")
}

/// See [`database::instant`].
fn instant(text: &str) -> Result<UnixMs, String> {
    database::instant(text, UnixMs::now())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "write a whole number from 1 on".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Row;

    fn row() -> Found {
        Row {
            id: "0190".into(),
            created_at: UnixMs(1_700_000_100_000),
            labels: Labels {
                user: Some("ali\u{1b}ce".into()),
                conference: None,
                session: Some("s".into()),
            },
            metadata: r#"{"numberOfMessages":12,"closeCode":1001,"origin":"https://a.example"}"#.into(),
            blob_url: Some("file:///d/0190.jsonl.gz".into()),
            features_url: None,
            session_start: UnixMs(1_700_000_000_123),
            session_end: UnixMs(1_700_003_661_123),
            features: None,
        }
    }

    #[test]
    fn a_table_line_shows_what_one_looks_for() {
        let expected = "START                     LENGTH   USER         CONFERENCE  SESSION  MESSAGES  CLOSE  DUMP\n\
                        2023-11-14T22:13:20.123Z  1:01:01  ali\\u{1b}ce  -           s        12        1001   file:///d/0190.jsonl.gz\n";
        assert_eq!(as_table(&[row()]), expected);
        let odd = Row {
            metadata: "broken".into(),
            session_end: UnixMs(0),
            features: None,
            ..row()
        };
        assert!(
            as_table(&[odd]).contains("0:00:00  "),
            "what cannot be read is a dash, not a panic"
        );
    }

    #[test]
    fn a_json_line_has_the_columns_of_the_table() {
        let line = json_line(&row());
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(object["rtcstats_user"], "ali\u{1b}ce");
        assert_eq!(object["rtcstats_conference"], Value::Null);
        assert_eq!(object["metadata"]["closeCode"], 1001);
        assert_eq!(object["session_start"], "2023-11-14T22:13:20.123Z");
    }
}
