//! Tests how much memory a connection takes.

use super::*;

#[test]
fn a_connection_is_small_in_every_state() {
    assert!(size_of::<Connection>() <= 96, "{}", size_of::<Connection>());
    assert!(size_of::<Action>() <= 48, "{}", size_of::<Action>());
}

#[test]
fn an_idle_session_keeps_nothing_of_its_traffic() {
    let mut driver = Driver::session();
    let bytes = [
        frame(TEXT, &vec![b'x'; 1 << 20]),
        frame(TEXT_BEGIN, b"a"),
        frame(PING, b"ping"),
        frame(LAST, b"b"),
        frame(PONG, b""),
    ];
    driver.hear(&bytes.concat());
    driver.wait(Duration::from_secs(30));
    assert!(driver.connection.state.is_bare());
    assert_eq!(driver.connection.partial_bytes(), 0);
}

#[test]
fn unfinished_messages_are_counted_to_the_byte() {
    let mut driver = Driver::session();
    let one = frame(TEXT_BEGIN, &[b'x'; 5000]);
    let ping = frame(PING, b"12");
    let two = frame(LAST, &[b'y'; 300]);
    let mut fed = 0;
    for byte in [&one[..], &ping, &two[..two.len() - 1]].concat() {
        driver.hear(&[byte]);
        fed += 1;
        assert_eq!(driver.connection.partial_bytes(), fed);
        assert!(!driver.connection.state.is_bare());
    }
    assert_eq!(driver.hear(&two[two.len() - 1..]).len(), 1);
    assert_eq!(driver.connection.partial_bytes(), 0);
    assert!(driver.connection.state.is_bare());
}

#[test]
fn a_head_is_counted_until_it_is_answered() {
    let mut driver = Driver::new();
    let head = upgrade("");
    driver.hear(&head.as_bytes()[..50]);
    assert_eq!(driver.connection.partial_bytes(), 50);
    driver.hear(&head.as_bytes()[50..]);
    assert_eq!(driver.connection.partial_bytes(), 0);
}
