//! Features go with their dump, and stay as long as it does.
use super::*;

#[test]
fn features_go_with_their_dump_and_alone_only_without_it() {
    let bench = Bench::new();
    let ids = bench.delivered(3);
    let features = |id: Id| bench.store().join(format!("alice/{id}.features.json"));
    let lone = Id::at(days_ago(9));
    for (id, days) in ids.iter().chain([&lone]).zip([2, 2, 2, 9]) {
        fs::write(features(*id), b"{}").unwrap();
        let file = File::options().write(true).open(features(*id)).unwrap();
        file.set_modified(days_ago(days)).unwrap();
    }
    // Of the second dump, only the features are older than that.
    let file = File::options().write(true).open(features(ids[1])).unwrap();
    file.set_modified(days_ago(30)).unwrap();
    let swept = sweep(&bench, Some(2), None).unwrap();
    assert_eq!((swept.dumps, swept.kept), (2, 0), "features are not counted as dumps");
    assert!(!features(ids[0]).exists() && !features(ids[1]).exists() && !features(lone).exists());
    assert!(features(ids[2]).exists() && bench.object(ids[2]).exists());
    assert!(!bench.object(ids[1]).exists());
    let left = |id: Id| fs::metadata(bench.object(id)).unwrap().len() + 2;
    assert_eq!(
        sweep(&bench, None, Some(left(ids[2]))).unwrap(),
        Swept::default(),
        "they count as bytes"
    );
    assert_eq!(sweep(&bench, None, Some(left(ids[2]) - 1)).unwrap().dumps, 1);
    assert!(!features(ids[2]).exists());
}

#[test]
fn features_stay_while_a_row_leads_to_their_dump() {
    let bench = Bench::new();
    // The dump itself is young: it was copied yesterday.
    let ids = bench.dated(&[(30, 1)]);
    let features = bench.store().join(format!("alice/{}.features.json", ids[0]));
    fs::write(&features, b"{}").unwrap();
    let file = File::options().write(true).open(&features).unwrap();
    file.set_modified(days_ago(30)).unwrap();
    assert_eq!(sweep(&bench, Some(7), None), Ok(Swept::default()));
    assert!(features.exists());
}
