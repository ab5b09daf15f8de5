//! Sessions that send numbered lines until the server is gone, and what each of them knows at the end.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::Raw;
use crate::support::raw::{CLOSE, PING, PONG, TEXT, frame};

/// What the threads of one round share.
pub struct Stage {
    pub address: SocketAddr,
    /// Sessions that have their first pong.
    pub live: AtomicUsize,
    /// From here on a session may break at any time.
    pub killed: AtomicBool,
}

/// What is known of one session.
#[derive(Debug)]
pub struct Record {
    pub name: String,
    pub round: usize,
    /// Lines handed to the kernel, in whole or in part.
    pub sent: usize,
    /// Lines before the last ping that was answered.
    pub acknowledged: usize,
    /// It sent a close frame.
    pub closed: bool,
}

/// The line of this number: what is stored is held against it. Some span pages, so that a write can end within.
pub fn line(name: &str, number: usize) -> String {
    let padding = match number % 11 {
        0 => 6_000,
        5 => 1_000,
        _ => 40,
    };
    format!("[\"kill\",null,\"{name}\",{number},\"{}\"]", "k".repeat(padding))
}

/// A small generator (xorshift64*), so that a seed tells all.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

struct Session {
    raw: Raw,
    record: Record,
}

/// Runs `count` sessions at a time until the server is gone.
pub fn run(stage: &Stage, round: usize, thread: usize, count: usize, seed: u64) -> Vec<Record> {
    let mut random = Random::new(seed);
    let mut names = (0..).map(|number| format!("r{round}-t{thread}-{number}"));
    let mut over = Vec::new();
    let mut sessions = Vec::new();
    let mut is_first_turn = true;
    loop {
        while sessions.len() < count {
            let Some(session) = open(stage, round, names.next().expect("numbers do not end")) else {
                return ended(over, sessions);
            };
            sessions.push(session);
        }
        if !turn(&mut sessions, &mut random) {
            assert!(stage.killed.load(Ordering::Relaxed), "a session broke before the kill");
            return ended(over, sessions);
        }
        if std::mem::take(&mut is_first_turn) {
            stage.live.fetch_add(count, Ordering::Relaxed);
        }
        // Now and then one leaves in order, and another takes its place.
        if random.below(3) > 0 {
            continue;
        }
        let mut leaving = sessions.swap_remove(random.below(count as u64) as usize);
        leaving.record.closed = true;
        // A server that is gone is noticed in the next turn.
        let _ = leaving.raw.try_write(&frame(CLOSE, &1000u16.to_be_bytes()));
        over.push(leaving.record);
    }
}

/// Every session sends, then every session hears; false if the server is gone. What had been answered is heard anyway.
fn turn(sessions: &mut [Session], random: &mut Random) -> bool {
    let mut whole = true;
    for session in &mut *sessions {
        whole &= session.send(1 + random.below(5) as usize);
    }
    for session in sessions {
        whole &= session.hear();
    }
    whole
}

fn ended(mut over: Vec<Record>, sessions: Vec<Session>) -> Vec<Record> {
    over.extend(sessions.into_iter().map(|session| session.record));
    over
}

fn open(stage: &Stage, round: usize, name: String) -> Option<Session> {
    let record = Record {
        name,
        round,
        sent: 0,
        acknowledged: 0,
        closed: false,
    };
    match Raw::try_open(stage.address) {
        Ok(raw) => Some(Session { raw, record }),
        Err(answer) => {
            assert!(
                stage.killed.load(Ordering::Relaxed),
                "refused before the kill: {answer}"
            );
            None
        }
    }
}

impl Session {
    /// Sends some lines with pings among them and one behind the last; false if the server is gone.
    fn send(&mut self, lines: usize) -> bool {
        let mut bytes = Vec::new();
        for _ in 0..lines {
            bytes.extend_from_slice(&frame(TEXT, line(&self.record.name, self.record.sent).as_bytes()));
            self.record.sent += 1;
            if self.record.sent.is_multiple_of(3) {
                bytes.extend_from_slice(&frame(PING, &self.record.sent.to_be_bytes()));
            }
        }
        bytes.extend_from_slice(&frame(PING, &self.record.sent.to_be_bytes()));
        self.raw.try_write(&bytes).is_ok()
    }

    /// Takes pongs up to that of the last ping; false if the server is gone.
    fn hear(&mut self) -> bool {
        while self.record.acknowledged < self.record.sent {
            let Some(frame) = self.raw.frame() else { return false };
            if frame.opcode == PONG {
                let count = frame.payload.try_into().expect("a pong has the payload of its ping");
                self.record.acknowledged = usize::from_be_bytes(count);
            }
        }
        true
    }
}
