//! What only the inside of a worker can show: a panic is contained.
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
