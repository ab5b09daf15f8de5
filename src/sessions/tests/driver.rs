//! In builds with assertions, a driver that breaks its part of the rules is noticed at once.

use super::{Pair, ping, text};

#[test]
#[should_panic(expected = "a connection has no answers before its turn has ended")]
fn an_answer_is_not_to_be_had_before_its_turn_has_ended() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.engine.receive(key, &text("[1]"), pair.now);
    pair.engine.receive(key, &ping("x"), pair.now);
    pair.engine.unsent(key);
}

#[test]
#[should_panic(expected = "a connection is read only while it wants input")]
fn a_socket_is_not_to_be_read_while_the_disk_refuses_lines() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.take_away("recording");
    pair.send(key, &[text("[1]")]);
    pair.engine.receive(key, &text("[2]"), pair.now);
}

#[test]
#[should_panic(expected = "a turn ends before the next one begins")]
fn a_turn_is_not_to_be_left_open() {
    let mut pair = Pair::new();
    let keys = [pair.open(), pair.open()];
    pair.engine.receive(keys[0], &text("[1]"), pair.now);
    pair.engine.receive(keys[1], &text("[2]"), pair.now);
}

#[test]
fn calls_about_a_connection_that_is_gone_do_nothing() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.end(key);
    pair.engine.receive(key, &text("[1]"), pair.now);
    pair.engine.end_of_stream(key, pair.now);
    pair.engine.sent(key, 5);
    pair.engine.deaf(key);
    assert!(!pair.engine.wants_input(key));
    pair.engine.turn(key, super::Cause::Ready, pair.now);
    assert!(pair.engine.unsent(key).is_empty());
    assert_eq!(pair.engine.next_command(), None);
}
