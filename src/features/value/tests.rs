//! Numbers as JavaScript writes them, and what is absent.
use super::{Value, only_if};

fn written(value: f64) -> String {
    let mut out = Vec::new();
    Value::from(value).write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn numbers_are_written_with_the_digits_that_they_need() {
    for (value, text) in [
        (1_795_326_497_727.0, "1795326497727"),
        (0.1 + 0.2, "0.30000000000000004"),
        (8.788628762541806e-05, "0.00008788628762541806"),
        (0.0, "0"),
        (-3.5, "-3.5"),
        (1e21, "1e21"),
        (1.5e-300, "1.5e-300"),
    ] {
        assert_eq!(written(value), text);
        assert_eq!(text.parse(), Ok(value));
    }
}

#[test]
fn what_is_no_finite_number_is_absent() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Value::from(value).is_absent());
        assert!(Value::from(Some(value)).is_absent());
    }
    assert!(Value::from(None::<bool>).is_absent());
    assert!(only_if(false).is_absent());
    assert_eq!(only_if(true), Value::Bool(true));
    assert_eq!(Value::from(Some(false)), Value::Bool(false));
}
