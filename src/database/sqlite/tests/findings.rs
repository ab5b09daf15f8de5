//! Tests of searching by what was found, of counting it, and of adding it to rows that were written without.
use std::sync::Arc;

use rusqlite::params_from_iter;

use super::super::search;
use super::*;
use crate::database::findings::{FindingFilter, LateFindings};
use crate::database::row::Lack;

/// Rows and what they tell of findings; also what no server has written.
const TOLD: [&str; 8] = [
    r#"{"findings":{"ice.failed":"critical","net.rtt":"info"}}"#,
    r#"{"findings":{"net.rtt":"warning"},"note":"\"ice.failed\":\"critical\""}"#,
    r#"{"findings":{}}"#,
    r#"{"bytes":1,"note":{"findings":{"ice.failed":"critical"}}}"#,
    r#"{"findingsMissing":"why"}"#,
    "no JSON",
    "[1]",
    r#"{ "findings" : { "ice.failed" : "warning" } }"#,
];

fn filled() -> (tempfile::TempDir, PathBuf, Sqlite) {
    let (temp, path, sqlite) = catalogue();
    for (n, metadata) in (0..).zip(TOLD) {
        insert(&sqlite, &told(n, metadata)).unwrap();
    }
    (temp, path, sqlite)
}

/// A row of the nth day.
fn told(n: u64, metadata: &str) -> Row {
    Row {
        metadata: metadata.to_owned(),
        session_start: UnixMs(n * 86_400_000),
        ..row(n)
    }
}

fn filter(rules: &[&str], severities: &[&'static str]) -> Filter {
    Filter {
        findings: FindingFilter {
            rules: rules.iter().map(ToString::to_string).collect(),
            severities: severities.to_vec(),
        },
        ..all()
    }
}

fn numbers(sqlite: &Sqlite, filter: &Filter) -> Vec<u64> {
    let rows = sqlite.find(filter).unwrap();
    rows.iter().map(|row| row.session_start.0 / 86_400_000).collect()
}

#[test]
fn rows_are_found_by_what_was_found_in_them() {
    let (_temp, path, sqlite) = filled();
    let expected: [(Filter, &[u64]); 8] = [
        (filter(&["ice.failed"], &[]), &[7, 0]),
        (filter(&["ice.failed"], &["critical"]), &[0]),
        (filter(&["ice.failed", "net.rtt"], &["critical", "warning"]), &[7, 1, 0]),
        (filter(&["net.rtt"], &["critical"]), &[]),
        (filter(&[], &["critical"]), &[0]),
        (filter(&[], &["critical", "warning", "info"]), &[7, 1, 0]),
        (filter(&["x' OR true --"], &[]), &[]),
        (filter(&["rtt", "net"], &[]), &[]),
    ];
    let see = |sqlite: &Sqlite| {
        for (filter, numbers_of_rows) in &expected {
            assert_eq!(&numbers(sqlite, filter), numbers_of_rows, "{:?}", filter.findings);
        }
        let newest = Filter {
            limit: 1,
            since: Some(UnixMs(1)),
            ..filter(&["ice.failed", "net.rtt"], &[])
        };
        assert_eq!(numbers(sqlite, &newest), [7]);
    };
    see(&sqlite);
    // A catalogue of an earlier version has no index, and a reader makes none.
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("DROP INDEX rtcstats_findings_idx").unwrap();
    see(&Sqlite::open_read_only(&path).unwrap());
    drop(sqlite);
    see(&Sqlite::open(&path).unwrap());
    let made = "SELECT count(*) FROM sqlite_schema WHERE name = 'rtcstats_findings_idx'";
    assert_eq!(connection.query_row(made, [], |row| row.get::<_, i64>(0)), Ok(1));
}

#[test]
fn a_tally_counts_rows_and_not_findings() {
    let (_temp, _, sqlite) = filled();
    let tally = sqlite.tally(&all()).unwrap();
    let total = &tally.total;
    assert_eq!((total.rows, total.examined, total.worst), (8, 4, [1, 2, 0]));
    assert_eq!(total.rules["ice.failed"], [1, 1, 0]);
    assert_eq!(total.rules["net.rtt"], [0, 1, 1]);
    assert_eq!(total.rules.len(), 2);
    let days: Vec<u64> = tally.days.values().map(|day| day.rows).collect();
    assert_eq!(days, [1; 8]);
    let since = Filter {
        since: Some(UnixMs(86_400_000)),
        until: Some(UnixMs(3 * 86_400_000)),
        limit: 1,
        ..Filter::default()
    };
    let tally = sqlite.tally(&since).unwrap();
    assert_eq!((tally.total.rows, tally.total.examined), (2, 2));
    assert_eq!(sqlite.tally(&filter(&["ice.failed"], &[])).unwrap().total.rows, 2);
}

fn plan(sqlite: &Sqlite, query: &str, values: Vec<String>) -> String {
    let plan = sqlite.with_connection(|connection| {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
        let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3))?;
        steps.collect::<Result<Vec<_>, _>>()
    });
    plan.unwrap().join("; ")
}

