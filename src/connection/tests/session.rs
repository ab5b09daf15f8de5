//! Tests messages, fragments and pings, and the breaking of the protocol's rules.

use super::*;
use crate::units::Size;

/// The actions that end a session because of a broken rule, with their close frame.
fn broken(reason: CloseReason) -> [Action; 3] {
    [
        Action::Seal(reason),
        send(&close(reason.code(), &reason.to_string())),
        Action::Finish,
    ]
}

#[test]
fn messages_come_as_lines_as_they_came() {
    let mut driver = Driver::session();
    let bytes = [
        frame(TEXT, b""),
        frame(TEXT, "a\nb \u{20ac}\0".as_bytes()),
        frame(BINARY, &[0, 255, 10]),
    ]
    .concat();
    let binary = Action::Line {
        payload: vec![0, 255, 10].into(),
        binary: true,
    };
    assert_eq!(driver.hear(&bytes), [line(""), line("a\nb \u{20ac}\0"), binary]);
    assert_eq!(driver.connection.partial_bytes(), 0);
}

#[test]
fn lengths_of_all_three_forms_are_read() {
    let mut driver = Driver::session();
    for len in [0, 1, 125, 126, 127, 1023, 1024, 1025, 65_535, 65_536, 70_000] {
        let text = "x".repeat(len);
        assert_eq!(driver.hear(&frame(TEXT, text.as_bytes())), [line(&text)]);
    }
}

#[test]
fn a_message_at_the_limit_passes_and_one_above_it_does_not() {
    let mut driver = Driver::session();
    let limit = driver.policy.limits.message_bytes.as_usize();
    let text = "x".repeat(limit);
    assert_eq!(driver.hear(&frame(TEXT, text.as_bytes())), [line(&text)]);
    assert_eq!(
        driver.hear(&frame(TEXT, &vec![b'x'; limit + 1])),
        broken(CloseReason::MessageTooLarge)
    );
}

