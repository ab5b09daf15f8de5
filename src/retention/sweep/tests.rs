//! What a sweep removes and what it leaves, on a real store and catalogue.
use std::fs::{self, File};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::*;
use crate::database::{Found, Row, Sqlite};
use crate::labels::Labels;
use crate::spool::{Kind, Place};
use crate::storage::{Directory, Upload};
use crate::time::UnixMs;

/// A store, a catalogue and a spool in a temporary folder.
struct Bench {
    temp: tempfile::TempDir,
    place: Place,
}

impl Bench {
    fn new() -> Bench {
        let temp = tempfile::tempdir().unwrap();
        let place = Place::open(&temp.path().join("spool")).unwrap();
        fs::create_dir(temp.path().join("dumps")).unwrap();
        Bench { temp, place }
    }

    fn store(&self) -> PathBuf {
        self.temp.path().join("dumps")
    }

    fn catalogue(&self) -> PathBuf {
        self.temp.path().join("catalog.db")
    }

    fn storage(&self) -> Storage {
        Directory::new(&self.store()).unwrap().into()
    }

    fn database(&self) -> Database {
        let database = Sqlite::new(&self.catalogue()).unwrap();
        Database::Sqlite(database.with_busy_timeout(Duration::from_millis(1)))
    }

    fn object(&self, id: Id) -> PathBuf {
        self.store().join(format!("alice/{id}.jsonl.gz"))
    }

    /// Stores `count` dumps, each with its row. The first one was packed `count` days ago, the last one one day ago.
    fn delivered(&self, count: u32) -> Vec<Id> {
        let ids: Vec<Id> = (0..count).map(|_| Id::new()).collect();
        for (id, days) in ids.iter().zip((1..=count).rev()) {
            let packed = self.temp.path().join("packed");
            fs::write(&packed, format!("dump {id}")).unwrap();
            let age = Duration::from_secs(u64::from(days) * 86_400);
            let file = File::options().write(true).open(&packed).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            let mut upload = Upload {
                id: None,
                note: &mut |_| Ok(()),
            };
            let key = format!("alice/{id}.jsonl.gz");
            let url = self.storage().put(&packed, &key, None, &mut upload).unwrap();
            fs::remove_file(packed).unwrap();
            let written = self.database().insert(&[row(*id, url)]).unwrap();
            assert!(written[0].is_ok());
        }
        ids
    }

    /// Ids of all objects, sorted.
    fn objects(&self) -> Vec<Id> {
        let entries = fs::read_dir(self.store().join("alice")).unwrap();
        let mut ids: Vec<Id> = entries.map(|entry| id_in(&entry.unwrap().path()).unwrap()).collect();
        ids.sort();
        ids
    }

    /// All rows, oldest id first.
    fn rows(&self) -> Vec<Found> {
        let filter = Filter {
            limit: usize::MAX,
            ..Filter::default()
        };
        let mut rows = self.database().find(&filter).unwrap();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows
    }
}

fn row(id: Id, blob_url: String) -> Row {
    Row {
        id,
        created_at: UnixMs::now(),
        labels: Labels::default(),
        metadata: r#"{"numberOfMessages":1}"#.to_owned(),
        blob_url: Some(blob_url),
        features_url: None,
        session_start: UnixMs(1_000),
        session_end: UnixMs(9_000),
    }
}

fn sweep(bench: &Bench, max_age_days: Option<u64>, max_bytes: Option<u64>) -> Result<Swept, String> {
    let sweep = Sweep {
        rules: Retention {
            max_age: max_age_days.map(|days| Duration::from_secs(days * 86_400)),
            max_bytes,
        },
        storage: &bench.storage(),
        database: &bench.database(),
        spool: bench.place.root().parent().unwrap(),
    };
    sweep.run(SystemTime::now() + Duration::from_secs(60), &|| false)
}

/// The reasons in the rows, in the order of ids; a row that still has its object has none.
fn reasons(bench: &Bench) -> Vec<Option<String>> {
    let rows = bench.rows().into_iter().map(|row| {
        let metadata: serde_json::Value = serde_json::from_str(&row.metadata).unwrap();
        let reason = metadata["blobRemoved"].as_str().map(str::to_owned);
        assert_eq!(reason.is_none(), row.blob_url.is_some());
        assert_eq!(metadata["numberOfMessages"], 1, "the rest of the metadata stays");
        reason
    });
    rows.collect()
}

#[test]
fn what_is_too_old_goes_and_its_row_stays() {
    let bench = Bench::new();
    let ids = bench.delivered(5);
    assert_eq!(sweep(&bench, Some(3), None).unwrap().dumps, 3);
    assert_eq!(bench.objects(), ids[3..]);
    let old = Some("max_age".to_owned());
    assert_eq!(reasons(&bench), [old.clone(), old.clone(), old, None, None]);
    assert_eq!(sweep(&bench, Some(3), None), Ok(Swept::default()));
}

#[test]
fn what_is_too_much_goes_oldest_first() {
    let bench = Bench::new();
    let ids = bench.delivered(5);
    let bytes = |ids: &[Id]| -> u64 {
        ids.iter()
            .map(|id| fs::metadata(bench.object(*id)).unwrap().len())
            .sum()
    };
    assert_eq!(sweep(&bench, None, Some(bytes(&ids))), Ok(Swept::default()));
    let gone = Swept {
        dumps: 2,
        bytes: bytes(&ids[..2]),
    };
    assert_eq!(sweep(&bench, None, Some(bytes(&ids[2..]) + 1)), Ok(gone));
    assert_eq!(bench.objects(), ids[2..]);
    assert_eq!(reasons(&bench)[1].as_deref(), Some("max_bytes"));
}

#[test]
fn what_is_on_its_way_or_none_of_ours_stays() {
    let bench = Bench::new();
    let ids = bench.delivered(2);
    fs::write(bench.store().join("notes.txt"), b"not a dump").unwrap();
    let copy = bench.store().join(format!("{}.jsonl.gz.copy", ids[1]));
    fs::write(&copy, b"somebody's own copy").unwrap();
    fs::write(bench.place.path(Kind::Packed, ids[0]), b"put, and no row yet").unwrap();
    for file in [&copy, &bench.store().join("notes.txt")] {
        let file = File::options().write(true).open(file).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    assert_eq!(sweep(&bench, Some(0), None).unwrap().dumps, 1);
    assert!(copy.exists() && bench.store().join("notes.txt").exists());
    assert_eq!(bench.objects(), ids[..1]);
    assert_eq!(reasons(&bench), [None, Some("max_age".to_owned())]);
}

#[test]
fn a_catalogue_that_is_away_keeps_every_object() {
    let bench = Bench::new();
    let ids = bench.delivered(2);
    let away = bench.catalogue().with_extension("away");
    fs::rename(bench.catalogue(), &away).unwrap();
    fs::create_dir(bench.catalogue()).unwrap();
    assert!(sweep(&bench, Some(0), None).is_err());
    assert_eq!(bench.objects(), ids);
}

/// Two processes on one data folder do this, each with its own thread.
#[test]
fn two_sweeps_at_a_time_let_no_more_go_than_one() {
    let bench = Bench::new();
    let ids = bench.delivered(30);
    let room = ids[20..]
        .iter()
        .map(|id| fs::metadata(bench.object(*id)).unwrap().len())
        .sum();
    thread::scope(|scope| {
        for _ in 0..2 {
            // The catalogue of the bench waits for no other process, so each thread tries until it has had its turn.
            scope.spawn(|| while sweep(&bench, None, Some(room)).is_err() {});
        }
    });
    assert_eq!(bench.objects(), ids[20..]);
}
