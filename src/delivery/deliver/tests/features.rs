//! Tests of features on their way: they come with their dump and go with it, and never hold it up.
use std::io::BufReader;

use flate2::read::GzDecoder;

use super::*;
use crate::erasure::{Erased, erase_row};
use crate::spool::{ToExtract, extracted};

/// What the one row says of features: their URL, and why there are none.
fn told(bench: &Bench) -> (Option<String>, Option<String>) {
    let row = bench.rows().remove(0);
    let metadata: serde_json::Value = serde_json::from_str(&row.metadata).unwrap();
    let why = metadata
        .get("featuresMissing")
        .map(|why| why.as_str().unwrap().to_owned());
    (row.features_url, why)
}

/// What the one row says was found.
fn found(bench: &Bench) -> Option<String> {
    let row = bench.rows().remove(0);
    let metadata: serde_json::Value = serde_json::from_str(&row.metadata).unwrap();
    metadata.get("findings").map(ToString::to_string)
}

fn delivered(bench: &Bench, id: Id) {
    assert_eq!(run(bench, id), Ended::Delivered);
    bench.sync.stop();
    wait_for("the last sync", || bench.queue_is_empty());
    assert!(bench.files(DumpState::Packed).is_empty() && bench.files(DumpState::Failed).is_empty());
}

#[test]
fn they_are_those_of_the_stored_dump_and_the_row_leads_to_them() {
    let bench = Bench::new(true);
    let id = bench.seal();
    delivered(&bench, id);
    bench.assert_delivered(&[id]);
    let object = GzDecoder::new(fs::File::open(bench.object(id)).unwrap());
    let of_the_object = extracted(&mut BufReader::new(object), &ToExtract::default()).unwrap();
    let features = fs::read(bench.features(id)).unwrap();
    assert_eq!(of_the_object.features, Some(Ok(features)));
    assert_eq!(found(&bench), of_the_object.findings.unwrap().ok());
    let url = format!("file://{}", bench.features(id).display());
    assert_eq!(told(&bench), (Some(url), None));
}

#[test]
fn a_dump_that_was_packed_without_goes_without() {
    let bench = Bench::new(true);
    let id = bench.seal();
    let mut options = bench.parts().pack;
    options.features.enabled = false;
    pack(&bench.place, id, &options).unwrap();
    assert_eq!(bench.files(DumpState::Packed).len(), 2);
    delivered(&bench, id);
    assert_eq!((bench.objects(), told(&bench)), (vec![id], (None, None)));
    assert!(!bench.features(id).exists());
}

#[test]
fn what_refuses_them_does_not_hold_the_dump_up_and_the_row_says_why() {
    let bench = Bench::new(true);
    let id = bench.seal();
    fs::create_dir_all(bench.features(id).join("in the way")).unwrap();
    assert_eq!(run(&bench, id), Ended::Delivered);
    let manifest = Manifest::read(&bench.place, id).unwrap();
    assert!(
        manifest.features.unwrap().refused.is_some(),
        "the next start need not ask"
    );
    delivered(&bench, id);
    assert!(bench.object(id).exists());
    let (url, why) = told(&bench);
    assert!(
        url.is_none() && why.is_some_and(|why| why.contains("refused")),
        "{:?}",
        told(&bench)
    );
}

#[test]
fn those_that_are_damaged_are_made_again_or_the_row_says_why_not() {
    for (damage, why) in [
        (Some("torn"), None),
        (None, None),
        (
            None,
            Some("they were damaged in the spool and could not be made again: "),
        ),
    ] {
        let bench = Bench::new(true);
        let id = bench.packed();
        let file = bench.place.path(Kind::Features, id);
        let whole = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        if let Some(text) = damage {
            fs::write(&file, text).unwrap();
        }
        if why.is_some() {
            // Nothing can be written there.
            fs::create_dir_all(bench.place.path(Kind::Features, id).join("x")).unwrap();
        }
        assert_eq!(run(&bench, id), Ended::Delivered);
        assert!(bench.object(id).exists());
        let (url, reason) = told(&bench);
        assert_eq!(url.is_some(), why.is_none());
        match why {
            Some(why) => assert!(reason.is_some_and(|reason| reason.starts_with(why))),
            None => assert_eq!((fs::read(bench.features(id)).unwrap(), reason), (whole, None)),
        }
    }
}

#[test]
fn a_store_that_is_away_holds_both_and_stores_both() {
    let bench = Bench::new(true);
    let id = bench.packed();
    fs::remove_dir(bench.store()).unwrap();
    assert_eq!(run(&bench, id), Ended::Held(Destination::Storage));
    fs::create_dir(bench.store()).unwrap();
    delivered(&bench, id);
    bench.assert_delivered(&[id]);
}

/// The row may have been written by a version that knew nothing of features.
#[test]
fn they_are_erased_with_their_dump_whatever_the_row_says() {
    let bench = Bench::new(true);
    let id = bench.seal();
    delivered(&bench, id);
    let Parts { storage, database, .. } = bench.parts();
    let mut row = bench.rows().remove(0);
    row.features_url = None;
    assert_eq!(erase_row(&storage, &database, &row).unwrap(), Erased::Now);
    bench.assert_delivered(&[]);
    assert!(!bench.object(id).exists() && !bench.features(id).exists());
}
