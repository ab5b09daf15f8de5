//! Tests of the tables of features: made when they are wanted, written and removed with the row of their dump.
use std::sync::Arc;

use super::*;
use crate::database::features::{Cell, Column, FeatureRows, FeatureTables};
use crate::database::findings::LateFindings;

/// A client with the text as its only feature, a connection, and as many tracks as the text has bytes.
fn tables() -> FeatureTables {
    let columns = |name: &str, kind| vec![(name.to_owned(), kind)];
    FeatureTables {
        columns: [
            columns("window", Column::Json),
            columns("closed", Column::Boolean),
            columns("duration", Column::Real),
        ],
        read: |text| {
            Some(FeatureRows {
                client: vec![Cell::Json(String::from_utf8_lossy(text))],
                connections: vec![vec![Cell::Boolean(true)], vec![Cell::Null]],
                tracks: text.iter().map(|_| (1, vec![Cell::Real(0.5)])).collect(),
            })
        },
    }
}

fn with_features(n: u64, text: &str) -> Row {
    Row {
        features: Some(Arc::from(text.as_bytes())),
        ..row(n)
    }
}

fn counts(path: &Path) -> [i64; 4] {
    let connection = Connection::open(path).unwrap();
    ["", "_features_client", "_features_connection", "_features_track"].map(|suffix| {
        let sql = format!("SELECT count(*) FROM rtcstats{suffix}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap_or(-1)
    })
}

fn write(sqlite: &Sqlite, rows: &[Row]) {
    let rows: Vec<Cow<'_, Row>> = rows.iter().map(Cow::Borrowed).collect();
    let written = sqlite.insert(&rows).unwrap();
    assert!(written.iter().all(Result::is_ok), "{written:?}");
}

#[test]
fn an_older_catalogue_gets_the_tables_when_they_are_wanted_and_goes_on_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let plain = Sqlite::open(&path).unwrap();
    write(&plain, &[with_features(1, "ab")]);
    assert_eq!(counts(&path), [1, -1, -1, -1]);
    let sqlite = Sqlite::new(&path).unwrap().with_feature_tables(tables());
    write(&sqlite, &[with_features(2, "ab"), row(3)]);
    assert_eq!(counts(&path), [3, 1, 2, 2]);
    // A program without them still erases what they have.
    write(&plain, &[with_features(4, "ab")]);
    assert_eq!(plain.remove(&row(2).reference()).unwrap(), RowRemoval::Done);
    assert_eq!(counts(&path), [3, 0, 0, 0]);
    // A newer program has one column more.
    let mut more = tables();
    more.columns[2].insert(0, ("kind".to_owned(), Column::Text));
    more.read = |_| {
        let track = vec![Cell::Text("audio".into()), Cell::Real(1.0)];
        let tracks = vec![(0, track)];
        Some(FeatureRows {
            client: vec![Cell::Null],
            connections: vec![vec![Cell::Boolean(false)]],
            tracks,
        })
    };
    let newer = Sqlite::new(&path).unwrap().with_feature_tables(more);
    write(&newer, &[with_features(5, "")]);
    let connection = Connection::open(&path).unwrap();
    let sql = "SELECT kind || duration || connection_number || track_number FROM rtcstats_features_track";
    let track: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(track, "audio1.011");
    write(&sqlite, &[with_features(6, "a")]);
    assert_eq!(counts(&path), [5, 2, 3, 2]);
}

#[test]
fn features_come_in_place_of_those_of_an_earlier_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let sqlite = Sqlite::new(&path).unwrap().with_feature_tables(tables());
    for (text, tracks) in [("abc", 3), ("ab", 2), ("ab", 2)] {
        write(&sqlite, &[with_features(1, text), with_features(2, "")]);
        assert_eq!(counts(&path), [2, 2, 4, tracks]);
    }
    assert_eq!(sqlite.would_remove(&row(1).reference()).unwrap(), RowRemoval::Done);
    assert_eq!(counts(&path), [2, 2, 4, 2]);
    assert_eq!(sqlite.remove(&row(1).reference()).unwrap(), RowRemoval::Done);
    assert_eq!(counts(&path), [1, 1, 2, 0]);
}

#[test]
fn what_the_tables_refuse_keeps_no_row_from_being_written() {
    for action in ["ABORT", "FAIL", "ROLLBACK"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        let sqlite = Sqlite::new(&path).unwrap().with_feature_tables(tables());
        write(&sqlite, &[row(1)]);
        let connection = Connection::open(&path).unwrap();
        let trigger = format!(
            "CREATE TRIGGER t BEFORE INSERT ON rtcstats_features_track WHEN NEW.track_number = 3
             BEGIN SELECT raise({action}, 'no'); END"
        );
        connection.execute_batch(&trigger).unwrap();
        let rows = [with_features(2, "ab"), with_features(3, "abc"), with_features(4, "a")];
        write(&sqlite, &rows);
        assert_eq!(counts(&path), [4, 2, 4, 3], "{action}");
    }
}

#[test]
fn rows_without_features_are_found_and_linked_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let plain = Sqlite::open(&path).unwrap();
    let missing = |n| Row {
        metadata: r#"{"featuresMissing":"why","a":1}"#.to_owned(),
        features_url: None,
        ..row(n)
    };
    let rows: Vec<Row> = (1..=5).map(missing).collect();
    write(&plain, &rows);
    let _ = plain.release_blob(&rows[1].reference(), "old").unwrap();
    let count = |sqlite: &Sqlite| sqlite.count_lacking(Wanted::Features).unwrap().features;
    assert_eq!(count(&plain), 4);
    let page = plain.lacking(Wanted::Features, None, 3).unwrap();
    let rest = plain
        .lacking(Wanted::Features, page.last().map(|last| &last.row), 3)
        .unwrap();
    let page: Vec<RowRef> = page.into_iter().chain(rest).map(|lacking| lacking.row).collect();
    let keys: Vec<RowKey> = page.iter().map(|row| row.key.clone()).collect();
    assert_eq!(keys, [0, 2, 3, 4].map(|at| RowKey::from(rows[at].id)));
    let text: Arc<[u8]> = Arc::from(&b"ab"[..]);
    let addition = Addition {
        features_url: "file:///f",
        features: &text,
        findings: LateFindings::Unasked,
    };
    let link = |sqlite: &Sqlite, row: &RowRef| sqlite.complete(row, &addition).unwrap();
    assert_eq!(link(&plain, &page[0]), Linked::Done);
    assert_eq!(link(&plain, &rows[1].reference()), Linked::Gone);
    assert_eq!(count(&plain), 3);
    let found = plain
        .find(&Filter {
            limit: 9,
            ..Filter::default()
        })
        .unwrap();
    let linked = found.iter().find(|row| row.id == page[0].key).unwrap();
    assert_eq!(
        (linked.features_url.as_deref(), linked.metadata.as_str()),
        (Some("file:///f"), r#"{"a":1}"#)
    );
    // With tables, it is also listed until its features are there.
    let sqlite = Sqlite::new(&path).unwrap().with_feature_tables(tables());
    assert_eq!(count(&sqlite), 4);
    assert_eq!(link(&sqlite, &page[0]), Linked::Done);
    assert_eq!(count(&sqlite), 3);
    assert_eq!(counts(&path), [5, 1, 2, 2]);
}
