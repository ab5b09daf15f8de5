//! Tests of the catalogue on real files: repeated and concurrent writes, readers while a server writes, and files that
//! are repaired while they are open.
mod features;
mod findings;
mod triggers;

use std::thread;

use super::table::synchronous;
use super::*;
use crate::database::key::RowKey;
use crate::labels::Labels;
use crate::time::UnixMs;

fn row(n: u64) -> Row {
    Row {
        id: format!("00000000-0000-7000-8000-{n:012}").parse().unwrap(),
        created_at: UnixMs(2_000 + n),
        labels: Labels {
            user: Some(format!("user{}", n % 2)),
            conference: Some("room".to_owned()),
            session: None,
        },
        metadata: format!("{{\"bytes\":{n}}}"),
        blob_url: Some("file:///d/a.gz".to_owned()),
        features_url: None,
        session_start: UnixMs(1_000 + n),
        session_end: UnixMs(1_500 + n),
        features: None,
    }
}

fn found(n: u64) -> Found {
    row(n).into()
}

/// Writes one row, as most of these tests do.
fn insert(sqlite: &Sqlite, row: &Row) -> Result<Written, DatabaseError> {
    let mut written = sqlite.insert(&[Cow::Borrowed(row)])?;
    assert_eq!(written.len(), 1);
    written.remove(0)
}

fn user(name: &str) -> Labels {
    Labels {
        user: Some(name.to_owned()),
        ..Labels::default()
    }
}

fn all() -> Filter {
    Filter {
        limit: usize::MAX,
        ..Filter::default()
    }
}

fn catalogue() -> (tempfile::TempDir, PathBuf, Sqlite) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("new/catalog.db");
    let sqlite = Sqlite::open(&path)
        .unwrap()
        .with_busy_timeout(Duration::from_millis(20));
    (temp, path, sqlite)
}

#[test]
fn a_row_comes_back_as_it_was_written_and_only_once() {
    let (_temp, _, sqlite) = catalogue();
    insert(&sqlite, &row(1)).unwrap();
    insert(
        &sqlite,
        &Row {
            labels: Labels::default(),
            ..row(1)
        },
    )
    .unwrap();
    assert_eq!(sqlite.find(&all()).unwrap(), [found(1)]);
}

#[test]
fn finds_newest_first_with_filters_and_limit() {
    let (_temp, _, sqlite) = catalogue();
    for n in [3, 1, 4, 2] {
        insert(&sqlite, &row(n)).unwrap();
    }
    let starts = |filter: &Filter| {
        sqlite
            .find(filter)
            .unwrap()
            .iter()
            .map(|row| row.session_start.0 - 1_000)
            .collect::<Vec<_>>()
    };
    assert_eq!(starts(&all()), [4, 3, 2, 1]);
    assert_eq!(starts(&Filter { limit: 2, ..all() }), [4, 3]);
    assert_eq!(
        starts(&Filter {
            labels: user("user1"),
            ..all()
        }),
        [3, 1]
    );
    assert_eq!(
        starts(&Filter {
            labels: Labels {
                conference: Some("other".into()),
                ..Labels::default()
            },
            ..all()
        }),
        [0_u64; 0]
    );
    assert_eq!(
        starts(&Filter {
            labels: Labels {
                session: Some("s".into()),
                ..Labels::default()
            },
            ..all()
        }),
        [0_u64; 0]
    );
    assert_eq!(
        starts(&Filter {
            since: Some(UnixMs(1_002)),
            until: Some(UnixMs(1_004)),
            ..all()
        }),
        [3, 2]
    );
    let both = Filter {
        labels: user("user0"),
        since: Some(UnixMs(1_003)),
        limit: 1,
        ..all()
    };
    assert_eq!(starts(&both), [4]);
}

