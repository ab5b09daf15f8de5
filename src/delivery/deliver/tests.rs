//! Tests of one dump's steps on a real spool, store and catalogue: repeated after every crash, or held or refused for a
//! reason.
use std::fs;

use super::super::record::row;
use super::super::step::Failure;
use super::super::testing::{Bench, Ended, Line, dump, wait_for};
use super::*;
use crate::spool::{DumpState, Manifest, pack, tombstone};
use crate::storage::Upload;

mod calls;
mod erasure;
mod features;

fn run(bench: &Bench, id: Id) -> Ended {
    bench.deliver(id)
}

fn note(bench: &Bench, id: Id) -> String {
    let name = bench.place.path(Kind::FailedNote, id);
    fs::read_to_string(name).unwrap()
}

#[test]
fn a_dump_becomes_one_object_and_one_row_and_leaves() {
    let bench = Bench::new(false);
    let id = bench.seal();
    assert_eq!(run(&bench, id), Ended::Delivered);
    bench.assert_delivered(&[id]);
    let row = &bench.rows()[0];
    assert_eq!(
        (row.labels.user.as_deref(), row.session_start.0, row.session_end.0),
        (Some("alice"), 1000, 9000)
    );
    assert_eq!(row.blob_url, Some(format!("file://{}", bench.object(id).display())));
    let metadata: serde_json::Value = serde_json::from_str(&row.metadata).unwrap();
    assert_eq!(
        (metadata["numberOfMessages"].as_u64(), metadata["closeCode"].as_u64()),
        (Some(1), Some(1001))
    );
    wait_for("the sync", || bench.queue_is_empty());
    assert_eq!(run(&bench, id), Ended::Gone);
    bench.assert_delivered(&[id]);
    assert!(bench.files(DumpState::Failed).is_empty());
}

#[test]
fn nothing_is_stored_or_removed_before_a_sync() {
    let bench = Bench::new(true);
    let id = bench.seal();
    let files = || {
        (
            bench.files(DumpState::Ready).len(),
            bench.files(DumpState::Packed).len(),
        )
    };
    for _ in 0..3 {
        assert_eq!(Line::new(&bench).run(id), Ended::Packed);
        assert_eq!(files(), (1, 3));
        bench.assert_delivered(&[]);
    }
    for _ in 0..3 {
        assert_eq!(run(&bench, id), Ended::Delivered);
        assert_eq!(files(), (0, 3));
    }
    bench.assert_delivered(&[id]);
}

#[test]
fn what_a_power_cut_has_torn_is_packed_again_while_it_can_be() {
    let bench = Bench::new(true);
    let id = bench.seal();
    let parts = bench.parts();
    pack(&bench.place, id, &parts.pack).unwrap();
    for file in [bench.place.path(Kind::Packed, id), bench.place.path(Kind::Manifest, id)] {
        fs::write(file, b"").unwrap();
        assert_eq!(run(&bench, id), Ended::Delivered);
        bench.seal_again(id);
    }
    bench.assert_delivered(&[id]);
    assert!(bench.files(DumpState::Failed).is_empty());
}

#[test]
fn a_crash_after_any_step_is_made_good_by_running_again() {
    for done in 0..5 {
        let bench = Bench::new(false);
        let id = bench.seal();
        let parts = bench.parts();
        if done > 0 {
            let manifest = pack(&bench.place, id, &parts.pack).unwrap();
            let url = if done > 1 {
                let mut upload = Upload {
                    id: None,
                    note: &mut |_| Ok(()),
                };
                let file = bench.place.path(Kind::Packed, id);
                parts.storage.put(&file, &manifest.key, None, &mut upload).unwrap()
            } else {
                String::new()
            };
            if done > 2 {
                parts.database.insert(&[row(&manifest, &url, None)]).unwrap();
            }
            if done > 3 {
                fs::remove_file(bench.place.path(Kind::Ready, id)).unwrap();
            }
        }
        assert_eq!(run(&bench, id), Ended::Delivered, "after {done} steps");
        wait_for("the sync", || bench.queue_is_empty());
        bench.assert_delivered(&[id]);
    }
}

