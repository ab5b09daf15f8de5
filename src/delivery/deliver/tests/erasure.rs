//! Tests of dumps that an operator wants erased before they are packed, which needs neither a destination nor space,
//! and of faulty ones.
use super::*;

#[test]
fn what_is_not_packed_yet_is_erased_while_both_destinations_are_down() {
    let bench = Bench::new(true);
    let id = bench.seal();
    fs::remove_dir(bench.store()).unwrap();
    fs::create_dir(bench.catalogue()).unwrap();
    tombstone::lay(bench.place.spool(), &[id]).unwrap();
    assert_eq!(run(&bench, id), Ended::Delivered);
    bench.sync.stop();
    wait_for("the last sync", || bench.queue_is_empty());
    wait_for("the last sync", || !bench.place.path(Kind::Tombstone, id).exists());
}

#[test]
fn what_cannot_be_packed_for_lack_of_space_is_erased() {
    let bench = Bench::new(true);
    let id = bench.seal();
    fs::create_dir_all(bench.place.path(Kind::Partial, id).join("x")).unwrap();
    let mut line = Line::new(&bench);
    assert_eq!(line.run(id), Ended::Held(Destination::Spool));
    tombstone::lay(bench.place.spool(), &[id]).unwrap();
    wait_for("the attempt", || line.run(id) == Ended::Delivered);
    assert!(!bench.place.path(Kind::Packed, id).exists());
}

/// Masking does not wait until tombstones can be looked for again: nothing leaves the spool before that.
#[test]
fn what_may_be_erased_is_packed_while_that_is_unclear() {
    let bench = Bench::new(true);
    let id = bench.seal();
    fs::write(bench.place.path(Kind::Tombstone, id).parent().unwrap(), b"no folder").unwrap();
    let mut line = Line::new(&bench);
    assert_eq!(line.run(id), Ended::Packed);
    assert_eq!(line.deliver(id), Ended::Held(Destination::Spool));
    assert!(bench.objects().is_empty());
}

/// Delivery would set the dump aside, and nobody would look for the tombstone there.
#[test]
fn what_is_to_be_erased_is_not_set_aside_whatever_is_wrong_with_it() {
    let bench = Bench::new(true);
    let parts = bench.parts();
    let (torn, no_manifest, no_dump) = (bench.packed(), bench.packed(), bench.seal_text("something else\n"));
    let manifest = Manifest::read(&bench.place, torn).unwrap();
    let mut upload = Upload {
        id: None,
        note: &mut |_| Ok(()),
    };
    let file = bench.place.path(Kind::Packed, torn);
    parts.storage.put(&file, &manifest.key, None, &mut upload).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(&file, b"torn").unwrap();
    fs::remove_file(bench.place.path(Kind::Manifest, no_manifest)).unwrap();
    let ids = [torn, no_manifest, no_dump];
    tombstone::lay(bench.place.spool(), &ids).unwrap();
    for id in ids {
        assert_eq!(run(&bench, id), Ended::Delivered);
    }
    bench.assert_delivered(&[]);
    bench.sync.stop();
    wait_for("the last sync", || bench.queue_is_empty());
    assert!(bench.files(DumpState::Failed).is_empty());
    assert!(ids.iter().all(|id| !bench.place.path(Kind::Tombstone, *id).exists()));
    // What cannot be read now may contain the place of an object.
    let unreadable = bench.packed();
    fs::remove_file(bench.place.path(Kind::Manifest, unreadable)).unwrap();
    fs::create_dir(bench.place.path(Kind::Manifest, unreadable)).unwrap();
    tombstone::lay(bench.place.spool(), &[unreadable]).unwrap();
    assert_eq!(run(&bench, unreadable), Ended::Held(Destination::Spool));
    assert!(bench.place.path(Kind::Packed, unreadable).exists());
}
