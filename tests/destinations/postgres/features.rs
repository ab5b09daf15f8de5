//! The tables of features: made by `migrate`, written and removed with the row of their dump, and demanded only where
//! they are wanted.

use std::sync::Arc;

use rtcstats_server::database::{Addition, LateFindings, Linked, RowRef, Wanted};
use rtcstats_server::features::database_tables;
use support::Server;

use crate::postgres::forms::NUMBERED;
use crate::postgres::*;

const TEXT: &str = r#"{"window":{"width":1,"x":"\u0000"},"hardwareConcurrency":8,"getUserMediaError":"a\"\\b","deviceMemory":"odd",
    "peerConnections":[{"connectionIdentifier":"PC_0","closed":true,"averageOutboundBitrate":1.5e-7,"tracks":[
        {"kind":"audio","frameCount":9007199254740992},{"kind":"video"}]},
        {"connectionIdentifier":"PC_1","tracks":[{"kind":"audio"}]}]}"#;

/// Everything that is in the tables, in words.
const CONTENT: &str = r#"
    SELECT "window"::text || hardware_concurrency || get_user_media_error || (device_memory IS NULL) FROM rtcstats_features_client
    UNION ALL SELECT connection_number || connection_identifier || coalesce(closed::text, '-')
        || coalesce(average_outbound_bitrate::text, '-') FROM rtcstats_features_connection
    UNION ALL SELECT connection_number || '.' || track_number || kind || coalesce(frame_count::text, '-')
        FROM rtcstats_features_track
    ORDER BY 1"#;

const TABLES: [&str; 3] = [
    "rtcstats_features_client",
    "rtcstats_features_connection",
    "rtcstats_features_track",
];

fn counts(cluster: &Cluster) -> [i64; 3] {
    TABLES.map(|table| cluster.number(&format!("SELECT count(*) FROM {table}")))
}

fn binary(cluster: &Cluster) -> Server {
    Server::prepare(&[
        ("RTCSTATS_DATABASE__BACKEND", "postgres"),
        ("RTCSTATS_DATABASE__POSTGRES__URL", &cluster.url()),
        ("RTCSTATS_FEATURES__TABLES", "true"),
    ])
}