#[test]
fn a_torn_object_and_a_partial_pack_are_replaced() {
    let bench = Bench::new(false);
    let id = bench.seal();
    fs::create_dir(bench.store().join("alice")).unwrap();
    fs::write(bench.object(id), b"torn").unwrap();
    fs::write(bench.place.path(Kind::Partial, id), b"torn").unwrap();
    fs::write(bench.place.path(Kind::Manifest, id), b"torn").unwrap();
    assert_eq!(run(&bench, id), Ended::Delivered);
    wait_for("the sync", || bench.queue_is_empty());
    bench.assert_delivered(&[id]);
    assert!(fs::metadata(bench.object(id)).unwrap().len() > 50);
}

#[test]
fn what_is_wrong_with_the_dump_goes_to_failed_with_a_note() {
    let bench = Bench::new(false);
    let no_dump = Id::new();
    fs::write(bench.place.path(Kind::Ready, no_dump), b"something else\n").unwrap();
    let folder = Id::new();
    fs::create_dir(bench.place.path(Kind::Ready, folder)).unwrap();
    let [no_manifest, torn_manifest, foreign_manifest, bad_key] = [(); 4].map(|()| bench.packed());
    let manifest = |id| bench.place.path(Kind::Manifest, id);
    let text = fs::read_to_string(manifest(bad_key)).unwrap();
    fs::copy(manifest(bad_key), manifest(foreign_manifest)).unwrap();
    let mut outside = Manifest::read(&bench.place, bad_key).unwrap();
    outside.key = format!("../{}", outside.key);
    outside.rewrite(&bench.place).unwrap();
    fs::write(manifest(torn_manifest), &text[..text.len() / 2]).unwrap();
    fs::remove_file(manifest(no_manifest)).unwrap();
    let unstorable = bench.seal_unstorable();
    let all = [
        no_dump,
        folder,
        no_manifest,
        torn_manifest,
        foreign_manifest,
        bad_key,
        unstorable,
    ];
    for id in all {
        assert_eq!(run(&bench, id), Ended::Refused);
        let note = note(&bench, id);
        assert!(
            note.contains(&id.to_string()) && note.contains("cannot be delivered: "),
            "{note}"
        );
        assert!(!note.contains("alice") && !note.contains("blocked"), "{note}");
    }
    assert!(bench.queue_is_empty() && bench.rows().is_empty() && bench.objects().is_empty());
    assert!(bench.files(DumpState::Failed).len() > 2 * all.len(), "files and notes");
}

#[test]
fn a_destination_that_is_down_holds_the_dump_and_is_not_asked_twice() {
    let bench = Bench::new(false);
    let id = bench.seal();
    let mut line = Line::new(&bench);
    fs::remove_dir(bench.store()).unwrap();
    assert_eq!(line.deliver(id), Ended::Held(Destination::Storage));
    let second = bench.seal();
    let outcome = line.run(second);
    assert_eq!(outcome, Ended::Packed, "an outage does not keep dumps unmasked");
    wait_for("the sync", || bench.files(DumpState::Ready).is_empty());
    fs::create_dir(bench.store()).unwrap();
    fs::create_dir(bench.catalogue()).unwrap();
    wait_for("the probe", || line.run(id) == Ended::Held(Destination::Database));
    assert!(bench.object(id).exists() && bench.place.path(Kind::Packed, id).exists());
    fs::remove_dir(bench.catalogue()).unwrap();
    wait_for("the probe", || line.run(id) == Ended::Delivered);
    assert!(
        Destination::ALL
            .iter()
            .all(|destination| line.manager.is_up(*destination))
    );
    assert_eq!(line.deliver(second), Ended::Delivered);
    wait_for("the sync", || bench.queue_is_empty());
    bench.assert_delivered(&[id, second]);
}

