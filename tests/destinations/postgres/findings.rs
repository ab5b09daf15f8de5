//! What was found in calls: searched by its index, counted, and added to rows that were written without; whatever type
//! the column of the metadata has, and without the index.

use std::sync::Arc;

use rtcstats_server::database::{Addition, FindingFilter, Lack, LackCounts, LateFindings, Linked, Wanted};
use support::Server;

use crate::postgres::*;

/// What rows tell of findings, some of other programs.
const TOLD: [&str; 6] = [
    r#"{"findings":{"ice.failed":"critical","net.rtt":"info"}}"#,
    r#"{"findings": {"net.rtt": "warning"}, "note": "\"ice.failed\": \"critical\""}"#,
    r#"{"findings":{}}"#,
    r#"{"bytes":1,"note":{"found":{"ice.failed":"critical"}}}"#,
    r#"{"findingsMissing":"why"}"#,
    r#"{"findings":{"ice.failed":"warning"},"bytes":2}"#,
];

const KINDS: [&str; 5] = ["jsonb", "json", "text", "varchar(200)", "own"];

fn told(n: usize, metadata: &str) -> Row {
    let n = n as u64;
    Row {
        metadata: metadata.to_owned(),
        session_start: UnixMs(1_600_000_000_000 + n * 86_400_000),
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

fn migrate(cluster: &Cluster) {
    let server = Server::prepare(&[
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        ("RTCSTATS_DATABASE__POSTGRES__URL", &cluster.url()),
    ]);
    let output = server.run(&["migrate"]);
    assert!(output.status.success(), "{output:?}");
}

/// A table whose metadata is of this type, with the rows; `index` makes what it has of indexes.
fn filled(cluster: &Cluster, kind: &str, index: impl Fn(&Cluster)) -> Database {
    cluster.execute("DROP TABLE IF EXISTS rtcstats; DROP TABLE IF EXISTS rtcstats_migrations");
    cluster.execute("DROP DOMAIN IF EXISTS own; CREATE DOMAIN own AS jsonb");
    cluster.execute(&format!(
        "CREATE TABLE rtcstats(id uuid PRIMARY KEY, metadata {kind}, blob_url text, features_url text,
         session_start timestamp with time zone)"
    ));
    index(cluster);
    let table = table(&cluster.url());
    for (n, metadata) in TOLD.iter().enumerate() {
        insert(&table, &told(n, metadata)).expect(kind);
    }
    table
}

fn numbers(table: &Database, filter: &Filter) -> Vec<u64> {
    let rows = table.find(filter).expect("it can be searched");
    let number = |row: &Found| (row.session_start.0 - 1_600_000_000_000) / 86_400_000;
    rows.iter().map(number).collect()
}

#[test]
fn rows_are_found_and_counted_by_what_was_found_whatever_the_type_of_the_column() {
    let cluster = Cluster::start();
    let migrated = KINDS.map(|kind| (kind, 1)).into_iter();
    for (kind, indexes) in migrated.chain([("jsonb", 0), ("text", 0)]) {
        let index = |cluster: &Cluster| (0..indexes).for_each(|_| migrate(cluster));
        let table = filled(&cluster, kind, index);
        let made = "SELECT count(*) FROM pg_indexes WHERE indexname = 'rtcstats_findings_idx'";
        assert_eq!(cluster.number(made), indexes, "{kind}");
        let expected: [(Filter, &[u64]); 8] = [
            (filter(&["ice.failed"], &[]), &[5, 0]),
            (filter(&["ice.failed"], &["critical"]), &[0]),
            (filter(&["ice.failed", "net.rtt"], &["critical", "warning"]), &[5, 1, 0]),
            (filter(&["net.rtt"], &["critical"]), &[]),
            (filter(&[], &["critical"]), &[0]),
            (filter(&[], &["critical", "warning", "info"]), &[5, 1, 0]),
            (filter(&["x\" || true"], &["critical"]), &[]),
            (filter(&["rtt"], &[]), &[]),
        ];
        for (filter, numbers_of_rows) in &expected {
            assert_eq!(
                &numbers(&table, filter),
                numbers_of_rows,
                "{kind}: {:?}",
                filter.findings
            );
        }
        if !matches!(kind, "jsonb" | "json" | "own") {
            cluster.execute("INSERT INTO rtcstats(id, metadata) VALUES (gen_random_uuid(), 'no JSON \"findings\":{')");
        }
        cluster.execute("INSERT INTO rtcstats(id) VALUES (gen_random_uuid())");
        let more = cluster.number("SELECT count(*) FROM rtcstats") as u64;
        let tally = table.tally(&Filter { limit: 1, ..all() }).expect(kind);
        let total = &tally.total;
        assert_eq!(
            (total.rows, total.examined, total.worst),
            (more, 4, [1, 2, 0]),
            "{kind}"
        );
        assert_eq!(
            (total.rules["ice.failed"], total.rules["net.rtt"]),
            ([1, 1, 0], [0, 1, 1])
        );
        assert_eq!(tally.days.len(), 7, "{kind}: six days, and no beginning");
        let since = Filter {
            since: Some(UnixMs(1_600_000_000_000)),
            until: Some(UnixMs(1_600_000_000_000 + 86_400_000)),
            ..all()
        };
        let tally = table.tally(&since).expect(kind);
        assert_eq!((tally.total.rows, tally.total.worst), (1, [1, 0, 0]), "{kind}");
        let day = tally.days.keys().next().copied().flatten().map(|day| day.to_string());
        assert_eq!(day.as_deref(), Some("2020-09-13T00:00:00.000Z"));
    }
}

#[test]
fn rows_that_were_written_without_get_what_was_found() {
    let cluster = Cluster::start();
    for kind in KINDS {
        let table = filled(&cluster, kind, migrate);
        let counts = || table.count_lacking(Wanted::FeaturesAndFindings).expect(kind);
        let lacking = || table.lacking(Wanted::FeaturesAndFindings, None, 9).expect(kind);
        assert_eq!(
            counts(),
            LackCounts {
                features: 6,
                findings_alone: 0
            }
        );
        let add = |n: usize, findings: LateFindings<'_>| {
            let addition = Addition {
                features_url: "https://b.example/f.json",
                features: &Arc::from(&b"{}"[..]),
                findings,
            };
            let row = told(n, "").reference();
            assert_eq!(table.complete(&row, &addition).expect(kind), Linked::Done);
            let query = format!(
                "SELECT metadata::text::jsonb::text FROM rtcstats WHERE id = '{}'",
                told(n, "").id
            );
            cluster.texts(&query).remove(0)
        };
        for n in 0..6 {
            add(n, LateFindings::Unasked);
        }
        assert_eq!(
            counts(),
            LackCounts {
                features: 0,
                findings_alone: 2
            },
            "{kind}"
        );
        assert!(lacking().iter().all(|lacking| lacking.what == Lack::FindingsAlone));
        let late = LateFindings::Found(r#"{"net.rtt":"info"}"#);
        assert_eq!(add(4, late), r#"{"findings": {"net.rtt": "info"}}"#, "{kind}");
        assert_eq!(
            add(0, late),
            r#"{"findings": {"net.rtt": "info"}}"#,
            "{kind}: all of it is new"
        );
        assert_eq!(numbers(&table, &filter(&["net.rtt"], &["info"])), [4, 0], "{kind}");
        let missing = add(4, LateFindings::Missing("a fault"));
        assert_eq!(missing, r#"{"findingsMissing": "a fault"}"#, "{kind}");
        assert_eq!(counts().findings_alone, 2);
        assert_eq!(
            table.count_lacking(Wanted::Features).expect(kind),
            LackCounts::default()
        );
    }
}

/// The server itself says how it has answered: its own log has the plans.
#[test]
fn the_index_serves_the_search() {
    let settings = [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
    ];
    let cluster = Cluster::start_with(&settings, |_| {});
    for kind in ["jsonb", "text"] {
        let table = filled(&cluster, kind, migrate);
        cluster.execute(&format!(
            "INSERT INTO rtcstats(id, metadata, session_start)
             SELECT gen_random_uuid(), ('{{\"findings\":{{\"net.rtt\":\"warning\",\"snd.cpu-limited\":\"info\"}},\"bytes\":' || n || '}}')::{kind},
                    now() - n * interval '1 minute'
             FROM generate_series(1, 20000) AS n"
        ));
        // As autovacuum would do it: the index has a list of what is new.
        cluster.execute("VACUUM ANALYZE rtcstats");
        let searches = [
            filter(&["ice.failed"], &[]),
            filter(&["ice.failed"], &["critical"]),
            filter(&[], &["critical"]),
        ];
        for filter in searches {
            let before = cluster.log().len();
            assert!(!table.find(&filter).expect(kind).is_empty());
            let log = cluster.log();
            assert!(
                log[before..].contains("Bitmap Index Scan on rtcstats_findings_idx"),
                "{kind}: {:?}: {}",
                filter.findings,
                &log[before..]
            );
        }
        let before = cluster.log().len();
        let newest = table.find(&Filter { limit: 3, ..all() }).expect(kind);
        assert!(newest.iter().all(|row| row.session_start != UnixMs(0)), "{newest:?}");
        assert!(newest.windows(2).all(|two| two[0].session_start > two[1].session_start));
        let log = cluster.log();
        assert!(
            log[before..].contains("Index Scan Backward using rtcstats_start_idx"),
            "{kind}: {}",
            &log[before..]
        );
    }
}

/// They would hide the newest calls, if they came first.
#[test]
fn rows_without_a_beginning_come_last() {
    let cluster = with_schema();
    let table = table(&cluster.url());
    for n in 1..=4 {
        insert(&table, &row(n)).expect("a row");
    }
    cluster.execute("UPDATE rtcstats SET session_start = NULL WHERE metadata ->> 'bytes' IN ('1', '4')");
    let urls = |limit| -> Vec<_> {
        let found = table.find(&Filter { limit, ..all() }).expect("rows");
        found.into_iter().map(|row| row.blob_url).collect()
    };
    let url = |n| row(n).blob_url;
    assert_eq!(urls(1), [url(3)]);
    assert_eq!(urls(2), [url(3), url(2)]);
    assert_eq!(urls(3), [url(3), url(2), url(4)]);
    assert_eq!(urls(1_000), [url(3), url(2), url(4), url(1)]);
}
