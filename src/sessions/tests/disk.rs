//! What the disk refuses, and how sessions go on when it accepts that later; free space; the flush interval.

use std::time::Duration;

use super::{FREE, GIB, Pair, close, ping, text};
use crate::units::Period;

const INTERVAL: Duration = Duration::from_secs(5);

#[test]
fn refused_lines_are_kept_and_their_peer_is_neither_read_nor_answered() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.take_away("recording");
    pair.send(key, &[text("[1]"), ping("x")]);
    assert_eq!(pair.told(key), "");
    pair.send(key, &[text("[2]")]);
    assert_eq!(pair.client(key).arriving.len(), 1, "the socket is not read");
    pair.upkeep(FREE);
    assert_eq!(pair.told(key), "", "it is still away");
    pair.put_back("recording");
    pair.upkeep(FREE);
    assert_eq!(pair.told(key), "pong x");
    assert_eq!(pair.run(), [key]);
    assert_eq!(pair.messages("recording"), ["[1]", "[2]"]);
}

#[test]
fn who_is_not_read_is_not_given_up_for_its_silence() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.take_away("recording");
    pair.send(key, &[text("[1]")]);
    for _ in 0..3 {
        pair.pass(Duration::from_secs(3600));
        pair.engine.expire(pair.now);
        pair.upkeep(FREE);
    }
    pair.put_back("recording");
    pair.upkeep(FREE);
    pair.pass(Duration::from_secs(10));
    pair.engine.expire(pair.now);
    pair.carry_out();
    pair.send(key, &[text("[2]"), close(1000)]);
    assert_eq!(pair.messages("ready"), ["[1]", "[2]"]);
}

#[test]
fn a_refused_seal_keeps_the_close_frame_until_it_is_done() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.take_away("ready");
    pair.send(key, &[text("[1]"), close(1000)]);
    assert_eq!((pair.told(key).as_str(), pair.sealed.len()), ("", 0));
    pair.put_back("ready");
    pair.upkeep(FREE);
    assert_eq!((pair.told(key).as_str(), pair.sealed.len()), ("close 1000", 1));
    assert_eq!(pair.messages("ready"), ["[1]"]);
}

#[test]
fn an_unsealed_dump_outlives_its_connection_and_counts_as_one() {
    let mut pair = Pair::with(|options| options.capacity = 1);
    let key = pair.open();
    pair.take_away("ready");
    pair.client(key).ended = true;
    pair.send(key, &[text("[1]")]);
    assert_eq!(pair.done.last().unwrap(), "close");
    let next = pair.connect();
    pair.send(next, &[super::upgrade()]);
    assert!(pair.told(next).starts_with("HTTP/1.1 503 "));
    pair.put_back("ready");
    pair.upkeep(FREE);
    assert_eq!(pair.sealed.len(), 1);
    pair.end(next);
    pair.open();
}

#[test]
fn below_the_minimum_no_session_begins_and_below_half_of_it_all_end() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.send(key, &[text("[1]")]);
    pair.upkeep(GIB - 1);
    let next = pair.connect();
    pair.send(next, &[super::upgrade()]);
    assert!(pair.told(next).starts_with("HTTP/1.1 503 "));
    assert_eq!(pair.messages("recording"), ["[1]"]);
    pair.upkeep(GIB / 2 - 1);
    assert_eq!(pair.told(key), "close 1013");
    assert_eq!(pair.messages("ready"), ["[1]"]);
    pair.upkeep(GIB);
    pair.open();
}

#[test]
fn while_no_file_can_be_made_no_session_begins() {
    let mut pair = Pair::new();
    let live = pair.open();
    pair.send(live, &[text("[1]")]);
    pair.take_away("recording");
    pair.upkeep(FREE);
    for request in [
        super::upgrade(),
        b"GET /healthcheck HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
    ] {
        let next = pair.connect();
        pair.send(next, &[request]);
        assert!(pair.told(next).starts_with("HTTP/1.1 503 "));
    }
    pair.send(live, &[text("[2]")]);
    pair.put_back("recording");
    pair.upkeep(FREE);
    pair.open();
    assert_eq!(pair.messages("recording"), ["[1]", "[2]"]);
}

#[test]
fn lines_wait_for_the_flush_interval_and_so_do_their_answers() {
    let mut pair = Pair::with(|options| options.spool.flush_interval = Period(INTERVAL));
    let key = pair.open();
    pair.send(key, &[text("[1]"), ping("x")]);
    pair.pass(INTERVAL / 2);
    pair.send(key, &[text("[2]")]);
    assert_eq!(pair.told(key), "");
    assert!(pair.dumps("recording").is_empty());
    pair.engine.flush(pair.now);
    assert!(pair.dumps("recording").is_empty(), "not yet");
    pair.upkeep(FREE);
    let wake = pair.now.instant + INTERVAL / 2;
    pair.pass(INTERVAL / 2);
    assert!(pair.engine.next_wake(pair.now.instant) <= wake);
    pair.engine.flush(pair.now);
    pair.carry_out();
    assert_eq!(pair.messages("recording"), ["[1]", "[2]"]);
    assert_eq!(pair.told(key), "pong x");
}

#[test]
fn what_would_be_too_much_to_buffer_is_written_at_once() {
    let mut pair = Pair::with(|options| options.spool.flush_interval = Period(INTERVAL));
    let key = pair.open();
    pair.send(key, &[text("[1]")]);
    let long = format!("[\"{}\"]", "x".repeat(60_000));
    pair.send(key, &[text(&long), text(&long), ping("x")]);
    assert_eq!(pair.messages("recording"), ["[1]", &long, &long]);
    assert_eq!(pair.told(key), "pong x");
    pair.send(key, &[text("[2]")]);
    assert_eq!(pair.messages("recording").len(), 3, "the next ones wait anew");
    pair.pass(INTERVAL);
    pair.engine.flush(pair.now);
    assert_eq!(pair.messages("recording").len(), 4);
}

#[test]
fn the_end_of_a_session_waits_for_no_interval() {
    let mut pair = Pair::with(|options| options.spool.flush_interval = Period(INTERVAL));
    let key = pair.open();
    pair.send(key, &[text("[1]")]);
    pair.send(key, &[text("[2]"), close(4000)]);
    assert_eq!(pair.messages("ready"), ["[1]", "[2]"]);
    assert_eq!(pair.told(key), "close 4000");
}

#[test]
fn a_flush_that_is_refused_is_tried_again() {
    let mut pair = Pair::with(|options| options.spool.flush_interval = Period(INTERVAL));
    let key = pair.open();
    pair.send(key, &[text("[1]"), ping("x")]);
    pair.take_away("recording");
    pair.pass(INTERVAL);
    pair.engine.flush(pair.now);
    pair.carry_out();
    assert!(!pair.engine.wants_input(key));
    pair.engine.turn(key, super::Cause::Ready, pair.now);
    pair.put_back("recording");
    pair.upkeep(FREE);
    assert_eq!(pair.told(key), "pong x");
    assert_eq!(pair.messages("recording"), ["[1]"]);
}
