//! What a sweep removes and what it leaves, on a real store and catalogue.
mod features;

use std::fs::{self, File};
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

    /// Stores `count` dumps, each with its row. The first one was recorded and packed `count` days ago, the last one
    /// one day ago.
    fn delivered(&self, count: u32) -> Vec<Id> {
        let days: Vec<(i64, i64)> = (1..=i64::from(count)).rev().map(|days| (days, days)).collect();
        self.dated(&days)
    }

    /// Stores dumps that were recorded and packed so many days ago; negative ones are ahead.
    fn dated(&self, days: &[(i64, i64)]) -> Vec<Id> {
        let ids: Vec<Id> = days.iter().map(|(born, _)| Id::at(days_ago(*born))).collect();
        for (id, (_, written)) in ids.iter().zip(days) {
            let packed = self.temp.path().join("packed");
            fs::write(&packed, format!("dump {id}")).unwrap();
            let file = File::options().write(true).open(&packed).unwrap();
            file.set_modified(days_ago(*written)).unwrap();
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
        features: None,
    }
}

fn days_ago(days: i64) -> SystemTime {
    let time = Duration::from_secs(days.unsigned_abs() * 86_400);
    let now = SystemTime::now();
    if days < 0 { now + time } else { now - time }
}

/// Notes in the folder that the clock has agreed with it for long, and a sweep was so many days ago.
fn remember(bench: &Bench, days: i64) {
    let last = LastSweep {
        swept: days_ago(days).into(),
        doubted: days_ago(days.max(0) + 1).into(),
    };
    last.write(&bench.store()).unwrap();
}

/// A sweep whose clock is believed.
fn sweep(bench: &Bench, max_age_days: Option<u64>, max_bytes: Option<u64>) -> Result<Swept, String> {
    remember(bench, 0);
    sweep_as_it_is(bench, max_age_days, max_bytes)
}