#[test]
fn a_full_disk_holds_what_is_not_packed_and_lets_the_rest_go() {
    let bench = Bench::new(false);
    let (packed, sealed) = (bench.seal(), bench.seal());
    let mut line = Line::new(&bench);
    pack(&bench.place, packed, &line.steps.parts.pack).unwrap();
    // A folder stands in place of the file that packing would write. Opening it fails for every user, as on a full
    // disk.
    fs::create_dir_all(bench.place.path(Kind::Partial, sealed).join("x")).unwrap();
    assert_eq!(line.run(sealed), Ended::Held(Destination::Spool));
    assert_eq!(line.deliver(packed), Ended::Delivered);
    fs::remove_dir_all(bench.place.path(Kind::Partial, sealed)).unwrap();
    wait_for("the probe", || line.deliver(sealed) == Ended::Delivered);
    bench.assert_delivered(&[packed, sealed]);
}

#[test]
fn a_packed_file_that_was_taken_over_meanwhile_is_judged_before_the_unmasked_one_goes() {
    let bench = Bench::new(false);
    let id = bench.seal();
    let line = Line::new(&bench);
    let outcome = |step| line.steps.take(step, &[id], 0).remove(0).outcome;
    assert_eq!(outcome(Step::Judge), Outcome::Next(Step::Pack));
    fs::write(bench.place.path(Kind::Packed, id), b"torn").unwrap();
    assert_eq!(outcome(Step::Pack), Outcome::Next(Step::Judge));
    assert_eq!(outcome(Step::Judge), Outcome::Next(Step::Pack), "it does not count");
    assert_eq!(outcome(Step::Pack), Outcome::Packed);
    assert_eq!(run(&bench, id), Ended::Delivered);
}

#[test]
fn a_note_that_cannot_be_written_keeps_the_dump_where_it_is() {
    let bench = Bench::new(false);
    let id = Id::new();
    fs::write(bench.place.path(Kind::Ready, id), b"no dump\n").unwrap();
    let note = bench.place.path(Kind::FailedNote, id);
    fs::create_dir(&note).unwrap();
    let mut line = Line::new(&bench);
    assert_eq!(line.run(id), Ended::Held(Destination::Spool));
    assert!(bench.place.path(Kind::Ready, id).exists());
    assert!(!line.manager.is_up(Destination::Spool));
    fs::remove_dir(&note).unwrap();
    wait_for("the probe", || line.run(id) == Ended::Refused);
    assert!(
        Destination::ALL
            .iter()
            .all(|destination| line.manager.is_up(*destination))
    );
}

#[test]
fn a_panic_sets_the_dump_aside_or_counts_against_the_destination() {
    let bench = Bench::new(false);
    let steps = Steps::new(bench.parts());
    let held = |destination| {
        let cause = "the program panicked".to_owned();
        Outcome::Deferred(Failure { destination, cause })
    };
    for (using, outcome) in [
        (Some(Destination::Storage), held(Destination::Storage)),
        (Some(Destination::Database), held(Destination::Database)),
        (Some(Destination::Spool), Outcome::Refused),
        (None, Outcome::Refused),
    ] {
        let id = bench.seal();
        let visit = steps.visit(steps.calls.of(0), 0);
        using.into_iter().for_each(|destination| visit.uses(destination));
        assert_eq!(visit.unwound(id), outcome);
        assert_eq!(
            bench.place.path(Kind::FailedLines, id).exists(),
            outcome == Outcome::Refused
        );
    }
}