#[test]
fn the_index_serves_searching_and_counting() {
    let (_temp, _, sqlite) = filled();
    let since = Filter {
        since: Some(UnixMs(1)),
        ..filter(&["ice.failed"], &["critical"])
    };
    for (filter, expected) in [
        (
            &since,
            "SEARCH rtcstats USING INDEX rtcstats_findings_idx (session_start>?)",
        ),
        (
            &filter(&[], &["critical"]),
            "SCAN rtcstats USING INDEX rtcstats_findings_idx",
        ),
    ] {
        let (query, values) = search::selected(filter);
        assert_eq!(plan(&sqlite, &query, values), expected);
    }
    for (filter, expected) in [
        (&all(), "SCAN rtcstats USING INDEX rtcstats_findings_idx"),
        (
            &since,
            "SEARCH rtcstats USING INDEX rtcstats_findings_idx (session_start>?)",
        ),
    ] {
        let (query, values) = search::grouped(filter);
        let plan = plan(&sqlite, &query, values);
        assert!(plan.starts_with(expected), "{plan}");
    }
}

#[test]
fn rows_that_were_written_without_get_what_was_found() {
    let (_temp, _, sqlite) = filled();
    let wanted = Wanted::FeaturesAndFindings;
    let lack = |n: u64| {
        sqlite
            .lacking(wanted, None, 99)
            .unwrap()
            .into_iter()
            .find(|row| row.row.key == told(n, "").id.into())
    };
    let counts = || {
        let counts = sqlite.count_lacking(wanted).unwrap();
        (counts.features, counts.findings_alone)
    };
    assert_eq!(counts(), (8, 0));
    let text: Arc<[u8]> = Arc::from(&b"{}"[..]);
    let add = |n: u64, findings: LateFindings<'_>| {
        let addition = Addition {
            features_url: "file:///f",
            features: &text,
            findings,
        };
        let row = told(n, "").reference();
        let is_gone = sqlite.complete(&row, &addition).unwrap() == Linked::Gone;
        assert!(!is_gone);
        let found = sqlite
            .find(&Filter {
                id: Some(row.key),
                ..all()
            })
            .unwrap()
            .remove(0);
        assert_eq!(found.features_url.as_deref(), Some("file:///f"));
        found.metadata
    };
    // What is known stays, and what a row cannot tell is not asked for again.
    for n in 0..8 {
        assert_eq!(lack(n).unwrap().what, Lack::Features);
        let expected: serde_json::Value = serde_json::from_str(TOLD[n as usize]).unwrap_or_default();
        let now: serde_json::Value = serde_json::from_str(&add(n, LateFindings::Unasked)).unwrap_or_default();
        assert_eq!(now, expected);
    }
    assert_eq!(counts(), (0, 2));
    assert_eq!(lack(3).map(|lacking| lacking.what), Some(Lack::FindingsAlone));
    assert_eq!(sqlite.count_lacking(Wanted::Features).unwrap(), LackCounts::default());
    let late = LateFindings::Found(r#"{"net.rtt":"info"}"#);
    assert_eq!(add(4, late), r#"{"findings":{"net.rtt":"info"}}"#);
    assert_eq!(add(0, late), r#"{"findings":{"net.rtt":"info"}}"#, "all of it is new");
    assert_eq!(
        add(4, LateFindings::Missing("a fault")),
        r#"{"findingsMissing":"a fault"}"#
    );
    assert_eq!((add(5, late), add(6, late)), ("no JSON".to_owned(), "[1]".to_owned()));
    assert_eq!(counts(), (0, 2));
}