#[test]
fn a_message_too_large_is_refused_by_its_header() {
    for length in [[0, 0, 0, 0, 0, 0x40, 0, 1], [0x7f, 255, 255, 255, 255, 255, 255, 255]] {
        let mut driver = Driver::session();
        let bytes = [&frame(TEXT, b"[1]"), &[TEXT, 0xff][..], &length].concat();
        let actions = driver.hear(&bytes);
        assert_eq!(actions[0], line("[1]"), "what came before is kept");
        assert_eq!(actions[1..], broken(CloseReason::MessageTooLarge));
    }
    let mut driver = Driver::session();
    assert_eq!(
        driver.hear(&[TEXT, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        broken(CloseReason::Protocol)
    );
}

#[test]
fn a_message_too_large_in_sum_is_refused_by_the_header_of_the_fragment_too_much() {
    let mut driver = Driver::session();
    driver.policy.limits.message_bytes = Size(10);
    assert_eq!(driver.hear(&frame(TEXT_BEGIN, b"12345")), []);
    assert_eq!(driver.hear(&frame(MORE, b"67890")), []);
    assert_eq!(
        driver.hear(&frame(PING, b"not counted"))[..],
        [send(&control(PONG, b"not counted"))]
    );
    assert_eq!(driver.hear(&[LAST, 0x81]), broken(CloseReason::MessageTooLarge));
}

#[test]
fn fragments_cut_inside_characters_are_put_together() {
    let text = "a\u{e4}\u{20ac}\u{1f600}z";
    for cut in 0..=text.len() {
        for second in cut..=text.len() {
            let mut driver = Driver::session();
            let (one, rest) = text.as_bytes().split_at(cut);
            let (two, three) = rest.split_at(second - cut);
            let bytes = [
                frame(TEXT_BEGIN, one),
                frame(PING, b"!"),
                frame(MORE, two),
                frame(PONG, b""),
                frame(LAST, three),
            ];
            assert_eq!(driver.hear(&bytes.concat()), [line(text), send(&control(PONG, b"!"))]);
        }
    }
}

#[test]
fn a_pong_is_sent_behind_the_lines_it_acknowledges() {
    let mut driver = Driver::session();
    let bytes = [
        frame(TEXT, b"[1]"),
        frame(PING, b"1"),
        frame(TEXT, b"[2]"),
        frame(PING, b"2"),
    ]
    .concat();
    let pongs = [control(PONG, b"1"), control(PONG, b"2")].concat();
    assert_eq!(driver.hear(&bytes), [line("[1]"), line("[2]"), send(&pongs)]);
    let longest = vec![b'p'; 125];
    assert_eq!(driver.hear(&frame(PING, &longest)), [send(&control(PONG, &longest))]);
}

#[test]
fn broken_framing_is_1002_on_the_wire_and_in_the_dump() {
    let begun = frame(TEXT_BEGIN, b"x");
    for (what, bytes) in [
        ("unmasked", vec![TEXT, 1, b'x']),
        ("rsv1", frame(TEXT | 0x40, b"x")),
        ("rsv2", frame(TEXT | 0x20, b"x")),
        ("rsv3", frame(PING | 0x10, b"x")),
        ("reserved data opcode", frame(0x83, b"")),
        ("reserved control opcode", frame(0x8b, b"")),
        ("nothing to continue", frame(LAST, b"x")),
        ("text inside a message", [begun.clone(), frame(TEXT, b"x")].concat()),
        ("binary inside a message", [begun, frame(BINARY, b"x")].concat()),
        ("fragmented ping", frame(0x09, b"x")),
        ("ping of 126 bytes", frame(PING, &[b'x'; 126])),
        ("close of one byte", frame(CLOSE, &[3])),
    ] {
        let mut driver = Driver::session();
        assert_eq!(driver.hear(&bytes), broken(CloseReason::Protocol), "{what}");
        assert_eq!(
            driver.hear(&frame(TEXT, b"[1]")),
            [],
            "{what}: nothing is read after an error"
        );
        assert_eq!(driver.connection.partial_bytes(), 0);
    }
}

#[test]
fn the_header_of_a_control_frame_is_enough_to_refuse_it() {
    for header in [[PING, 0xff], [PING, 0xfe], [0x09, 0x80], [CLOSE, 0xfe], [PONG, 0x00]] {
        assert_eq!(Driver::session().hear(&header), broken(CloseReason::Protocol));
    }
}

#[test]
fn text_that_is_not_utf8_is_1007() {
    for bytes in [
        frame(TEXT, &[b'a', 0xff]),
        frame(TEXT, &[0xe2, 0x82]),
        frame(TEXT, &[0xed, 0xa0, 0x80]),
        frame(TEXT_BEGIN, &[0xff]),
        [frame(TEXT_BEGIN, &[0xe2, 0x82]), frame(LAST, b"")].concat(),
        [frame(TEXT_BEGIN, &[0xe2]), frame(LAST, b"a")].concat(),
        frame(CLOSE, &[0x03, 0xe8, 0xff]),
    ] {
        let mut driver = Driver::session();
        let actions = driver.hear(&[frame(TEXT, b"[1]"), bytes].concat());
        assert_eq!(actions[0], line("[1]"));
        assert_eq!(actions[1..], broken(CloseReason::NotUtf8));
    }
}

#[test]
fn the_close_frames_are_exactly_these() {
    assert_eq!(
        Driver::session().hear(&[TEXT, 0])[1],
        send(b"\x88\x10\x03\xeaprotocol error")
    );
    assert_eq!(
        Driver::session().hear(&frame(TEXT, &[255]))[1],
        send(b"\x88\x13\x03\xeftext is not UTF-8")
    );
    assert_eq!(
        Driver::session().hear(&[TEXT, 0xff, 1, 0, 0, 0, 0, 0, 0, 0])[1],
        send(b"\x88\x13\x03\xf1message too large")
    );
}

#[test]
fn pings_go_out_every_half_minute_as_long_as_they_are_answered() {
    let mut driver = Driver::session();
    for _ in 0..10 {
        assert_eq!(driver.wait(Duration::from_millis(29_999)), []);
        assert_eq!(driver.wait(Duration::from_millis(1)), [send(&control(PING, b""))]);
        assert_eq!(driver.hear(&frame(PONG, b"")), []);
    }
}

#[test]
fn a_ping_without_an_answer_is_not_followed_by_another() {
    let mut driver = Driver::session();
    assert_eq!(driver.wait(Duration::from_secs(30)), [send(&control(PING, b""))]);
    for _ in 0..10 {
        driver.hear(&frame(TEXT, b"[1]"));
        assert_eq!(driver.wait(Duration::from_secs(60)), []);
    }
}

#[test]
fn a_silent_peer_is_reaped_after_ninety_seconds() {
    let mut driver = Driver::session();
    driver.wait(Duration::from_secs(30));
    driver.hear(&[TEXT]);
    assert_eq!(
        driver.wait(Duration::from_millis(89_999)),
        [],
        "half a header is a sign of life"
    );
    let goodbye = close(1001, "nothing heard for too long");
    assert_eq!(
        driver.wait(Duration::from_millis(1)),
        [Action::Seal(CloseReason::Idle), send(&goodbye)]
    );
    assert_eq!(driver.wait(Duration::from_secs(5)), [Action::Close]);
}

#[test]
fn a_peer_that_does_not_read_is_cut_but_its_lines_are_kept() {
    let mut driver = Driver::session();
    driver.unsent = crate::limits::UNSENT_BYTES_MAX;
    assert_eq!(driver.hear(&frame(PING, b"")), [send(&control(PONG, b""))]);
    driver.unsent += 2;
    let actions = driver.hear(&[frame(PING, b""), frame(TEXT, b"[1]")].concat());
    assert_eq!(
        actions,
        [line("[1]"), Action::Seal(CloseReason::NotReading), Action::Close]
    );
}
