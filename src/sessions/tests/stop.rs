//! The end: every peer is told and every session sealed, the wait is limited, and there is a last attempt to write what
//! the disk has refused.

use std::time::Duration;

use super::{Pair, close, text};

#[test]
fn stopping_seals_every_session_and_waits_for_the_peers() {
    let mut pair = Pair::new();
    let keys = [pair.open(), pair.open()];
    for key in keys {
        pair.send(key, &[text("[1]")]);
    }
    pair.engine.stop(pair.now);
    pair.carry_out();
    assert!(pair.engine.is_stopping() && !pair.engine.may_accept());
    assert_eq!(pair.sealed.len(), 2);
    for key in keys {
        assert_eq!(pair.told(key), "close 1001");
        assert!(!pair.engine.is_finished(pair.now.instant));
        pair.send(key, &[close(1001)]);
        pair.end(key);
    }
    assert!(pair.engine.is_finished(pair.now.instant));
}

#[test]
fn peers_that_do_not_answer_are_not_waited_for_any_longer() {
    let mut pair = Pair::new();
    pair.open();
    pair.engine.stop(pair.now);
    let limit = pair.now.instant + Duration::from_secs(2);
    assert!(pair.engine.next_wake(pair.now.instant) <= limit);
    pair.pass(Duration::from_secs(2));
    pair.engine.stop(pair.now);
    assert!(
        pair.engine.is_finished(pair.now.instant),
        "a second call changes nothing"
    );
}

#[test]
fn the_end_tries_once_more_what_the_disk_has_refused() {
    let mut pair = Pair::new();
    let keys = [pair.open(), pair.open()];
    pair.send(keys[0], &[text("[1]")]);
    pair.take_away("recording");
    pair.send(keys[1], &[text("[2]")]);
    pair.engine.stop(pair.now);
    pair.carry_out();
    assert_eq!(pair.sealed.len(), 0, "neither its lines nor its rename");
    pair.put_back("recording");
    pair.engine.end(pair.now);
    pair.carry_out();
    assert_eq!(pair.sealed.len(), 2);
    assert_eq!(pair.dumps("ready").len(), 2);
}
