//! Asserts that no fault point in the sources is forgotten: for each there is a kill that names it, here or in the
//! simulation.

use std::collections::BTreeSet;
use std::path::Path;

use support::stored::files_below;

use crate::{POINTS, POINTS_OF_A_START, erased, features, remote};

const CALL: &str = "fault::point(";

/// The names in the sources in `src`, which are all literals.
fn in_the_sources() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for rest in text.split(CALL).skip(1) {
            let name = rest
                .trim_start()
                .strip_prefix('"')
                .and_then(|rest| rest.split_once('"'));
            let (name, _) = name.unwrap_or_else(|| panic!("{}: a point without a literal name", file.display()));
            names.insert(name.to_owned());
        }
    }
    names
}

/// The points at which this test kills the real binary.
fn killed_at() -> BTreeSet<String> {
    let steps = POINTS.iter().map(|(point, _)| *point).chain(POINTS_OF_A_START);
    let remote = (remote::POINTS_OF_A_ROW.into_iter())
        .chain(remote::LIVES_OF_AN_UPLOAD.into_iter().flatten().copied())
        .chain(remote::POINTS_OF_A_REFUSAL);
    let erased = (erased::POINTS_OF_THE_COMMAND.into_iter())
        .chain(erased::POINTS_OF_A_TOMBSTONE)
        .chain(
            erased::LIVES_OF_AN_UPLOAD
                .into_iter()
                .flat_map(|(one, other)| [one, other]),
        );
    let name = |point: &str| point.split_once(':').map_or(point, |(name, _)| name).to_owned();
    let renewed = features::POINTS_OF_A_RENEWAL;
    steps.chain(remote).chain(erased).chain(renewed).map(name).collect()
}

/// The points after which the simulation must have crashed, or it fails.
fn simulated() -> BTreeSet<String> {
    let text = include_str!("../simulation/main.rs");
    let names = text.split("\"crash after ").skip(1);
    names
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

#[test]
fn every_fault_point_of_the_sources_is_one_at_which_a_test_kills() {
    let (points, killed, simulated) = (in_the_sources(), killed_at(), simulated());
    let forgotten: Vec<_> = points
        .iter()
        .filter(|name| !killed.contains(*name) && !simulated.contains(*name))
        .collect();
    assert!(forgotten.is_empty(), "no test kills at {forgotten:?}");
    let gone: Vec<_> = killed
        .union(&simulated)
        .filter(|name| !points.contains(*name))
        .collect();
    assert!(gone.is_empty(), "the sources do not have {gone:?} any more");
    // The points on the way from a sealed dump to its row must not be left to the simulation, which has another store
    // and another database.
    assert!(points.len() > 20 && killed.len() > 20, "{points:?} {killed:?}");
}
