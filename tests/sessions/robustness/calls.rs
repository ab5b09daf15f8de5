//! Checks which system calls the loop thread makes, with strace on that thread alone, while sessions come, send and go.
//!
//! Calls that may wait for a disk or for another machine must not be among them.

use rustix::process::Resource;
use support::raw::{CLOSE, TEXT, frame};
use support::trace::{Trace, assert_allowed};
use support::{Raw, Server, wait_until};

use super::disk::{on_a_disk, remove};
use super::process::{limit_descriptors, next_descriptor, soft};

#[test]
fn the_loop_thread_makes_no_call_that_waits() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::attach(&server, folder.path());
    for session in 0..20 {
        let mut raw = Raw::open(server.address());
        for number in 0..20 {
            raw.text(&format!("[\"line\",null,\"{session}-{number}\",0]"));
            raw.sync();
        }
        raw.text(&format!("[\"{}\"]", "long".repeat(100_000)));
        raw.write(&frame(CLOSE, &1000u16.to_be_bytes()));
        assert_eq!(raw.closed(), Some(1000));
    }
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200 "));
    server.delivered(20);
    let (calls, lines) = trace.detach();
    assert_allowed(&calls, &lines);
    for expected in ["accept4", "openat", "write", "rename", "close"] {
        assert!(calls.contains(expected), "the trace is not of the loop: {calls:?}");
    }
    // Lines are written before the pong that acknowledges them is sent, each line with one call.
    let quick = lines
        .iter()
        .filter(|line| line.starts_with("write(") && line.contains("[\\\"line"))
        .count();
    assert!(quick >= 20 * 19, "{quick} writes of lines");
    let opened: Vec<_> = lines.iter().filter(|line| line.starts_with("openat(")).collect();
    assert_eq!(opened.len(), 20, "one file a session: {opened:?}");
}

#[test]
fn nor_while_the_disk_is_full() {
    let (mut server, disk) = on_a_disk("8m", &[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
    server.restart();
    let mut sessions: Vec<Raw> = (0..3).map(|_| Raw::open(server.address())).collect();
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::attach(&server, folder.path());
    let other = disk.leave(64 << 10);
    // More than one write accepts, so that the part written of an incomplete line has to be cut off again.
    let line = format!("[\"{}\"]", "full".repeat(20_000));
    sessions.iter_mut().for_each(|raw| raw.text(&line));
    wait_until("the sessions to be held up", || {
        server.log().matches("held up").count() >= 3
    });
    remove(&other);
    sessions.iter_mut().for_each(Raw::sync);
    drop(sessions);
    server.delivered(3);
    let (calls, lines) = trace.detach();
    assert_allowed(&calls, &lines);
    assert!(calls.contains("ftruncate"), "nothing was cut back: {calls:?}");
}

#[test]
fn nor_while_descriptors_are_short_and_sessions_are_stopped() {
    let mut server = Server::start(&[]);
    let mut sessions: Vec<Raw> = (0..5).map(|_| Raw::open(server.address())).collect();
    let folder = tempfile::tempdir().unwrap();
    let trace = Trace::attach(&server, folder.path());
    let limit = rustix::process::getrlimit(Resource::Nofile);
    limit_descriptors(&server, soft(limit, next_descriptor(&server)));
    let waiting: Vec<Raw> = (0..5).map(|_| Raw::connect(server.address())).collect();
    sessions.iter_mut().for_each(|raw| raw.write(&frame(TEXT, b"[1]")));
    wait_until("the sessions to be held up", || {
        server.log().matches("held up").count() >= 5
    });
    limit_descriptors(&server, limit);
    sessions.iter_mut().for_each(Raw::sync);
    drop(waiting);
    server.signal(rustix::process::Signal::TERM);
    assert!(sessions.iter_mut().all(|raw| raw.told() == Some(1001)));
    drop(sessions);
    assert!(server.ended().success());
    let lines = trace.lines();
    // After its last poll the thread is no longer the loop's: it waits for workers and for the last sync.
    let end = lines
        .iter()
        .rposition(|line| line.starts_with("epoll_wait("))
        .expect("it polls");
    let name = |line: &String| line.split_once('(').map(|(name, _)| name.to_string());
    let calls = lines[..end]
        .iter()
        .filter(|line| !line.starts_with("---"))
        .filter_map(name)
        .collect();
    assert_allowed(&calls, &lines);
}
