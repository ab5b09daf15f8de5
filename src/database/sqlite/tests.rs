//! The catalogue on real files: repeated and concurrent writes, readers beside a writer, and what is mended under it.
use std::thread;

use super::*;

fn row(n: u64) -> Row {
    Row {
        id: format!("00000000-0000-7000-8000-{n:012}"),
        created_at_ms: 2_000 + n,
        user: Some(format!("user{}", n % 2)),
        conference: Some("room".to_owned()),
        session: None,
        metadata: format!("{{\"bytes\":{n}}}"),
        blob_url: Some("file:///d/a.gz".to_owned()),
        features_url: None,
        session_start_ms: 1_000 + n,
        session_end_ms: 1_500 + n,
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
    sqlite.insert(&row(1)).unwrap();
    sqlite.insert(&Row { user: None, ..row(1) }).unwrap();
    assert_eq!(sqlite.find(&all()).unwrap(), [row(1)]);
}

#[test]
fn finds_newest_first_with_filters_and_limit() {
    let (_temp, _, sqlite) = catalogue();
    for n in [3, 1, 4, 2] {
        sqlite.insert(&row(n)).unwrap();
    }
    let starts = |filter: &Filter| {
        sqlite
            .find(filter)
            .unwrap()
            .iter()
            .map(|row| row.session_start_ms - 1_000)
            .collect::<Vec<_>>()
    };
    assert_eq!(starts(&all()), [4, 3, 2, 1]);
    assert_eq!(starts(&Filter { limit: 2, ..all() }), [4, 3]);
    assert_eq!(
        starts(&Filter {
            user: Some("user1".into()),
            ..all()
        }),
        [3, 1]
    );
    assert_eq!(
        starts(&Filter {
            conference: Some("other".into()),
            ..all()
        }),
        [0_u64; 0]
    );
    assert_eq!(
        starts(&Filter {
            session: Some("s".into()),
            ..all()
        }),
        [0_u64; 0]
    );
    assert_eq!(
        starts(&Filter {
            since_ms: Some(1_002),
            until_ms: Some(1_004),
            ..all()
        }),
        [3, 2]
    );
    let both = Filter {
        user: Some("user0".into()),
        since_ms: Some(1_003),
        limit: 1,
        ..all()
    };
    assert_eq!(starts(&both), [4]);
}

#[test]
fn a_row_is_found_by_its_id_released_and_removed() {
    let (_temp, _, sqlite) = catalogue();
    (1..=3).for_each(|n| sqlite.insert(&row(n)).unwrap());
    let odd = Row {
        metadata: "broken".to_owned(),
        ..row(4)
    };
    sqlite.insert(&odd).unwrap();
    let id = Some(row(2).id.to_ascii_uppercase());
    assert_eq!(sqlite.find(&Filter { id, ..all() }).unwrap(), [row(2)]);
    sqlite.remove(&row(2)).unwrap();
    sqlite.remove(&row(2)).unwrap();
    sqlite.release_blob(&row(3), "retention").unwrap();
    sqlite.release_blob(&odd, "erased").unwrap();
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
        sqlite.insert(&row(n)).unwrap();
        assert_eq!(reader.find(&all()).unwrap().len() as u64, n + 1);
    }
    assert!(!reader.insert(&row(99)).unwrap_err().is_permanent());
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
                    while let Err(error) = sqlite.insert(&row(worker * 25 + n)) {
                        assert!(!error.is_permanent(), "{error}");
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
    assert!(!sqlite.insert(&row(1)).unwrap_err().is_permanent());
    assert!(!sqlite.probe().unwrap_err().is_permanent());
    drop(lock);
    sqlite.insert(&row(1)).unwrap();
}

#[test]
fn a_full_catalogue_is_mended_without_a_restart() {
    let (_temp, _, sqlite) = catalogue();
    sqlite.insert(&row(1)).unwrap();
    let full = |connection: &mut Connection| {
        connection.query_row("PRAGMA max_page_count = 1", [], |row| row.get::<_, i64>(0))?;
        Ok(())
    };
    sqlite.with_connection(full).unwrap();
    let large = Row {
        metadata: format!("\"{}\"", "x".repeat(100_000)),
        ..row(2)
    };
    assert!(!sqlite.insert(&large).unwrap_err().is_permanent());
    sqlite.insert(&large).unwrap();
    assert_eq!(sqlite.find(&all()).unwrap().len(), 2);
}

#[test]
fn a_damaged_or_removed_file_is_noticed() {
    let (_temp, path, sqlite) = catalogue();
    sqlite.insert(&row(1)).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    sqlite.insert(&row(2)).unwrap();
    assert_eq!(Sqlite::open_read_only(&path).unwrap().find(&all()).unwrap(), [row(2)]);
    drop(sqlite);
    fs::write(&path, [b'x'; 8192]).unwrap();
    let sqlite = Sqlite::new(&path).unwrap();
    assert!(!sqlite.insert(&row(3)).unwrap_err().is_permanent());
    fs::remove_file(&path).unwrap();
    sqlite.insert(&row(3)).unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    assert!(!sqlite.insert(&row(4)).unwrap_err().is_permanent());
}

#[test]
fn what_the_table_refuses_is_permanent_and_does_not_disturb_others() {
    let (_temp, path, sqlite) = catalogue();
    let rule = "CREATE TRIGGER r BEFORE INSERT ON rtcstats WHEN NEW.rtcstats_user = 'user1'
                BEGIN SELECT RAISE(ABORT, 'secret'); END";
    Connection::open(&path).unwrap().execute_batch(rule).unwrap();
    let error = sqlite.insert(&row(1)).unwrap_err();
    assert!(error.is_permanent() && !error.to_string().contains("secret"), "{error}");
    sqlite.insert(&row(2)).unwrap();
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
        matches!(error, DatabaseError::Version { found: 7, .. }) && !error.is_permanent(),
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
}
