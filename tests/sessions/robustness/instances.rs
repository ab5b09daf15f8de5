//! Several processes on one port and one data folder. Each has its own instance of the spool, and a process that is
//! started alone later delivers what all of them have left.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use support::{Raw, Server, wait_until};

use super::process::need_root;

#[test]
fn two_processes_share_a_port_and_one_delivers_what_both_left() {
    const SESSIONS: usize = 60;
    let mut server = Server::start(&[]);
    server.spawn_beside();
    let instance = |number: usize| server.data().join(format!("spool/{number}/recording"));
    let recordings = |number: usize| std::fs::read_dir(instance(number)).map_or(0, Iterator::count);
    wait_until("both to listen", || server.log().matches("listening on").count() == 2);
    let mut sessions: Vec<Raw> = (0..SESSIONS).map(|_| Raw::open(server.address())).collect();
    for (number, session) in sessions.iter_mut().enumerate() {
        session.text(&format!("[\"session\",null,{number},0]"));
        session.sync();
    }
    let shares = [recordings(0), recordings(1)];
    assert_eq!(shares[0] + shares[1], SESSIONS);
    // The kernel spreads connections by a hash of their addresses. It does not happen that one of two processes gets
    // none of 60.
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
    server.kill();
    drop(sessions);
    server.restart();
    let mut lines: Vec<String> = server
        .delivered(SESSIONS)
        .iter()
        .map(|dump| {
            assert_eq!(dump.close_code(), 1006);
            dump.messages().join("|")
        })
        .collect();
    lines.sort();
    let mut expected: Vec<String> = (0..SESSIONS)
        .map(|number| format!("[\"session\",null,{number},0]"))
        .collect();
    expected.sort();
    assert_eq!(lines, expected);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert!(server.rows().iter().all(|row| row.metadata["recovered"] == true));
}

/// While both live, neither touches the other's files.
#[test]
fn a_live_instance_is_left_alone() {
    let mut server = Server::start(&[]);
    let mut first = Raw::open(server.address());
    first.text("[\"first\",null,null,0]");
    first.sync();
    server.spawn_beside();
    wait_until("both to listen", || server.log().matches("listening on").count() == 2);
    let mut others: Vec<Raw> = (0..20).map(|_| Raw::open(server.address())).collect();
    for raw in &mut others {
        raw.text("[\"other\",null,null,0]");
        raw.sync();
    }
    first.text("[\"first again\",null,null,0]");
    first.sync();
    drop((first, others));
    let dumps = server.delivered(21);
    let both = dumps.iter().filter(|dump| dump.messages().len() == 2).count();
    assert_eq!(both, 1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

/// Somebody has put a dump back with `sudo cp`. It is the oldest, so it would be met first again and again.
#[test]
fn a_dump_of_another_owner_holds_up_no_other() {
    const SESSIONS: usize = 30;
    need_root("files of two owners");
    let mut server = Server::prepare(&[]);
    let ready = server.data().join("spool/0/ready");
    fs::create_dir_all(&ready).unwrap();
    for folder in ready.ancestors().take_while(|folder| folder.starts_with(server.data())) {
        chown(folder, Some(65_534), Some(65_534)).unwrap();
    }
    let above = server.data().parent().unwrap().to_owned();
    fs::set_permissions(above, fs::Permissions::from_mode(0o755)).unwrap();
    let id = "01890000-0000-7000-8000-000000000000";
    let foreign = ready.join(format!("{id}.jsonl"));
    fs::write(&foreign, "RTCStatsDump\n{}\n").unwrap();
    fs::set_permissions(&foreign, fs::Permissions::from_mode(0o600)).unwrap();
    server.restart();
    for number in 0..SESSIONS {
        let mut raw = Raw::open(server.address());
        raw.text(&format!("[\"session\",null,{number},0]"));
    }
    server.delivered(SESSIONS);
    let note = server.data().join(format!("spool/0/failed/{id}.txt"));
    wait_until("a note about the other owner's dump", || note.exists());
}