fn sweep_as_it_is(bench: &Bench, max_age_days: Option<u64>, max_bytes: Option<u64>) -> Result<Swept, String> {
    let sweep = Sweep {
        rules: Retention {
            max_age: max_age_days.map(|days| Duration::from_secs(days * 86_400)),
            max_bytes,
        },
        storage: &bench.storage(),
        database: &bench.database(),
        spool: bench.place.root().parent().unwrap(),
    };
    sweep.run(
        SystemTime::now() + Duration::from_secs(60),
        &mut Memory::default(),
        &|| false,
    )
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
        ..Swept::default()
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

/// Which dumps are gone when those older than 30 days go, by the days of their names and of their files.
#[test]
fn an_age_needs_both_witnesses() {
    let bench = Bench::new();
    let ids = bench.dated(&[
        (40, 40),
        (40, 1),
        (1, 700),
        (40, -5_000),
        (-5_000, 40),
        (-5_000, -5_000),
    ]);
    let swept = sweep(&bench, Some(30), None).unwrap();
    assert_eq!((swept.dumps, swept.ahead), (3, 1));
    let mut left = vec![ids[1], ids[2], ids[5]];
    left.sort();
    assert_eq!(bench.objects(), left);
}

/// A file from the future is not the newest for that.
#[test]
fn what_is_too_much_goes_in_the_order_of_the_witnesses() {
    let bench = Bench::new();
    let ids = bench.dated(&[(3, -5_000), (2, 2), (1, 700), (-5_000, -5_000)]);
    for left in [&ids[1..], &ids[2..], &ids[3..]] {
        let room: u64 = left
            .iter()
            .map(|id| fs::metadata(bench.object(*id)).unwrap().len())
            .sum();
        assert_eq!(sweep(&bench, None, Some(room)).unwrap().dumps, 1);
        let mut left = left.to_vec();
        left.sort();
        assert_eq!(bench.objects(), left);
    }
}

#[test]
fn a_clock_that_disagrees_only_tells_what_is_too_old() {
    // The last sweep, in days before now.
    for last in [None, Some(700), Some(16), Some(-1), Some(-5_000)] {
        let bench = Bench::new();
        bench.delivered(4);
        if let Some(days) = last {
            remember(&bench, days);
        }
        let swept = sweep_as_it_is(&bench, Some(2), None).unwrap();
        let doubt = swept.doubt.expect("the clock disagrees");
        assert_eq!((swept.dumps, doubt.dumps, bench.objects().len()), (0, 3, 4), "{last:?}");
        assert_eq!(doubt.last.is_none(), last.is_none());
        assert_eq!(doubt.until.since(UnixMs::now()).as_secs() / 600, 6);
        // At once it is not believed either; the doubt is in the folder.
        assert_eq!(sweep_as_it_is(&bench, Some(2), None).unwrap().dumps, 0);
        assert_eq!(sweep(&bench, Some(2), None).unwrap().dumps, 3, "an hour later");
    }
}

/// Both rules hold: the size at once, the age when the clock is believed.
#[test]
fn a_doubt_does_not_keep_what_is_too_much() {
    let bench = Bench::new();
    let ids = bench.delivered(4);
    let room: u64 = ids[1..]
        .iter()
        .map(|id| fs::metadata(bench.object(*id)).unwrap().len())
        .sum();
    let swept = sweep_as_it_is(&bench, Some(2), Some(room)).unwrap();
    assert_eq!((swept.dumps, swept.doubt.unwrap().dumps), (1, 3));
    assert_eq!(bench.objects(), ids[1..]);
    assert_eq!(reasons(&bench)[0].as_deref(), Some("max_bytes"));
    assert_eq!(sweep(&bench, Some(2), Some(room)).unwrap().dumps, 2);
    assert_eq!(reasons(&bench)[1].as_deref(), Some("max_age"));
}

/// No clock is needed for that.
#[test]
fn nothing_is_kept_where_nothing_is_to_be_kept() {
    let bench = Bench::new();
    bench.dated(&[(1, 1), (-5_000, -5_000), (0, 0)]);
    assert_eq!(sweep_as_it_is(&bench, Some(0), None).unwrap().dumps, 3);
}

#[test]
fn what_the_folder_cannot_remember_the_process_does() {
    let bench = Bench::new();
    bench.delivered(3);
    fs::create_dir(bench.store().join(".last-sweep")).unwrap();
    let (storage, database) = (bench.storage(), bench.database());
    let sweep = Sweep {
        rules: Retention {
            max_age: Some(Duration::from_secs(86_400 * 3 / 2)),
            max_bytes: None,
        },
        storage: &storage,
        database: &database,
        spool: bench.place.root().parent().unwrap(),
    };
    let mut memory = Memory::default();
    let mut at = |minutes: u64| {
        let now = SystemTime::now() + Duration::from_secs(minutes * 60);
        let swept = sweep.run(now, &mut memory, &|| false).unwrap();
        let trouble = memory.trouble.as_deref().expect("it cannot be written");
        assert!(
            trouble.starts_with("the time of a sweep cannot be noted in folder "),
            "{trouble}"
        );
        swept
    };
    assert_eq!(at(0).doubt.unwrap().dumps, 2);
    assert_eq!(at(30).doubt.unwrap().dumps, 2);
    assert_eq!((at(61).dumps, bench.objects().len()), (2, 1));
}

#[test]
fn a_dump_that_cannot_go_holds_up_no_other() {
    let bench = Bench::new();
    let ids = bench.delivered(3);
    let database = rusqlite::Connection::open(bench.catalogue()).unwrap();
    let trigger = format!(
        "CREATE TRIGGER keep BEFORE UPDATE ON rtcstats WHEN old.id = '{}' BEGIN SELECT RAISE(IGNORE); END",
        ids[0]
    );
    database.execute_batch(&trigger).unwrap();
    let swept = sweep(&bench, Some(0), None).unwrap();
    assert_eq!((swept.dumps, swept.kept), (2, 1), "{swept:?}");
    assert!(swept.why.unwrap().path.to_string_lossy().contains(&ids[0].to_string()));
    assert_eq!(bench.objects(), ids[..1]);
    // Its bytes count as gone.
    assert_eq!(sweep(&bench, None, Some(1)).unwrap().kept, 1);
}
