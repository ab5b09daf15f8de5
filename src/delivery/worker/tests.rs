//! What only the inside of a worker can show: a panic is contained.
use std::sync::mpsc;

use super::super::testing::{Bench, TEMPO};
use super::*;

#[test]
fn a_panic_ends_in_an_outcome() {
    let outcome = contained(|| panic!("a simulated fault"), || Outcome::Refused);
    assert_eq!(outcome, Outcome::Refused);
    assert_eq!(
        contained(|| Outcome::Delivered, || Outcome::Refused),
        Outcome::Delivered
    );
}

#[test]
fn a_panic_while_looking_at_the_disk_leaves_the_next_look_to_the_clock() {
    let bench = Bench::new(true);
    let (_sender, notices) = mpsc::sync_channel(1);
    let shared = Shared::new(bench.parts(), Removals::default(), TEMPO, Vec::new(), notices);
    shared.pool().looking = true;
    shared.pool().window.listed(Horizon::Nothing);
    shared.keep_house(|| panic!("a simulated fault"));
    let pool = shared.pool();
    assert!(!pool.looking && !pool.window.is_hungry());
}