/// The tombstone is found at each place where the steps look for it, and what was done before is undone.
#[test]
fn what_is_to_be_erased_leaves_no_object_no_row_and_no_file() {
    for done in 0..4 {
        let bench = Bench::new(true);
        let (id, other) = (bench.seal(), bench.seal());
        let parts = bench.parts();
        assert_eq!(run(&bench, other), Ended::Delivered);
        if done > 0 {
            let manifest = pack(&bench.place, id, &parts.pack).unwrap();
            let url = parts.storage.url(&manifest.key).unwrap();
            if done > 1 {
                let mut upload = Upload {
                    id: None,
                    note: &mut |_| Ok(()),
                };
                let file = bench.place.path(Kind::Packed, id);
                assert_eq!(parts.storage.put(&file, &manifest.key, None, &mut upload).unwrap(), url);
            }
            if done > 2 {
                parts.database.insert(&[row(&manifest, &url, None)]).unwrap();
            }
        }
        tombstone::lay(bench.place.spool(), &[id]).unwrap();
        assert_eq!(run(&bench, id), Ended::Delivered, "after {done} steps");
        assert_eq!(run(&bench, id), Ended::Delivered, "and again, before the sync");
        bench.assert_delivered(&[other]);
        bench.sync.stop();
        wait_for("the last sync", || bench.queue_is_empty());
        wait_for("the last sync", || !bench.place.path(Kind::Tombstone, id).exists());
        bench.assert_delivered(&[other]);
    }
}

#[test]
fn text_that_no_database_takes_is_replaced() {
    let bench = Bench::new(false);
    let id = Id::new();
    fs::write(bench.place.path(Kind::Ready, id), dump("al\\u0000ice")).unwrap();
    assert_eq!(run(&bench, id), Ended::Delivered);
    assert_eq!(bench.rows()[0].labels.user.as_deref(), Some("al\u{fffd}ice"));
}

/// The tombstone is laid while the dump is between two steps, as an operator may do while a server runs.
#[cfg(feature = "fault-points")]
#[test]
fn a_tombstone_that_is_laid_between_two_steps_is_met() {
    for step in ["commit", "put", "row"] {
        let bench = Bench::new(false);
        let id = bench.seal();
        let spool = bench.place.spool().to_owned();
        fault::install(Some(Box::new(move |name| {
            if name == step {
                tombstone::lay(&spool, &[id]).unwrap();
            }
        })));
        let outcome = run(&bench, id);
        fault::install(None);
        assert_eq!(outcome, Ended::Delivered, "{step}");
        bench.assert_delivered(&[]);
        wait_for("the sync", || bench.queue_is_empty());
    }
}

/// The process dies after each file operation in turn, and the next start delivers what is there.
#[cfg(feature = "fault-points")]
#[test]
fn a_crash_at_every_fault_point_is_made_good() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let mut crashes = 0;
    loop {
        let bench = Bench::new(false);
        let id = bench.seal();
        let mut left = crashes;
        fault::install(Some(Box::new(move |_| {
            assert!(left > 0, "a simulated crash");
            left -= 1;
        })));
        let crashed = catch_unwind(AssertUnwindSafe(|| run(&bench, id))).is_err();
        fault::install(None);
        crate::spool::recover::recover(&bench.place, &bench.sync, &mut Vec::new()).unwrap();
        let again = run(&bench, id);
        assert!(
            matches!(again, Ended::Delivered | Ended::Gone),
            "{again:?} after {crashes} points"
        );
        wait_for("the sync", || bench.queue_is_empty());
        bench.assert_delivered(&[id]);
        if !crashed {
            break;
        }
        crashes += 1;
    }
    assert!(crashes >= 5, "partial, manifest, commit, put, row; {crashes} met");
}

#[test]
fn an_upload_is_noted_in_the_manifest_and_outlives_the_attempt() {
    let bench = Bench::new(true);
    let id = bench.seal();
    let mut manifest = pack(&bench.place, id, &bench.parts().pack).unwrap();
    assert_eq!(Manifest::read(&bench.place, id).unwrap().upload, None);
    for upload in [Some("an-id".to_owned()), None] {
        manifest.upload = upload;
        manifest.rewrite(&bench.place).unwrap();
        assert_eq!(Manifest::read(&bench.place, id).unwrap(), manifest);
        assert!(!bench.place.path(Kind::Partial, id).exists());
    }
    manifest.upload = Some("of another store".to_owned());
    manifest.rewrite(&bench.place).unwrap();
    assert_eq!(run(&bench, id), Ended::Delivered);
    bench.assert_delivered(&[id]);
}
