//! How many messages the server takes per second of CPU time.
//!
//! Method: the real binary, built as for release, records to a temporary folder on the machine's disk. Clients on
//! loopback send prepared frames. Each session sends a ping after its last message; the answer says that everything is
//! in the files. Only then the CPU time is read, per thread from the scheduler, so that other load on the machine does
//! not count and packing has not begun. *Saturated*: eight sessions are written to in turn, 64 KiB at a time, as fast
//! as the server takes it, so that many messages arrive per read. *Paced*: 200 sessions send one message every 40 ms
//! each, so that each message costs a wake-up, a read and a write of its own. This is the normal case of a collector.
//! Figures are medians of five rounds, for the loop thread alone and for the whole process. Another version can be
//! measured as well, in turns with this one (`versions`).

mod load;
mod versions;

use std::io::Write;
use std::time::{Duration, Instant};

use support::Server;

use load::{Session, loop_seconds, message, process_seconds};
use versions::{ROUNDS, Version, in_turns, ratio};

/// CPU seconds of the loop thread and of the process while `load` runs.
fn cost(server: &Server, load: impl FnOnce()) -> (f64, f64) {
    let pid = server.pid().as_raw_nonzero().get();
    let before = (loop_seconds(pid), process_seconds(pid));
    load();
    (loop_seconds(pid) - before.0, process_seconds(pid) - before.1)
}

fn saturated(server: &Server, length: usize) -> (usize, f64, f64) {
    const SESSIONS: usize = 8;
    const BYTES: usize = 160 << 20;
    let message = message(length);
    let batch = (64 * 1024 / message.len()).max(1);
    let chunk = message.repeat(batch);
    let turns = BYTES / (chunk.len() * SESSIONS);
    let mut sessions: Vec<Session> = (0..SESSIONS).map(|_| Session::open(server.address())).collect();
    let (loop_s, process_s) = cost(server, || {
        for _ in 0..turns {
            sessions
                .iter_mut()
                .for_each(|session| session.0.write_all(&chunk).expect("the server reads"));
        }
        sessions.iter_mut().for_each(Session::sync);
    });
    (turns * batch * SESSIONS, loop_s, process_s)
}

fn paced(server: &Server, length: usize) -> (usize, f64, f64) {
    const SESSIONS: usize = 200;
    const ROUNDS: usize = 75;
    const INTERVAL: Duration = Duration::from_millis(40);
    let message = message(length);
    let mut sessions: Vec<Session> = (0..SESSIONS).map(|_| Session::open(server.address())).collect();
    let (loop_s, process_s) = cost(server, || {
        let start = Instant::now();
        for round in 0..ROUNDS {
            for (index, session) in sessions.iter_mut().enumerate() {
                let due = INTERVAL * round as u32 + INTERVAL * index as u32 / SESSIONS as u32;
                std::thread::sleep(due.saturating_sub(start.elapsed()));
                session.0.write_all(&message).expect("the server reads");
            }
        }
        sessions.iter_mut().for_each(Session::sync);
    });
    (ROUNDS * SESSIONS, loop_s, process_s)
}

type Load = fn(&Server, usize) -> (usize, f64, f64);

fn main() {
    let versions = Version::all();
    println!("ingest: messages per second of CPU, median of {ROUNDS} rounds");
    for (name, load) in [("saturated", saturated as Load), ("paced", paced as Load)] {
        for length in [1024, 4096] {
            let rates = in_turns(&versions, |version| {
                let mut server = Server::prepare(&[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
                version.runs_in(&mut server);
                server.restart();
                let (messages, loop_s, process_s) = load(&server, length);
                [messages as f64 / loop_s, messages as f64 / process_s]
            });
            for (version, [on_loop, on_process]) in versions.iter().zip(&rates) {
                println!(
                    "  {name:9} {length} bytes, {:6}: {on_loop:>9.0} loop thread ({:.2} µs each), {on_process:>9.0} whole process",
                    version.name,
                    1e6 / on_loop
                );
            }
            println!(
                "{}",
                ratio(&rates.iter().map(|[on_loop, _]| *on_loop).collect::<Vec<_>>())
            );
        }
    }
}
