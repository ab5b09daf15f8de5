//! Limits: the number of connections, bytes of partial messages, bytes of a dump.

use super::{Pair, close, text, upgrade};
use crate::limits::SURPLUS_CONNECTIONS_MAX;
use crate::units::Size;

#[test]
fn those_beyond_the_capacity_are_told_so_and_those_beyond_that_wait() {
    let mut pair = Pair::with(|options| options.capacity = 2);
    let keys = [pair.open(), pair.open()];
    for _ in 0..SURPLUS_CONNECTIONS_MAX {
        assert!(pair.engine.may_accept());
        let key = pair.connect();
        pair.send(key, &[upgrade()]);
        assert!(pair.told(key).starts_with("HTTP/1.1 503 "));
    }
    assert!(!pair.engine.may_accept());
    assert_eq!(pair.engine.accept(super::Role::Sessions, None, pair.now), None);
    pair.send(keys[0], &[close(1000)]);
    pair.end(keys[0]);
    assert!(pair.engine.may_accept());
}

#[test]
fn the_largest_partial_message_makes_room_for_the_others() {
    let mut pair = Pair::with(|options| options.limits.partial_bytes = Size(3000));
    let (small, large) = (pair.open(), pair.open());
    let message = text(&"x".repeat(2500));
    pair.send(large, &[text("[1]"), message[..2000].to_vec()]);
    pair.send(small, &[text("[2]"), message[..900].to_vec()]);
    assert_eq!(pair.told(large), "");
    pair.send(small, &[message[900..1200].to_vec()]);
    assert_eq!(pair.told(large), "close 1013");
    assert_eq!(pair.messages("ready"), ["[1]"]);
    pair.send(small, &[message[1200..].to_vec()]);
    assert_eq!(pair.messages("recording").len(), 2);
    assert_eq!(pair.engine.partial, 0);
}

#[test]
fn a_dump_that_is_full_ends_its_session_with_what_fits() {
    let mut pair = Pair::with(|options| options.limits.dump_bytes = Size(1000));
    let key = pair.open();
    let line = format!("[\"{}\"]", "x".repeat(296));
    pair.send(key, &[text(&line), text(&line), text(&line), text(&line)]);
    let kept = pair.messages("ready").len();
    assert!((1..=3).contains(&kept), "{kept}");
    assert_eq!(pair.told(key), "close 1009");
    assert!(pair.dumps("ready")[0].contains("[\"close\",null,1009,"));
}

#[test]
fn a_request_that_is_no_session_is_answered_and_let_go() {
    let mut pair = Pair::new();
    let key = pair.connect();
    pair.send(key, &[b"GET /healthcheck HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()]);
    assert!(pair.told(key).starts_with("HTTP/1.1 200 "));
    assert_eq!(pair.done.last().unwrap(), "finish");
    pair.end(key);
    assert_eq!(pair.done.last().unwrap(), "close");
}
