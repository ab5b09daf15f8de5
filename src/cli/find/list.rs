//! Rows as `find` lists them: a table for people, or JSON lines.
//!
//! What cannot be read is a dash or null. Nothing fails.
use serde_json::{Value, json};

use crate::cli::output::{moment, table};
use crate::cli::visible::visible;
use crate::database::{Found, SEVERITIES, findings_told_by};

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

/// Which columns a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    Plain,
    /// What was found in each session, before the column of the dump.
    WithFindings,
}

/// One line for each row, under headings.
pub fn table_of(rows: &[Found], columns: Columns) -> String {
    let headings = HEADINGS.map(str::to_string).to_vec();
    let lines = rows.iter().map(|row| (table_line(row), findings(row)));
    let lines = [(headings, "FINDINGS".to_owned())].into_iter().chain(lines);
    let with_findings = |(mut line, findings): (Vec<String>, String)| {
        if columns == Columns::WithFindings {
            line.insert(line.len() - 1, findings);
        }
        line
    };
    table(&lines.map(with_findings).collect::<Vec<_>>())
}

/// The worst first: `critical ice.failed, info net.rtt cap.disabled`.
fn findings(row: &Found) -> String {
    let Some(all) = findings_told_by(&row.metadata) else {
        return "not examined".to_owned();
    };
    let parts = SEVERITIES.into_iter().filter_map(|severity| {
        let own = all.iter().filter(|(_, own)| *own == severity);
        let rules: Vec<&str> = own.map(|(rule, _)| rule.as_str()).collect();
        (!rules.is_empty()).then(|| format!("{severity} {}", rules.join(" ")))
    });
    match parts.collect::<Vec<_>>() {
        none if none.is_empty() => "-".to_owned(),
        parts => visible(&parts.join(", ")),
    }
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

/// The columns of the database's table under their names, with the metadata as an object.
pub fn json_line(row: &Found) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Row;
    use crate::labels::Labels;
    use crate::time::UnixMs;

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
        assert_eq!(table_of(&[row()], Columns::Plain), expected);
        let odd = Row {
            metadata: "broken".into(),
            session_end: UnixMs(0),
            features: None,
            ..row()
        };
        assert!(
            table_of(&[odd], Columns::WithFindings).contains("0:00:00  "),
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

    #[test]
    fn what_was_found_is_told_with_the_worst_first() {
        for (metadata, told) in [
            (
                r#"{"findings":{"net.rtt":"info","dtls.failed":"critical","ice.failed":"critical"}}"#,
                "critical dtls.failed ice.failed, info net.rtt",
            ),
            (r#"{"findings":{}}"#, "-"),
            (r#"{"findingsMissing":"why"}"#, "not examined"),
            ("broken", "not examined"),
        ] {
            let row = Row {
                metadata: metadata.to_owned(),
                ..row()
            };
            let table = table_of(&[row], Columns::WithFindings);
            assert!(table.contains(&format!("  {told}  ")), "{table}");
            assert!(table.lines().next().is_some_and(|line| line.contains("  FINDINGS  ")));
        }
    }
}
