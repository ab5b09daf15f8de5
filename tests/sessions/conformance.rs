//! Conformance with RFC 6455, case by case: the Autobahn cases, run by kosoku.
//!
//! Cases that wait for their message to come back run against an echo that is built on the connection room. The others
//! run against the server itself, which does not answer messages. Close codes are asserted separately, because kosoku
//! counts a dropped connection as passed. Left out: group 9 (it measures), groups 12 and 13 (they use an extension that
//! is never accepted).

use std::collections::BTreeMap;

use support::Server;

mod echo;
mod kosoku;

#[test]
fn an_echo_over_the_connection_room_conforms() {
    let url = format!("ws://{}/", echo::start());
    check(&kosoku::run(&url, &["1.*", "5.*", "6.*", "10.*", "7.1.1"], &[]), 183);
}

#[test]
fn the_server_conforms() {
    let server = Server::start(&[]);
    check(
        &kosoku::run(&server.url("/"), &["2.*", "3.*", "4.*", "7.*"], &["7.1.1"]),
        64,
    );
}

fn check(outcomes: &BTreeMap<String, kosoku::Outcome>, cases: usize) {
    assert_eq!(outcomes.len(), cases, "the suite has changed");
    let wrong = |(case, outcome): &(&String, &kosoku::Outcome)| {
        !outcome.conforms() || outcome.close_code != expected_close_code(case)
    };
    let wrong: Vec<_> = outcomes.iter().filter(wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The code of the server's close frame: the code of the error, or the peer's code echoed, or 1000 where the case ends
/// normally.
fn expected_close_code(case: &str) -> Option<u64> {
    let numbers: Vec<u32> = case.split('.').map(|number| number.parse().unwrap()).collect();
    Some(match numbers[..] {
        // A ping of 126 bytes; reserved bits; reserved opcodes.
        [2, 5] | [3, ..] | [4, ..] => 1002,
        // Fragmented control frames, continuations of nothing, messages inside messages.
        [5, 1 | 2 | 9..=18] => 1002,
        // Invalid UTF-8 in whole messages and fragments.
        [6, 3 | 4 | 8 | 10 | 12..=21, _] | [6, 6, 1 | 3 | 4 | 6 | 8 | 10] | [6, 11, 5] => 1007,
        // A close frame without a code is answered without one.
        [7, 3, 1] => return None,
        // Close frames of one byte or 126, with invalid UTF-8, with codes that must not be sent.
        [7, 3, 2 | 6] | [7, 9 | 13, _] => 1002,
        [7, 5, 1] => 1007,
        [7, 7, valid] => match valid {
            1..=4 => 999 + u64::from(valid),
            5..=9 => 1002 + u64::from(valid),
            10 => 3000,
            11 => 3999,
            12 => 4000,
            _ => 4999,
        },
        _ => 1000,
    })
}