fn migrate(cluster: &Cluster) -> String {
    let output = binary(cluster).run(&["migrate"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn with_tables(cluster: &Cluster) -> Database {
    table(&cluster.url()).with_feature_tables(database_tables())
}

fn with_features(n: u64, text: &str) -> Row {
    Row {
        features: Some(Arc::from(text.as_bytes())),
        ..row(n)
    }
}

#[test]
fn tables_that_are_missing_are_told_and_made_by_migrate() {
    let cluster = with_schema();
    let table = with_tables(&cluster);
    for refused in [
        table.probe().expect_err("no tables"),
        insert(&table, &row(1)).expect_err("no tables"),
    ] {
        let told = refused.to_string();
        let words =
            "there is no table \"rtcstats_features_client\", or the user may not see it: rtcstats-server migrate";
        assert!(told.contains(words) && refused.whose() == Whose::Destination, "{told}");
    }
    let server = binary(&cluster);
    std::fs::create_dir_all(server.data()).expect("a data folder");
    let probed = server.run(&["check-config", "--probe"]);
    let told = String::from_utf8_lossy(&probed.stdout).into_owned();
    assert!(
        told.contains("tables of features") && !probed.status.success(),
        "{told}"
    );
    // Without the wish for them, nothing has changed, and reading never needs them.
    insert(&self::table(&cluster.url()), &row(2)).expect("it takes rows");
    assert_eq!(with_tables(&cluster).find(&all()).expect("it can be read").len(), 1);
    let first = migrate(&cluster);
    for table in TABLES {
        assert!(
            first.contains(&format!("table of features \"{table}\" made")),
            "{first}"
        );
    }
    insert(&table, &row(1)).expect("the tables are there");
    assert!(!migrate(&cluster).contains("features"));
    cluster.execute("ALTER TABLE rtcstats_features_track DROP COLUMN frame_count");
    let told = insert(&with_tables(&cluster), &row(3))
        .expect_err("a column is missing")
        .to_string();
    assert!(
        told.contains("has no column \"frame_count\": rtcstats-server migrate adds"),
        "{told}"
    );
    assert!(migrate(&cluster).contains("\"rtcstats_features_track\" made or added to"));
    insert(&with_tables(&cluster), &row(3)).expect("the column is there");
}

#[test]
fn features_are_written_with_their_row_once_and_go_with_it() {
    let cluster = with_schema();
    migrate(&cluster);
    let table = with_tables(&cluster);
    let rows: Vec<Row> = (1..=64).map(|n| with_features(n, TEXT)).collect();
    for _ in 0..2 {
        let written = table.insert(&rows).expect("it takes them");
        assert!(written.iter().all(Result::is_ok), "{written:?}");
        assert_eq!(counts(&cluster), [64, 128, 192]);
    }
    for n in 2..=64 {
        // Also by a program that does not write them.
        let plain = self::table(&cluster.url());
        assert_eq!(
            plain.would_remove(&row(n).reference()).expect("it works"),
            RowRemoval::Done
        );
        assert_eq!(plain.remove(&row(n).reference()).expect("it works"), RowRemoval::Done);
    }
    let expected = [
        "1.1audio9007199254740992",
        "1.2video-",
        "1PC_0true1.5e-07",
        "2.1audio-",
        "2PC_1--",
        "{\"x\": \"\u{fffd}\", \"width\": 1}8a\"\\btrue",
    ];
    assert_eq!(cluster.texts(CONTENT), expected);
    // What an object that was removed leaves is the row, and its features with it.
    assert_eq!(
        table.release_blob(&row(1).reference(), "old").expect("it works"),
        RowRemoval::Done
    );
    assert_eq!(counts(&cluster), [1, 2, 3]);
}

#[test]
fn what_the_tables_refuse_keeps_no_row_from_being_written() {
    let cluster = with_schema();
    migrate(&cluster);
    cluster.execute("ALTER TABLE rtcstats_features_track ADD CHECK (track_number < 2)");
    let table = with_tables(&cluster);
    let one = TEXT.replace(r#",{"kind":"video"}"#, "");
    let rows = [with_features(1, &one), with_features(2, TEXT), row(3)];
    let written = table.insert(&rows).expect("it takes them");
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    assert_eq!((count(&cluster), counts(&cluster)), (3, [1, 2, 2]));
    let deep = format!(
        r#"{{"window":{}{},"peerConnections":[]}}"#,
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    let huge = r#"{"window":1e999999,"peerConnections":[]}"#;
    for (n, text) in [(4, deep.as_str()), (5, huge)] {
        assert_eq!(insert(&table, &with_features(n, text)).expect("it works"), Written::Now);
    }
    assert_eq!(count(&cluster), 5);
}

#[test]
fn rows_without_features_are_listed_by_pages_and_linked_while_they_have_an_object() {
    for (schema, is_numbered) in [(SCHEMA, false), (NUMBERED, true)] {
        let cluster = Cluster::start();
        cluster.execute(schema);
        migrate(&cluster);
        let plain = table(&cluster.url());
        for n in 1..=5 {
            let missing = Row {
                metadata: r#"{"featuresMissing": "why", "a": 1}"#.to_owned(),
                ..row(n)
            };
            insert(&plain, &missing).expect("it takes rows");
        }
        let found = plain.find(&all()).expect("it can be read");
        assert_eq!(
            plain.release_blob(&found[0].reference(), "old").expect("it works"),
            RowRemoval::Done
        );
        let count = |table: &Database| table.count_lacking(Wanted::Features).expect("it works").features;
        assert_eq!(count(&plain), 4);
        let lacking = |after| plain.lacking(Wanted::Features, after, 3).expect("it can be read");
        let page: Vec<RowRef> = lacking(None).into_iter().map(|lacking| lacking.row).collect();
        let rest = lacking(page.last());
        assert_eq!((page.len(), rest.len()), (3, 1));
        let link = |table: &Database, reference: &RowRef| {
            let addition = Addition {
                features_url: "https://b.example/f.json",
                features: &Arc::from(TEXT.as_bytes()),
                findings: LateFindings::Unasked,
            };
            table.complete(reference, &addition).expect("it can be written")
        };
        let table = with_tables(&cluster);
        assert_eq!(link(&table, &page[0]), Linked::Done);
        assert_eq!(link(&table, &found[0].reference()), Linked::Gone);
        assert_eq!(counts(&cluster), [1, 2, 3]);
        let linked = "SELECT metadata::text FROM rtcstats WHERE features_url = 'https://b.example/f.json'";
        assert_eq!(cluster.texts(linked), [r#"{"a": 1}"#]);
        assert_eq!(link(&plain, &page[1]), Linked::Done);
        assert_eq!(count(&plain), 2);
        // A table that numbers its rows does not say which of them have features in the tables.
        let expected = if is_numbered { 2 } else { 3 };
        assert_eq!(count(&table), expected);
        assert_eq!(plain.remove(&page[0]).expect("it works"), RowRemoval::Done);
        assert_eq!(counts(&cluster), [0, 0, 0]);
    }
}
