//! Tests the closing handshake from both sides, and ends without one.

use super::*;
use crate::units::Period;

#[test]
fn a_peers_close_is_echoed_and_its_code_is_kept() {
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999,
    ] {
        let mut driver = Driver::session();
        let payload = [&u16::to_be_bytes(code)[..], b"bye"].concat();
        let actions = driver.hear(&[frame(TEXT, b"[1]"), frame(CLOSE, &payload), frame(TEXT, b"late")].concat());
        let echo = send(&control(CLOSE, &payload));
        assert_eq!(
            actions,
            [line("[1]"), Action::Seal(CloseReason::Peer(code)), echo, Action::Finish]
        );
        assert_eq!(driver.hear(&frame(TEXT, b"later")), []);
        assert_eq!(driver.end_of_stream(), [Action::Close]);
    }
}

#[test]
fn a_close_without_a_code_is_1005_in_the_dump_and_empty_on_the_wire() {
    let actions = Driver::session().hear(&frame(CLOSE, b""));
    assert_eq!(
        actions,
        [
            Action::Seal(CloseReason::Peer(1005)),
            send(&control(CLOSE, b"")),
            Action::Finish
        ]
    );
    assert_eq!(CloseReason::Peer(1005).code(), 1005);
}

#[test]
fn codes_that_must_not_be_sent_are_answered_with_1002() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        let actions = Driver::session().hear(&frame(CLOSE, &u16::to_be_bytes(code)));
        assert_eq!(actions[0], Action::Seal(CloseReason::Peer(1002)), "{code}");
        assert!(matches!(&actions[1], Action::Send(frame) if frame[0] == CLOSE && frame[2..4] == [0x03, 0xea]));
        assert_eq!(actions[2..], [Action::Finish]);
    }
}

#[test]
fn a_cut_is_1006() {
    let mut driver = Driver::session();
    driver.hear(&frame(TEXT_BEGIN, b"unfinished"));
    assert_eq!(driver.end_of_stream(), [Action::Seal(CloseReason::Cut), Action::Close]);
    assert_eq!(driver.hear(b"anything"), []);
    assert_eq!(CloseReason::Cut.code(), 1006);
}

#[test]
fn a_stopping_server_closes_with_1001_and_waits_for_the_answer() {
    let mut driver = Driver::session();
    let goodbye = send(&close(1001, "server is stopping"));
    assert_eq!(
        driver.shut(CloseReason::GoingAway),
        [Action::Seal(CloseReason::GoingAway), goodbye]
    );
    assert!(!driver.connection.is_session());
    assert_eq!(driver.hear(&[frame(TEXT, b"in flight"), frame(PING, b"")].concat()), []);
    assert_eq!(driver.hear(&frame(CLOSE, &1001u16.to_be_bytes())), [Action::Finish]);
    assert_eq!(driver.end_of_stream(), [Action::Close]);
}

#[test]
fn the_answer_is_found_behind_a_message_that_was_under_way() {
    for bytes in [
        frame(TEXT, b"under way"),
        [frame(TEXT_BEGIN, b"un"), frame(LAST, b"der way")].concat(),
    ] {
        for cut in 0..=bytes.len() {
            let mut driver = Driver::session();
            let before = driver.hear(&bytes[..cut]);
            assert_eq!(before.len(), usize::from(cut == bytes.len()));
            driver.shut(CloseReason::GoingAway);
            assert_eq!(driver.hear(&bytes[cut..]), []);
            assert_eq!(driver.hear(&frame(CLOSE, &1001u16.to_be_bytes())), [Action::Finish]);
        }
    }
}

#[test]
fn every_shut_has_its_code_on_the_wire_and_in_the_dump() {
    for (reason, code) in [
        (CloseReason::GoingAway, 1001),
        (CloseReason::Idle, 1001),
        (CloseReason::DumpTooLarge, 1009),
        (CloseReason::Internal, 1011),
        (CloseReason::DiskLow, 1013),
        (CloseReason::MemoryShort, 1013),
    ] {
        let mut driver = Driver::session();
        let actions = driver.shut(reason);
        assert_eq!(
            actions[..2],
            [Action::Seal(reason), send(&close(code, &reason.to_string()))]
        );
        assert_eq!(reason.code(), code);
    }
}

