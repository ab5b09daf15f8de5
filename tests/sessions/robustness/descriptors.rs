//! Too few file descriptors: for sockets, for dump files, or from the start. The loop waits without spinning, and
//! continues by itself when descriptors become free.

use rustix::process::Resource;
use support::{Raw, Server, wait_for, wait_until};

use super::process::{assert_sleeps, limit_descriptors, need_root, next_descriptor, soft};

#[test]
fn a_low_limit_at_the_start_makes_a_small_server() {
    let mut server = Server::prepare(&[]);
    server.wrap(&["prlimit", "--nofile=64:64"]);
    server.restart();
    assert!(server.log().contains("64 descriptors allow"), "{}", server.log());
    // The kernel completes connections that the server cannot accept. There are more of them than fit.
    let mut waiting: Vec<Raw> = (0..100).map(|_| Raw::connect(server.address())).collect();
    wait_until("the server to run out of descriptors", || {
        server.log().contains("connections have to wait")
    });
    assert_sleeps(&server);
    waiting.clear();
    let mut session = wait_for("room for a session", || Raw::try_open(server.address()).ok());
    session.text("[\"after\",null,null,0]");
    session.sync();
    drop(session);
    server.delivered(1);
}

/// Sessions that are live when descriptors run out go on, and those that wait are accepted when some become free.
#[test]
fn sessions_go_on_while_others_wait_for_descriptors() {
    need_root("raising a limit again");
    let server = Server::start(&[]);
    let mut live: Vec<Raw> = (0..5).map(|_| Raw::open(server.address())).collect();
    for session in &mut live {
        session.text("[\"before\",null,null,0]");
        session.sync();
    }
    let limit = rustix::process::getrlimit(Resource::Nofile);
    limit_descriptors(&server, soft(limit, next_descriptor(&server)));
    let mut waiting: Vec<Raw> = (0..20).map(|_| Raw::connect(server.address())).collect();
    wait_until("the server to run out of descriptors", || {
        server.log().contains("connections have to wait")
    });
    assert_sleeps(&server);
    for session in &mut live {
        session.text("[\"meanwhile\",null,null,0]");
        session.sync();
    }
    limit_descriptors(&server, limit);
    for raw in &mut waiting {
        raw.write(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(raw.rest().starts_with("HTTP/1.1 200 "));
    }
    drop(live);
    for dump in server.delivered(5) {
        assert_eq!(dump.messages().len(), 2);
    }
}

/// A session whose file cannot be opened keeps its lines, and they are not acknowledged before they are written.
#[test]
fn lines_wait_for_a_descriptor_of_their_file() {
    need_root("raising a limit again");
    let server = Server::start(&[]);
    let mut sessions: Vec<Raw> = (0..3).map(|_| Raw::open(server.address())).collect();
    let limit = rustix::process::getrlimit(Resource::Nofile);
    limit_descriptors(&server, soft(limit, next_descriptor(&server)));
    for (number, session) in sessions.iter_mut().enumerate() {
        session.text(&format!("[\"waits\",null,{number},0]"));
        session.write(&support::raw::frame(support::raw::PING, b"sync"));
    }
    // One of them leaves before its file could be made.
    sessions[2].finish();
    wait_until("the sessions to be held up", || {
        server.log().matches("its session is held up").count() >= 3
    });
    assert!(sessions.iter_mut().all(|session| session.frame_now().is_none()));
    assert_sleeps(&server);
    limit_descriptors(&server, limit);
    for session in &mut sessions[..2] {
        assert_eq!(session.frame().map(|frame| frame.payload), Some(b"sync".to_vec()));
    }
    drop(sessions);
    let mut lines: Vec<String> = server
        .delivered(3)
        .iter()
        .map(|dump| dump.messages().join("|"))
        .collect();
    lines.sort();
    assert_eq!(lines, [0, 1, 2].map(|number| format!("[\"waits\",null,{number},0]")));
}
