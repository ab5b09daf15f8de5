//! Sessions that send numbered lines until the server is gone, and what each of them knows at the end.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use support::raw::{CLOSE, PING, PONG, TEXT, frame};
use support::{Raw, large};

/// How much is going on at the same time.
#[derive(Clone, Copy)]
pub struct Load {
    pub threads: usize,
    pub sessions_per_thread: usize,
    /// In one of this many turns of a thread, a session closes regularly and another takes its place.
    pub turns_per_leave: u64,
    /// The pause between two turns of a thread.
    pub pause: Duration,
}

/// What the threads of one round share.
pub struct Stage {
    pub address: SocketAddr,
    pub load: Load,
    /// The number of sessions that have got their first pong.
    pub live: AtomicUsize,
    /// When this is set, a session may break at any time.
    pub killed: AtomicBool,
}

/// What is known of one session.
#[derive(Debug)]
pub struct Record {
    pub name: String,
    pub round: usize,
    /// Lines that were given to the kernel, wholly or in part.
    pub sent: usize,
    /// Lines before the last ping that was answered.
    pub acknowledged: usize,
    /// Whether it has sent a close frame.
    pub closed: bool,
}

/// The names of sessions whose dump goes in parts begin with this.
const LARGE: &str = "large";

/// The line with this number, with which the stored line is compared. Some lines span several pages, so that a write
/// can end within them.
pub fn line(name: &str, number: usize) -> String {
    if name.starts_with(LARGE) {
        let letters = large::letters(number, large::MESSAGE_BYTES);
        return format!("[\"kill\",null,\"{name}\",{number},\"{letters}\"]");
    }
    let padding = match number % 11 {
        0 => 6_000,
        5 => 1_000,
        _ => 40,
    };
    format!("[\"kill\",null,\"{name}\",{number},\"{}\"]", "k".repeat(padding))
}

/// A small generator (xorshift64*), so that a run follows from its seed.
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

/// Runs one session that packs to more than fits into one request. It has closed regularly when this returns.
pub fn run_large(stage: &Stage, round: usize) -> Record {
    let mut session = open(stage, round, format!("{LARGE}-r{round}")).expect("no kill comes before this has ended");
    for _ in 0..large::count(large::IN_PARTS) {
        assert!(session.send(1) && session.hear(), "a session broke before the kill");
    }
    session.leave();
    // The server answers when the session is sealed.
    while session.raw.frame().is_some() {}
    session.record
}

/// Runs sessions until the server is gone.
pub fn run(stage: &Stage, round: usize, thread: usize, seed: u64) -> Vec<Record> {
    let count = stage.load.sessions_per_thread;
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
        std::thread::sleep(stage.load.pause);
        if random.below(stage.load.turns_per_leave) > 0 {
            continue;
        }
        let mut leaving = sessions.swap_remove(random.below(count as u64) as usize);
        leaving.leave();
        over.push(leaving.record);
    }
}

/// Every session sends, then every session reads. False if the server is gone; what it had answered before is read in
/// any case.
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
    fn leave(&mut self) {
        self.record.closed = true;
        // If the server is gone, the next turn notices it.
        let _ = self.raw.try_write(&frame(CLOSE, &1000u16.to_be_bytes()));
    }

    /// Sends some lines, with pings among them and one after the last. False if the server is gone.
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

    /// Reads pongs up to that of the last ping. False if the server is gone.
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