#[test]
fn a_row_is_found_by_its_id_released_and_removed() {
    let (_temp, _, sqlite) = catalogue();
    for n in 1..=3 {
        insert(&sqlite, &row(n)).unwrap();
    }
    let odd = Row {
        metadata: "broken".to_owned(),
        ..row(4)
    };
    insert(&sqlite, &odd).unwrap();
    let id = Some(RowKey::from(row(2).id.to_string().to_ascii_uppercase().as_str()));
    assert_eq!(sqlite.find(&Filter { id, ..all() }).unwrap(), [found(2)]);
    for expected in [RowRemoval::Done, RowRemoval::Absent] {
        assert_eq!(sqlite.would_remove(&row(2).reference()).unwrap(), expected);
        assert_eq!(sqlite.remove(&row(2).reference()).unwrap(), expected);
    }
    for (released, reason) in [(&row(3), "retention"), (&odd, "erased")] {
        let released = sqlite.release_blob(&released.reference(), reason);
        assert_eq!(released.unwrap(), RowRemoval::Done);
    }
    let found = sqlite.find(&all()).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|row| (row.metadata.as_str(), row.blob_url.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            (r#"{"blobRemoved":"erased"}"#, false),
            (r#"{"bytes":3,"blobRemoved":"retention"}"#, false),
            (r#"{"bytes":1}"#, true)
        ]
    );
}

#[test]
fn reads_beside_a_writer_and_says_when_there_is_nothing_yet() {
    let (temp, path, sqlite) = catalogue();
    let reader = Sqlite::open_read_only(&path).unwrap();
    for n in 0..20 {
        insert(&sqlite, &row(n)).unwrap();
        assert_eq!(reader.find(&all()).unwrap().len() as u64, n + 1);
    }
    assert!(insert(&reader, &row(99)).unwrap_err().whose() == Whose::Destination);
    drop(sqlite);
    assert_eq!(Sqlite::open_read_only(&path).unwrap().find(&all()).unwrap().len(), 20);
    let nowhere = temp.path().join("nowhere.db");
    let error = Sqlite::open_read_only(&nowhere).unwrap_err();
    assert!(
        matches!(error, DatabaseError::Missing(_)) && error.to_string().contains("nowhere.db"),
        "{error}"
    );
    assert!(!nowhere.exists());
    fs::write(&nowhere, b"").unwrap();
    assert!(matches!(
        Sqlite::open_read_only(&nowhere),
        Err(DatabaseError::Missing(_))
    ));
}

#[test]
fn several_processes_may_start_and_write_at_once() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("catalog.db");
    thread::scope(|scope| {
        for worker in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let sqlite = Sqlite::new(path).unwrap();
                for n in 0..50 {
                    while let Err(error) = insert(&sqlite, &row(worker * 25 + n)) {
                        assert_eq!(error.whose(), Whose::Destination, "{error}");
                    }
                }
            });
        }
    });
    assert_eq!(Sqlite::open_read_only(&path).unwrap().find(&all()).unwrap().len(), 125);
}

#[test]
fn a_locked_catalogue_is_waited_for() {
    let (_temp, path, sqlite) = catalogue();
    let mut other = Connection::open(&path).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert_eq!(insert(&sqlite, &row(1)).unwrap_err().whose(), Whose::Destination);
    assert_eq!(sqlite.probe().unwrap_err().whose(), Whose::Destination);
    drop(lock);
    insert(&sqlite, &row(1)).unwrap();
}

#[test]
fn a_full_catalogue_is_mended_without_a_restart() {
    let (_temp, _, sqlite) = catalogue();
    insert(&sqlite, &row(1)).unwrap();
    let full = |connection: &mut Connection| {
        connection.query_row("PRAGMA max_page_count = 1", [], |row| row.get::<_, i64>(0))?;
        Ok(())
    };
    sqlite.with_connection(full).unwrap();
    let large = Row {
        metadata: format!("\"{}\"", "x".repeat(100_000)),
        ..row(2)
    };
    assert_eq!(insert(&sqlite, &large).unwrap_err().whose(), Whose::Destination);
    insert(&sqlite, &large).unwrap();
    assert_eq!(sqlite.find(&all()).unwrap().len(), 2);
}

#[test]
fn a_damaged_or_removed_file_is_noticed() {
    let (_temp, path, sqlite) = catalogue();
    insert(&sqlite, &row(1)).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    insert(&sqlite, &row(2)).unwrap();
    assert_eq!(Sqlite::open_read_only(&path).unwrap().find(&all()).unwrap(), [found(2)]);
    drop(sqlite);
    fs::write(&path, [b'x'; 8192]).unwrap();
    let sqlite = Sqlite::new(&path).unwrap();
    assert_eq!(insert(&sqlite, &row(3)).unwrap_err().whose(), Whose::Destination);
    fs::remove_file(&path).unwrap();
    insert(&sqlite, &row(3)).unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    assert_eq!(insert(&sqlite, &row(4)).unwrap_err().whose(), Whose::Destination);
}

#[test]
fn what_the_table_refuses_is_its_rule_and_does_not_disturb_others() {
    let (_temp, path, sqlite) = catalogue();
    let rule = "CREATE TRIGGER r BEFORE INSERT ON rtcstats WHEN NEW.rtcstats_user = 'user1'
                BEGIN SELECT RAISE(ABORT, 'secret'); END";
    Connection::open(&path).unwrap().execute_batch(rule).unwrap();
    let error = insert(&sqlite, &row(1)).unwrap_err();
    assert!(
        error.whose() == Whose::Rule && !error.to_string().contains("secret"),
        "{error}"
    );
    insert(&sqlite, &row(2)).unwrap();
}

