//! Features of a dump and of the same dump masked are equal, but for what masking is there for.
use rtcstats_server::dump::{MaskRules, Masker};

use super::*;

/// Features that are addresses.
const ADDRESSES: [&str; 2] = ["firstCandidatePairLocalAddress", "firstCandidatePairRemoteAddress"];

/// Errors that quote addresses, and dumps that have some.
const TEXTS: [(&str, &str); 2] = [
    ("derived-address-zoo", "addIceCandidateFailure"),
    ("derived-address-zoo", "setRemoteDescriptionFailure"),
];

pub fn masked(lines: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let rules = MaskRules {
        addresses: true,
        device_labels: true,
    };
    let mut masker = Masker::new(rules, None);
    let mask = |line: &Vec<u8>| {
        let mut out = Vec::new();
        masker.line(line, &mut out);
        out
    };
    lines.iter().map(mask).collect()
}

/// The decoder of packing checks nothing and keeps little. No feature shows it.
#[test]
fn a_decoder_of_little_gives_the_same_features() {
    for recorded in support::recorded::Recorded::all() {
        let masked = masked(&lines(&recorded.name));
        assert_eq!(text(&selected(&masked)), text(&features(&masked)), "{}", recorded.name);
    }
}

#[test]
fn masking_changes_nothing_but_addresses() {
    let mut found = Vec::new();
    for recorded in support::recorded::Recorded::all() {
        let lines = lines(&recorded.name);
        let (plain, masked) = (json(&features(&lines)), json(&features(&masked(&lines))));
        differences(&recorded.name, &plain, &masked, &mut found);
    }
    assert!(found.len() > 60, "the dumps have addresses: {}", found.len());
    let is_meant = |line: &&String| {
        let path = line.split(": ").next().unwrap();
        let (dump, member) = (path.split('.').next().unwrap(), path.rsplit('.').next().unwrap());
        ADDRESSES.contains(&member) || TEXTS.contains(&(dump, member))
    };
    let rest: Vec<_> = found.iter().filter(|line| !is_meant(line)).collect();
    assert!(rest.is_empty(), "{rest:#?}");
}
