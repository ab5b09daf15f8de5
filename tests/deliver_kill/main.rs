//! Kills the real binary between every two steps of a delivery, once at each point, and starts it again. The result
//! must be one object and one row.
//!
//! The binary is built with the cargo feature `fault-points`, so an environment variable names the point at which it
//! kills itself. A whole process dies, with its threads, its connections and its open catalogue; only the disk is left.
//!
//! The tests here deliver to a folder and a catalogue. Those in `remote` deliver to a bucket and a table in PostgreSQL,
//! also with uploads in parts. Those in `erased` are about dumps of which nothing may be left in the end. `features`
//! is about features that are lost or cannot be extracted. `names` makes sure that no point is forgotten.

mod erased;
mod features;
mod names;
mod remote;

use std::os::unix::process::ExitStatusExt;

use support::{Client, Server, wait_until};

const VARIABLE: &str = "RTCSTATS_FAULT_KILL";

/// The points on one dump's way, each with the occurrence that is meant: packed in part, features and manifest written,
/// packed file named, stored, recorded, synced, and the removal of each file. The unmasked file is removed twice: after
/// packing, and with the rest.
const POINTS: [(&str, u32); 15] = [
    ("write", 1),
    ("seal", 1),
    ("partial", 1),
    ("features", 1),
    ("manifest", 1),
    ("commit", 1),
    ("put", 1),
    ("put features", 1),
    ("row", 1),
    ("sync", 1),
    ("unlink", 1),
    ("unlink", 2),
    ("unlink", 3),
    ("unlink", 4),
    ("unlink", 5),
];

/// The points of a start that finds one recording which was cut off.
const POINTS_OF_A_START: [&str; 4] = ["cut orphan", "close orphan", "seal", "manifest"];

const LINE: &str = "[\"kept\",null,null,0]";

#[test]
fn the_binary_has_fault_points() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_rtcstats-server")).unwrap();
    assert!(memchr::memmem::find(&binary, VARIABLE.as_bytes()).is_some());
}

#[test]
fn killed_between_any_two_steps_a_dump_is_one_object_and_one_row() {
    for (point, pass) in POINTS {
        let mut server = Server::prepare(&[]);
        server.set(VARIABLE, &format!("{point}:{pass}"));
        server.restart();
        let mut client = Client::open(server.address(), "/");
        // At the first points the server is gone before it answers.
        let _ = client.try_send(LINE).and_then(|()| client.try_sync());
        drop(client);
        dies(&mut server, point);
        starts_again(&mut server, point);
    }
}

#[test]
fn killed_at_any_step_of_a_recovery_it_is_made_good_by_the_next() {
    for point in POINTS_OF_A_START {
        let mut server = Server::start(&[]);
        let mut client = Client::open(server.address(), "/");
        client.send(LINE);
        client.sync();
        server.kill();
        tear(&server);
        server.set(VARIABLE, &format!("{point}:1"));
        server.spawn();
        dies(&mut server, point);
        starts_again(&mut server, point);
    }
}

/// Leaves half a line at the end of the only recording.
fn tear(server: &Server) {
    let recording = server.spooled().remove(0);
    let mut text = std::fs::read(&recording).unwrap();
    text.extend_from_slice(b"[\"tor");
    std::fs::write(&recording, text).unwrap();
}

fn dies(server: &mut Server, point: &str) {
    let status = server.ended();
    assert_eq!(status.signal(), Some(9), "at {point}: {status}");
}

fn starts_again(server: &mut Server, point: &str) {
    server.set(VARIABLE, "");
    server.restart();
    let dump = server.delivered(1).remove(0);
    assert_eq!(dump.messages(), [LINE], "{point}");
    wait_until(&format!("the spool to be empty after {point}"), || {
        server.spooled().is_empty()
    });
    assert_eq!((server.dumps().len(), server.rows().len()), (1, 1), "{point}");
    assert_eq!(server.delivered(1).len(), server.features().len(), "{point}");
    assert_eq!(server.rows()[0].id, dump.id(), "{point}");
}
