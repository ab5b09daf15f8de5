//! What a sweep lets go and what it leaves, on a real store and catalogue.
use super::super::deliver::{Outcome, Parts};
use super::super::testing::{Bench, gates, wait_for};
use super::*;
use crate::spool::Kind;
use std::fs::{self, File};

/// Delivers so many dumps; the first was packed as many days ago as there are, the last one day ago.
fn delivered(bench: &Bench, parts: &Parts, count: u32) -> Vec<Id> {
    let ids = bench.seal_many(count as usize);
    for (id, days) in ids.iter().zip((1..=count).rev()) {
        assert_eq!(bench.run(*id, parts, &gates()), Outcome::Delivered);
        let packed = SystemTime::now() - Duration::from_secs(u64::from(days) * 86_400);
        File::options()
            .write(true)
            .open(bench.object(*id))
            .unwrap()
            .set_modified(packed)
            .unwrap();
    }
    wait_for("the sync", || bench.queue_is_empty());
    ids
}

fn sweep(bench: &Bench, parts: &Parts, max_age_days: Option<u64>, max_bytes: Option<u64>) -> Result<Swept, String> {
    let sweep = Sweep {
        rules: Retention {
            max_age: max_age_days.map(|days| Duration::from_secs(days * 86_400)),
            max_bytes,
        },
        storage: &parts.storage,
        database: &parts.database,
        spool: bench.place.root().parent().unwrap(),
        now: SystemTime::now() + Duration::from_secs(60),
    };
    sweep.run(&|| false)
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
    let bench = Bench::new(false);
    let parts = bench.parts();
    let ids = delivered(&bench, &parts, 5);
    assert_eq!(sweep(&bench, &parts, Some(3), None).unwrap().dumps, 3);
    assert_eq!(bench.objects(), ids[3..]);
    let old = Some("max_age".to_owned());
    assert_eq!(reasons(&bench), [old.clone(), old.clone(), old, None, None]);
    assert_eq!(sweep(&bench, &parts, Some(3), None), Ok(Swept::default()));
}

#[test]
fn what_is_too_much_goes_oldest_first() {
    let bench = Bench::new(false);
    let parts = bench.parts();
    let ids = delivered(&bench, &parts, 5);
    let bytes = |ids: &[Id]| -> u64 {
        ids.iter()
            .map(|id| fs::metadata(bench.object(*id)).unwrap().len())
            .sum()
    };
    assert_eq!(sweep(&bench, &parts, None, Some(bytes(&ids))), Ok(Swept::default()));
    let gone = Swept {
        dumps: 2,
        bytes: bytes(&ids[..2]),
    };
    assert_eq!(sweep(&bench, &parts, None, Some(bytes(&ids[2..]) + 1)), Ok(gone));
    assert_eq!(bench.objects(), ids[2..]);
    assert_eq!(reasons(&bench)[1].as_deref(), Some("max_bytes"));
}

#[test]
fn what_is_on_its_way_or_none_of_ours_stays() {
    let bench = Bench::new(false);
    let parts = bench.parts();
    let ids = delivered(&bench, &parts, 2);
    fs::write(bench.store().join("notes.txt"), b"not a dump").unwrap();
    let copy = bench.store().join(format!("{}.jsonl.gz.copy", ids[1]));
    fs::write(&copy, b"somebody's own copy").unwrap();
    fs::write(bench.place.path(Kind::Packed, ids[0]), b"put, and no row yet").unwrap();
    for file in [&copy, &bench.store().join("notes.txt")] {
        let file = File::options().write(true).open(file).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    assert_eq!(sweep(&bench, &parts, Some(0), None).unwrap().dumps, 1);
    assert!(copy.exists() && bench.store().join("notes.txt").exists());
    assert_eq!(bench.objects(), ids[..1]);
    assert_eq!(reasons(&bench), [None, Some("max_age".to_owned())]);
}

#[test]
fn a_catalogue_that_is_away_keeps_every_object() {
    let bench = Bench::new(false);
    let parts = bench.parts();
    let ids = delivered(&bench, &parts, 2);
    let away = bench.catalogue().with_extension("away");
    fs::rename(bench.catalogue(), &away).unwrap();
    fs::create_dir(bench.catalogue()).unwrap();
    assert!(sweep(&bench, &parts, Some(0), None).is_err());
    assert_eq!(bench.objects(), ids);
}

/// As two processes on one data folder do, each with its own thread.
#[test]
fn two_sweeps_at_a_time_let_no_more_go_than_one() {
    let bench = Bench::new(false);
    let parts = bench.parts();
    let ids = delivered(&bench, &parts, 30);
    let room = ids[20..]
        .iter()
        .map(|id| fs::metadata(bench.object(*id)).unwrap().len())
        .sum();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            // The catalogue of the bench waits for no other process, so each tries until it has had its turn.
            scope.spawn(|| while sweep(&bench, &bench.parts(), None, Some(room)).is_err() {});
        }
    });
    assert_eq!(bench.objects(), ids[20..]);
}
