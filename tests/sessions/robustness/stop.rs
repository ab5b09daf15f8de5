//! Stopping: every session is told and sealed. A second signal ends the waiting at once, and a hanging worker is left
//! behind.

use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use support::{Raw, Server, wait_for, wait_until};

use super::process::raise_own_limit;

/// The longest time that a stop may take.
const STOP_GUARD: Duration = Duration::from_secs(10);

const SESSIONS: usize = 1000;

fn stop_with_live_sessions(signal: Signal) {
    raise_own_limit(SESSIONS as u64 + 1000);
    let mut server = Server::start(&[]);
    let mut sessions: Vec<Raw> = (0..SESSIONS).map(|_| Raw::open(server.address())).collect();
    for (number, session) in sessions.iter_mut().enumerate() {
        session.text(&format!("[\"session\",null,{number},0]"));
    }
    sessions.iter_mut().for_each(Raw::sync);
    let begin = Instant::now();
    server.signal(signal);
    for session in &mut sessions {
        assert_eq!(session.told(), Some(1001));
    }
    let status = server.ended();
    assert!(begin.elapsed() < STOP_GUARD, "stopping took {:?}", begin.elapsed());
    assert!(status.success(), "{status}");
    assert!(
        std::net::TcpStream::connect(server.address()).is_err(),
        "somebody still listens"
    );
    let recording = server.data().join("spool/0/recording");
    assert_eq!(std::fs::read_dir(recording).unwrap().count(), 0, "every dump is sealed");
    server.restart();
    let dumps = server.delivered(SESSIONS);
    let lines: HashSet<&String> = dumps.iter().flat_map(|dump| dump.messages()).collect();
    assert_eq!(lines.len(), SESSIONS);
    assert!(
        dumps
            .iter()
            .all(|dump| dump.close_code() == 1001 && dump.messages().len() == 1)
    );
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

#[test]
fn sigterm_ends_a_thousand_sessions_in_order() {
    stop_with_live_sessions(Signal::TERM);
}

#[test]
fn sigint_does_the_same() {
    stop_with_live_sessions(Signal::INT);
}

/// Puts a file into the spool that a worker can open but never read to its end: a pipe that nobody writes to.
fn trap_worker(server: &mut Server) -> OwnedFd {
    let ready = server.data().join("spool/0/ready");
    std::fs::create_dir_all(&ready).unwrap();
    let pipe = ready.join("01890000-0000-7000-8000-000000000000.jsonl");
    make_pipe(&pipe);
    server.restart();
    // Opening the pipe for writing, without waiting, succeeds as soon as somebody reads it, and then keeps the reader
    // waiting.
    let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK;
    wait_for("a worker to open the pipe", || {
        rustix::fs::open(&pipe, flags, rustix::fs::Mode::empty()).ok()
    })
}

fn make_pipe(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[test]
fn a_second_signal_ends_it_at_once_although_a_worker_hangs() {
    let mut server = Server::prepare(&[("RTCSTATS_LIMITS__SHUTDOWN_TIME", "1h")]);
    let _trap = trap_worker(&mut server);
    let mut session = Raw::open(server.address());
    session.text("[\"kept\",null,null,0]");
    session.sync();
    server.signal(Signal::TERM);
    assert_eq!(session.told(), Some(1001));
    assert!(server.ended_yet().is_none());
    server.signal(Signal::INT);
    // An hour is configured, so the fact that the server ends at all shows that it did not wait.
    assert_eq!(server.ended().code(), Some(1));
}

#[test]
fn a_worker_that_hangs_and_peers_that_do_not_answer_delay_the_end_within_bounds() {
    let mut server = Server::prepare(&[]);
    let _trap = trap_worker(&mut server);
    let mut deaf: Vec<Raw> = (0..10).map(|_| Raw::open(server.address())).collect();
    for raw in &mut deaf {
        raw.text("[\"deaf\",null,null,0]");
        raw.sync();
    }
    let begin = Instant::now();
    let status = server.stop();
    assert!(begin.elapsed() < STOP_GUARD, "stopping took {:?}", begin.elapsed());
    assert!(status.success(), "{status}");
    assert!(deaf.iter_mut().all(|raw| raw.closed() == Some(1001)));
    std::fs::remove_file(
        server
            .data()
            .join("spool/0/ready/01890000-0000-7000-8000-000000000000.jsonl"),
    )
    .unwrap();
    server.restart();
    server.delivered(10);
}

/// Requests that are under way are ended too, and no connection is accepted any more.
#[test]
fn unfinished_heads_do_not_delay_the_end() {
    let mut server = Server::start(&[]);
    let mut begun: Vec<Raw> = (0..20).map(|_| Raw::connect(server.address())).collect();
    begun.iter_mut().for_each(|raw| raw.write(b"GET / HT"));
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200 "));
    let begin = Instant::now();
    assert!(server.stop().success());
    assert!(begin.elapsed() < STOP_GUARD);
    assert!(begun.iter_mut().all(|raw| raw.rest().is_empty()));
}
