//! A spool whose files have lost their ends or some of their bits. What can be delivered is delivered, the rest is set
//! aside with a note, and nothing is thrown away.
//!
//! 100,000 seeded cases of damage go through recovery and delivery in this process, several dumps at a time as a start
//! would find them; then 20 go through the real binary. Store and catalogue are the real ones. All files are kept in
//! memory if the machine offers that, because a disk would only cost time here.

mod binary;
mod damage;
mod judge;
mod spool;

use damage::{Case, Random};
use judge::{Fate, Found};
use spool::Spool;

const CASES: usize = 100_000;
const CASES_PER_RUN: usize = 500;
/// Each thread has its own spool. The number may exceed the machine's cores, and the results do not depend on it.
const THREADS: usize = 2;

#[test]
fn a_hundred_thousand_damages_lose_nothing() {
    let runs: Vec<u64> = (0..(CASES / CASES_PER_RUN) as u64).collect();
    let (delivered, refused) = std::thread::scope(|scope| {
        let threads: Vec<_> = runs
            .chunks(runs.len().div_ceil(THREADS))
            .map(|seeds| scope.spawn(move || seeds.iter().map(|seed| run(*seed)).fold((0, 0), add)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread of the test"))
            .fold((0, 0), add)
    });
    println!(
        "{delivered} delivered, {refused} set aside, {} without a message",
        CASES - delivered - refused
    );
    // If one of the two were rare, the test would show little.
    assert!(delivered > CASES / 4 && refused > CASES / 20);
}

fn add(a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    (a.0 + b.0, a.1 + b.1)
}

/// Makes one start over many damaged dumps, and returns how many were delivered and how many set aside.
fn run(seed: u64) -> (usize, usize) {
    let spool = Spool::new();
    let mut random = Random::new(seed);
    let cases: Vec<Case> = (0..CASES_PER_RUN).map(|_| Case::new(&mut random)).collect();
    cases.iter().for_each(|case| case.write(&spool.root()));
    spool.start_and_deliver();
    let found = Found::look(&spool.root(), &spool.store());
    let mut sums = (0, 0);
    for case in &cases {
        let fate = found.fate(case);
        sums = add(
            sums,
            (usize::from(fate == Fate::Delivered), usize::from(fate == Fate::Refused)),
        );
    }
    judge::nothing_is_left(&spool.root());
    assert_eq!(spool.rows(), sums.0, "seed {seed}: as many rows as objects");
    sums
}
