//! The run that is recorded: sessions that end after a moment, after some syncs, or not at all; one process that is
//! killed, and another that recovers what the first has left and is then stopped.
//!
//! Nothing is under way when the first process is killed, because a call that a kill interrupts has no result in a
//! trace.

use std::path::{Path, PathBuf};

use support::raw::{CLOSE, PING, PONG, TEXT, frame};
use support::{Raw, Server, wait_until};

use super::cut::Random;
use super::recorder::Recording;
use super::trace;

/// Several rounds fall into one interval.
pub const SYNC_INTERVAL: &str = "250ms";

const ROUNDS: usize = 60;
const SESSIONS: usize = 10;

/// The line with this number. Each of its bytes would be wrong in any other position. Some lines span several pages.
pub fn line(session: u32, number: u32) -> String {
    let length = match number % 13 {
        3 => 900,
        7 => 9_000,
        11 if session.is_multiple_of(5) => 40_000,
        _ => 30,
    };
    let mut padding = String::new();
    while padding.len() < length {
        padding.push_str(&format!("s{session}n{number}b{} ", padding.len()));
    }
    format!("[\"cut\",null,\"s{session}\",{number},\"{padding}\"]")
}

struct Session {
    raw: Raw,
    number: u32,
    sent: u32,
    rounds_left: usize,
}

/// Runs both processes and returns what they did. `server` is prepared and has not run yet.
pub fn record(server: &mut Server) -> Recording {
    let mut recording = Recording::new(&server.data());
    let mut random = Random::new(0);
    let mut sessions = Vec::new();
    let mut numbers = 1..;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut lines = 0;
    for life in ["killed", "stopped"] {
        let file = folder.path().join(life);
        wrap(server, &file);
        server.restart();
        for _ in 0..ROUNDS {
            round(server, &mut sessions, &mut numbers, &mut random);
            std::thread::sleep(std::time::Duration::from_millis(random.below(40)));
        }
        match life {
            "killed" => {
                wait_until("all that has ended to be let go", || {
                    let live = sessions.iter().filter(|session| session.sent > 0).count();
                    server.spooled().len() == live
                });
                // From here on only these lines make a sync necessary.
                sessions.iter_mut().for_each(|session| session.send(1));
                sessions.iter_mut().for_each(Session::hear);
                await_sync(&file);
                server.kill();
            }
            _ => server.signal(rustix::process::Signal::TERM),
        }
        for mut session in sessions.drain(..) {
            let _ = session.raw.told();
        }
        if life == "stopped" {
            assert!(server.ended().success());
        }
        wait_until("the end of the trace", || ends(&file));
        let text = std::fs::read_to_string(&file).expect("a trace is text");
        recording.add(trace::read(&text, lines));
        lines += text.lines().count();
    }
    server.wrap(&[]);
    recording
}

/// strace runs as a child of the server, so that signals reach the server and not strace.
fn wrap(server: &mut Server, file: &Path) {
    let calls = "trace=%file,%desc,sync,syncfs,sendto,recvfrom,io_uring_setup,io_setup";
    let file = file.to_str().expect("a path is text");
    let wrapper = [
        "strace", "-D", "-f", "-q", "-ttt", "-xx", "-y", "-s", "1000000", "-e", calls, "-o", file,
    ];
    server.wrap(&wrapper);
}

fn ends(file: &PathBuf) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let last = text.lines().last().unwrap_or_default();
    last.contains("+++ exited with ") || last.contains("+++ killed by ")
}

/// Waits for a sync that happens only because live sessions have written lines.
fn await_sync(file: &PathBuf) {
    wait_until("a sync behind the last write", || {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let last = |what: &str| text.rfind(what);
        last(" syncfs(") > last(" write(") && last(" syncfs(") > last(" sendto(")
    });
}

/// Each session sends some lines and waits until they are in its file; some sessions end, and others take their places.
fn round(server: &Server, sessions: &mut Vec<Session>, numbers: &mut impl Iterator<Item = u32>, random: &mut Random) {
    while sessions.len() < SESSIONS {
        let number = numbers.next().expect("numbers do not end");
        sessions.push(Session {
            raw: Raw::open(server.address()),
            number,
            sent: 0,
            rounds_left: [1, 2, 5, 20, 40, 1000][random.below(6) as usize],
        });
    }
    for session in &mut *sessions {
        session.send(random.below(4) as u32);
    }
    for session in &mut *sessions {
        session.hear();
    }
    let is_over = |session: &mut Session| session.rounds_left == 0;
    for mut session in sessions.extract_if(.., is_over) {
        session.raw.write(&frame(CLOSE, &1000u16.to_be_bytes()));
        assert_eq!(session.raw.closed(), Some(1000));
    }
}

impl Session {
    fn send(&mut self, lines: u32) {
        let mut bytes = Vec::new();
        for _ in 0..lines {
            bytes.extend_from_slice(&frame(TEXT, line(self.number, self.sent).as_bytes()));
            self.sent += 1;
        }
        bytes.extend_from_slice(&frame(PING, &self.mark()));
        self.raw.write(&bytes);
        self.rounds_left = self.rounds_left.saturating_sub(1);
    }

    fn hear(&mut self) {
        loop {
            let frame = self.raw.frame().expect("the server answers a ping");
            if frame.opcode == PONG && frame.payload == self.mark() {
                return;
            }
        }
    }

    fn mark(&self) -> [u8; 8] {
        let mut mark = [0; 8];
        mark[..4].copy_from_slice(&self.number.to_be_bytes());
        mark[4..].copy_from_slice(&self.sent.to_be_bytes());
        mark
    }
}
