//! The order of lines, seals and answers.

use super::{Cause, Command, Pair, close, ping, text};

#[test]
fn lines_are_in_the_file_before_their_answer_is_released() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.client(key).arriving.extend([text("[1]"), text("[2]"), ping("x")]);
    pair.read(key);
    assert_eq!(pair.engine.next_command(), None, "nothing leaves before the turn");
    assert!(pair.messages("recording").is_empty());
    pair.engine.turn(key, Cause::Ready, pair.now);
    assert_eq!(pair.messages("recording"), ["[1]", "[2]"]);
    assert_eq!(pair.engine.next_command(), Some(Command::Send(key)));
    pair.write(key);
    assert_eq!(pair.told(key), "pong x");
}

#[test]
fn lines_of_several_turns_keep_their_order() {
    let mut pair = Pair::new();
    let key = pair.open();
    for number in 0..20 {
        pair.send(key, &[text(&format!("[{number}]"))]);
    }
    let expected: Vec<String> = (0..20).map(|number| format!("[{number}]")).collect();
    assert_eq!(pair.messages("recording"), expected);
}

#[test]
fn a_dump_is_sealed_before_its_close_frame_leaves() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.done.clear();
    pair.send(key, &[text("[1]"), close(1000)]);
    assert_eq!(pair.done[0], "sealed");
    assert!(pair.done[1].starts_with("send "), "{:?}", pair.done);
    assert_eq!(pair.done[2], "finish");
    assert_eq!(pair.told(key), "close 1000");
    assert_eq!(pair.messages("ready"), ["[1]"]);
    pair.end(key);
    assert_eq!(pair.done.last().unwrap(), "close");
    assert_eq!(pair.sealed.len(), 1);
}

#[test]
fn a_session_without_a_message_leaves_nothing() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.send(key, &[close(1000)]);
    pair.end(key);
    assert!(pair.sealed.is_empty());
    assert!(pair.dumps("recording").is_empty() && pair.dumps("ready").is_empty());
}

#[test]
fn a_lost_connection_seals_what_has_arrived() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.client(key).ended = true;
    pair.send(key, &[text("[1]")]);
    assert_eq!(pair.messages("ready"), ["[1]"]);
    assert!(pair.dumps("ready")[0].contains("[\"close\",null,1006,"));
    assert_eq!(pair.done.last().unwrap(), "close");
}

#[test]
fn what_the_network_does_not_take_is_sent_later_and_the_end_behind_it() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.client(key).window = Some(3);
    pair.send(key, &[text("[1]"), close(1000)]);
    assert!(!pair.done.contains(&"finish".to_owned()));
    pair.client(key).window = None;
    pair.write(key);
    pair.carry_out();
    assert_eq!(pair.told(key), "close 1000");
    assert_eq!(pair.done.last().unwrap(), "finish");
}

#[test]
fn who_takes_nothing_any_more_is_read_to_the_end() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.send(key, &[text("[1]")]);
    pair.engine.deaf(key);
    pair.client(key).arriving.extend([text("[2]"), ping("x")]);
    assert_eq!(pair.run(), [key]);
    assert_eq!(pair.run(), [key], "until its end has been read");
    pair.client(key).ended = true;
    pair.run();
    assert_eq!(pair.told(key), "");
    assert_eq!(pair.messages("ready"), ["[1]", "[2]"]);
}

#[test]
fn a_silent_peer_is_pinged_and_then_given_up() {
    let mut pair = Pair::new();
    let key = pair.open();
    pair.send(key, &[text("[1]")]);
    let limits = crate::connection::ConnectionLimits::default();
    pair.pass(limits.ping_interval.0);
    pair.engine.expire(pair.now);
    pair.carry_out();
    assert_eq!(pair.told(key), "ping");
    pair.pass(limits.idle_time.0);
    pair.engine.expire(pair.now);
    pair.carry_out();
    assert_eq!(pair.told(key), "close 1001");
    assert_eq!(pair.messages("ready"), ["[1]"]);
}