#[test]
fn shutting_for_memory_frees_it_at_once() {
    let mut driver = Driver::session();
    driver.hear(&frame(TEXT, &vec![b'x'; 100_000])[..90_000]);
    assert_eq!(driver.connection.partial_bytes(), 90_000);
    let actions = driver.shut(CloseReason::MemoryShort);
    assert_eq!(actions.last(), Some(&Action::Finish));
    assert_eq!(driver.connection.partial_bytes(), 0);

    let mut driver = Driver::session();
    driver.hear(&frame(TEXT, &vec![b'x'; 100_000])[..90_000]);
    driver.shut(CloseReason::GoingAway);
    assert_eq!(
        driver.connection.partial_bytes(),
        90_000,
        "kept to find the peer's close frame"
    );
    assert_eq!(driver.shut(CloseReason::MemoryShort), [Action::Finish]);
    assert_eq!(driver.connection.partial_bytes(), 0);
}

#[test]
fn a_shut_session_is_sealed_once_whatever_happens_next() {
    let mut driver = Driver::session();
    let (connection, env) = driver.parts();
    connection.shut(CloseReason::GoingAway, &env);
    connection.shut(CloseReason::DiskLow, &env);
    connection.end_of_stream();
    assert!(connection.is_session());
    assert_eq!(driver.hear(b""), [Action::Seal(CloseReason::GoingAway), Action::Close]);
    assert_eq!(driver.shut(CloseReason::GoingAway), []);
    assert_eq!(driver.end_of_stream(), []);
}

#[test]
fn a_broken_rule_during_the_handshake_ends_it_without_a_second_close_frame() {
    let mut driver = Driver::session();
    driver.shut(CloseReason::GoingAway);
    assert_eq!(driver.hear(&[TEXT, 0, 1, 2, 3]), [Action::Finish]);
}

#[test]
fn a_peer_that_never_answers_is_dropped() {
    let mut driver = Driver::session();
    driver.shut(CloseReason::GoingAway);
    assert_eq!(driver.wait(Duration::from_secs(5)), [Action::Close]);

    let mut driver = Driver::session();
    driver.hear(&frame(CLOSE, b""));
    assert_eq!(
        driver.wait(Duration::from_secs(5)),
        [Action::Close],
        "nor one that keeps its half open"
    );
    assert_eq!(driver.wait(Duration::from_secs(500)), []);
}

#[test]
fn an_end_takes_five_seconds_in_all() {
    let mut driver = Driver::session();
    driver.shut(CloseReason::GoingAway);
    assert_eq!(driver.wait(Duration::from_secs(4)), []);
    assert_eq!(driver.hear(&frame(CLOSE, b"")), [Action::Finish]);
    assert_eq!(driver.wait(Duration::from_secs(1)), [Action::Close]);
}

#[test]
fn a_deadline_that_is_told_too_early_changes_nothing() {
    for prepare in [
        |_: &mut Driver| (),
        |driver: &mut Driver| drop(driver.hear(upgrade("").as_bytes())),
    ] {
        let mut driver = Driver::new();
        prepare(&mut driver);
        let deadline = driver.deadline();
        let (connection, env) = driver.parts();
        connection.deadline_passed(&env);
        assert_eq!(driver.hear(b""), []);
        assert_eq!(driver.deadline(), deadline);
    }
}

#[test]
fn limits_beyond_the_clock_are_no_deadlines() {
    let mut driver = Driver::session();
    driver.policy.limits.idle_time = Period(Duration::MAX);
    driver.policy.limits.ping_interval = Period(Duration::MAX);
    assert_eq!(driver.deadline(), None);
    let (connection, env) = driver.parts();
    connection.deadline_passed(&env);
    assert_eq!(driver.hear(b""), []);
}