#[test]
fn a_newer_catalogue_is_left_alone() {
    let (_temp, path, sqlite) = catalogue();
    drop(sqlite);
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 7")
        .unwrap();
    let error = Sqlite::open(&path).unwrap_err();
    assert!(
        matches!(error, DatabaseError::Version { found: 7, .. }) && error.whose() == Whose::Destination,
        "{error}"
    );
    assert!(matches!(
        Sqlite::open_read_only(&path),
        Err(DatabaseError::Version { .. })
    ));
}

#[test]
fn a_writer_uses_wal_with_normal_sync() {
    let (_temp, _, sqlite) = catalogue();
    let settings = sqlite.with_connection(|connection| {
        let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        Ok((journal, synchronous))
    });
    assert_eq!(settings.unwrap(), ("wal".to_owned(), 1));
    for (journal, is_synced_later, expected) in [
        ("wal", true, "NORMAL"),
        ("wal", false, "FULL"),
        ("delete", true, "FULL"),
        ("delete", false, "FULL"),
    ] {
        assert_eq!(
            synchronous(journal, is_synced_later),
            expected,
            "{journal} {is_synced_later}"
        );
    }
}

fn batch(numbers: &[u64]) -> Vec<Cow<'static, Row>> {
    numbers.iter().map(|n| Cow::Owned(row(*n))).collect()
}

/// The result for each row. A refusal is that of a rule of the catalogue's.
fn told(answers: Vec<Result<Written, DatabaseError>>) -> Vec<Option<Written>> {
    let told = answers.into_iter().map(|answer| match answer {
        Ok(written) => Some(written),
        Err(error) => {
            assert_eq!(error.whose(), Whose::Rule, "{error}");
            None
        }
    });
    told.collect()
}

#[test]
fn a_batch_tells_what_became_of_each_row_and_goes_on_behind_a_refused_one() {
    const NOW: Option<Written> = Some(Written::Now);
    const BEFORE: Option<Written> = Some(Written::Before);
    // The second undoes the whole transaction, the first does not.
    for undone in ["ABORT", "ROLLBACK"] {
        let (_temp, path, sqlite) = catalogue();
        let rule = format!(
            "CREATE TRIGGER r BEFORE INSERT ON rtcstats WHEN NEW.id LIKE '%9' BEGIN SELECT RAISE({undone}, 'x'); END"
        );
        Connection::open(&path).unwrap().execute_batch(&rule).unwrap();
        assert_eq!(told(sqlite.insert(&batch(&[2])).unwrap()), [NOW]);
        let answers = told(sqlite.insert(&batch(&[1, 2, 9, 3, 1, 19, 4])).unwrap());
        assert_eq!(answers, [NOW, BEFORE, None, NOW, BEFORE, None, NOW], "{undone}");
        assert_eq!(sqlite.find(&all()).unwrap(), [4, 3, 2, 1].map(found), "{undone}");
    }
}

#[test]
fn batches_of_several_processes_that_overlap_write_each_row_once() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("catalog.db");
    // Who makes the file may be told that it is locked, without waiting, while another one makes it.
    Sqlite::new(&path).unwrap().prepare().unwrap();
    thread::scope(|scope| {
        for worker in 0..2 {
            let path = &path;
            scope.spawn(move || {
                let sqlite = Sqlite::new(path).unwrap();
                for round in 0..10 {
                    let mut numbers: Vec<u64> = (round * 32..round * 32 + 64).collect();
                    if worker == 1 {
                        numbers.reverse();
                    }
                    let answers = told(sqlite.insert(&batch(&numbers)).unwrap());
                    assert!(answers.iter().all(Option::is_some));
                }
            });
        }
    });
    let reader = Sqlite::open_read_only(&path).unwrap();
    assert_eq!(reader.find(&all()).unwrap().len(), 10 * 32 + 32);
}

#[test]
fn a_batch_that_cannot_be_committed_is_told_of_as_a_whole_and_leaves_no_row() {
    let (_temp, path, sqlite) = catalogue();
    sqlite.insert(&batch(&[1])).unwrap();
    let mut other = Connection::open(&path).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let error = sqlite.insert(&batch(&[2, 3])).unwrap_err();
    assert_eq!(error.whose(), Whose::Destination);
    drop(lock);
    assert_eq!(sqlite.find(&all()).unwrap(), [found(1)]);
    assert_eq!(told(sqlite.insert(&batch(&[2, 3])).unwrap()), [Some(Written::Now); 2]);
}
