//! Tests that it makes no difference how the bytes are cut on their way.

use super::*;
use crate::units::Size;

/// The part of the result that does not depend on the cuts: the actions without the sends, and all sent bytes in one
/// piece.
type Outcome = (Vec<Action>, Vec<u8>);

/// Plays `bytes` in pieces that end at `cuts`, then the end of the stream, and checks the order rule on the way.
fn play(bytes: &[u8], cuts: impl IntoIterator<Item = usize>) -> Outcome {
    let mut driver = Driver::new();
    driver.policy.limits.message_bytes = Size(2000);
    let mut outcome = Outcome::default();
    let mut from = 0;
    for cut in cuts.into_iter().chain([bytes.len()]) {
        for action in driver.hear(&bytes[from..cut]) {
            gather(&mut outcome, action);
        }
        from = cut;
    }
    for action in driver.end_of_stream() {
        gather(&mut outcome, action);
    }
    outcome
}

/// Appends an action. Each ping of these tests carries the number of messages before it.
fn gather((actions, sent): &mut Outcome, action: Action) {
    let Action::Send(bytes) = action else {
        actions.push(action);
        return;
    };
    sent.extend(bytes);
    let lines = actions
        .iter()
        .filter(|action| matches!(action, Action::Line { .. }))
        .count();
    let pong = sent.windows(6).rfind(|window| window[..2] == [PONG, 4]);
    let acknowledged = pong.map_or(0, |pong| u32::from_be_bytes(pong[2..].try_into().unwrap()));
    assert!(
        acknowledged as usize <= lines,
        "{acknowledged} lines acknowledged, {lines} yielded"
    );
}

fn conversation() -> Vec<u8> {
    [
        upgrade("Sec-WebSocket-Protocol: rtcstats#5.0\r\nOrigin: https://example.org\r\n").into_bytes(),
        frame(TEXT, "[39,null,{\"\u{20ac}\":1},1]".as_bytes()),
        frame(PING, &1u32.to_be_bytes()),
        frame(TEXT_BEGIN, "[1,\"\u{1f600}".as_bytes().split_at(6).0),
        frame(PING, &1u32.to_be_bytes()),
        frame(LAST, "[1,\"\u{1f600}\"]".as_bytes().split_at(6).1),
        frame(BINARY, &[b'x'; 200]),
        frame(PING, &3u32.to_be_bytes()),
        frame(CLOSE, &1001u16.to_be_bytes()),
        frame(TEXT, b"too late"),
    ]
    .concat()
}

#[test]
fn every_single_cut_of_a_conversation_gives_the_same() {
    let bytes = conversation();
    let whole = play(&bytes, []);
    assert_eq!(
        whole
            .0
            .iter()
            .filter(|action| matches!(action, Action::Line { .. }))
            .count(),
        3
    );
    assert_eq!(
        whole.0[4..],
        [Action::Seal(CloseReason::Peer(1001)), Action::Finish, Action::Close]
    );
    for cut in 0..=bytes.len() {
        assert_eq!(play(&bytes, [cut]), whole, "cut at {cut}");
    }
    for step in [1, 2, 3, 7] {
        assert_eq!(play(&bytes, (0..bytes.len()).step_by(step)), whole, "steps of {step}");
    }
}

/// xorshift64*. A test needs the same numbers on every run, not good ones.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn bytes(&mut self, bound: usize) -> Vec<u8> {
        let len = self.below(bound);
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    /// A stream of frames, most of them valid. Each ping carries the number of messages before it.
    fn conversation(&mut self) -> Vec<u8> {
        let mut bytes = upgrade("").into_bytes();
        let mut messages = 0u32;
        for _ in 0..self.below(40) {
            match self.below(24) {
                0..=9 => {
                    messages += 1;
                    let len = self.below(300);
                    bytes.extend(frame(TEXT, "\u{e9}".repeat(len).as_bytes()));
                }
                10..=13 => {
                    messages += 1;
                    bytes.extend(frame(BINARY, &self.bytes(1500)));
                }
                14..=17 => {
                    bytes.extend(frame(TEXT_BEGIN, &"\u{20ac}".repeat(5).into_bytes()[..7]));
                    bytes.extend(frame(PING, &messages.to_be_bytes()));
                    bytes.extend(frame(LAST, &"\u{20ac}".repeat(5).into_bytes()[7..]));
                    messages += 1;
                }
                18..=20 => bytes.extend(frame(PING, &messages.to_be_bytes())),
                21 => bytes.extend(frame(TEXT, &self.bytes(2200))),
                22 => bytes.extend(frame(CLOSE, &self.bytes(5))),
                _ => bytes.extend(self.bytes(20)),
            }
        }
        bytes
    }
}

#[test]
fn random_cuts_of_random_conversations_give_the_same() {
    let mut numbers = Numbers(0x5eed_2027);
    for round in 0..400 {
        let bytes = numbers.conversation();
        let whole = play(&bytes, []);
        for _ in 0..4 {
            let mut cuts: Vec<usize> = (0..numbers.below(60)).map(|_| numbers.below(bytes.len() + 1)).collect();
            cuts.sort_unstable();
            assert_eq!(
                play(&bytes, cuts.iter().copied()),
                whole,
                "round {round}, cuts {cuts:?}"
            );
        }
    }
}

#[test]
fn every_single_cut_of_a_plain_request_gives_the_same() {
    for bytes in [
        b"\r\nHEAD /healthcheck HTTP/1.1\r\nHost: x\r\n\r\nand more".to_vec(),
        b"GET / HTTP/1.1\nHost: x\n\n".to_vec(),
        b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n".to_vec(),
        [b"GET / HTTP/1.1\r\nHost: ", &[b'x'; 20_000][..]].concat(),
    ] {
        let whole = play(&bytes, []);
        for cut in 0..=bytes.len() {
            assert_eq!(play(&bytes, [cut]), whole, "cut at {cut}");
        }
    }
}

#[test]
fn noise_never_panics() {
    let mut numbers = Numbers(0xdead_beef);
    for _ in 0..2000 {
        let mut driver = if numbers.below(4) == 0 {
            Driver::new()
        } else {
            Driver::session()
        };
        for _ in 0..numbers.below(20) {
            match numbers.below(12) {
                0 => drop(driver.wait(Duration::from_secs(numbers.below(40) as u64))),
                1 => drop(driver.shut(CloseReason::GoingAway)),
                2 => drop(driver.shut(CloseReason::MemoryShort)),
                3 => drop(driver.end_of_stream()),
                4..=6 => drop(driver.hear(&frame(numbers.below(256) as u8, &numbers.bytes(200)))),
                _ => drop(driver.hear(&numbers.bytes(300))),
            }
        }
    }
}
