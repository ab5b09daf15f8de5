//! Kills while a dump is being erased, either by the command or by a delivery that finds the mark of the command. In
//! the end nothing of the dump may be left anywhere.

use std::os::unix::process::ExitStatusExt;

use support::stored::files_below;
use support::{Client, Remote, Server, wait_until};

use crate::remote::{Packed, dies_at_each};
use crate::{LINE, VARIABLE, dies};

/// Where the command dies.
pub const POINTS_OF_THE_COMMAND: [&str; 2] = ["tombstone laid:1", "stored object erased:1"];

/// Where a server dies that finds a tombstone. The tombstone is removed after the packed file and before the manifest.
pub const POINTS_OF_A_TOMBSTONE: [&str; 9] = [
    "object erased:1",
    "features erased:1",
    "row erased:1",
    "sync:1",
    "unlink:1",
    "unlink:2",
    "unlink:3",
    "unlink:4",
    "unlink:5",
];

/// How far a large dump has come when it is to be erased, and where the server dies that erases it.
pub const LIVES_OF_AN_UPLOAD: [(&str, &str); 5] = [
    ("upload begun:1", "stray upload aborted:1"),
    ("upload noted:1", "upload aborted:1"),
    ("upload part:2", "manifest rewritten:1"),
    ("put:1", "object erased:1"),
    ("upload sent:1", "unlink:4"),
];

/// Asserts that nothing is left, not even the mark that it was to be erased.
fn assert_nothing_is_left<'a>(remote: &Remote, servers: impl IntoIterator<Item = (&'a Server, &'a str)>) {
    for (server, point) in servers {
        wait_until(&format!("nothing to be left of the dump after {point}"), || {
            let mut files = files_below(&server.data().join("spool"));
            files.retain(|file| !file.ends_with("lock"));
            files.is_empty()
        });
    }
    assert_eq!(remote.moto.uploads(), Vec::<String>::new());
    assert_eq!((remote.dumps().len(), remote.row_count()), (0, 0));
    assert_eq!(remote.features(), Vec::<String>::new());
}

fn erase(server: &Server, id: &str) {
    let erased = server.run(&["erase", "--id", id, "--yes"]);
    assert!(erased.status.success(), "{erased:?}");
}

/// Runs the command, which dies at `point`.
fn erase_and_die(server: &mut Server, id: &str, point: &str) {
    server.set(VARIABLE, point);
    let erased = server.run(&["erase", "--id", id, "--yes"]);
    assert_eq!(erased.status.signal(), Some(9), "{erased:?}");
    server.set(VARIABLE, "");
}

/// A server with one session of one line, which dies at `point`, and the id of its dump.
fn with_a_dump(remote: &Remote, point: &str) -> (Server, String) {
    let mut server = Server::prepare(&[(VARIABLE, point)]);
    remote.configure(&mut server);
    server.restart();
    let mut client = Client::open(server.address(), "/");
    client.send(LINE);
    client.close(None);
    dies(&mut server, point);
    let file = server.spooled().remove(0);
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    let id = name.split_once('.').expect("an extension").0.to_owned();
    server.set(VARIABLE, "");
    (server, id)
}

/// Object and row exist, and the packed files too. The command dies as soon as it has left its mark.
#[test]
fn killed_between_any_two_steps_of_an_erasure_nothing_is_left() {
    let remote = Remote::start();
    let mut servers = Vec::new();
    for point in POINTS_OF_A_TOMBSTONE {
        let (mut server, id) = with_a_dump(&remote, "row:1");
        erase_and_die(&mut server, &id, "tombstone laid:1");
        dies_at_each(&mut server, &[point]);
        server.restart();
        servers.push(server);
    }
    assert_nothing_is_left(&remote, servers.iter().zip(POINTS_OF_A_TOMBSTONE));
}

#[test]
fn a_command_that_was_killed_between_object_and_row_finds_the_row_again() {
    let remote = Remote::start();
    let (mut server, id) = with_a_dump(&remote, "row:1");
    server.restart();
    assert_eq!(remote.delivered(&server).len(), 1);
    erase_and_die(&mut server, &id, "stored object erased:1");
    assert_eq!((remote.dumps().len(), remote.row_count()), (0, 1));
    erase(&server, &id);
    assert_nothing_is_left(&remote, [(&server, "the second command")]);
}

/// Its files wait in the spool for a sync that never came.
#[test]
fn a_dump_that_is_stored_and_still_in_the_spool_counts_once() {
    let remote = Remote::start();
    let (mut server, id) = with_a_dump(&remote, "row:1");
    let told = |arguments: &[&str]| String::from_utf8(server.run(arguments).stdout).expect("text");
    let listed = told(&["erase", "--id", &id]);
    assert_eq!(listed.matches(&id).count(), 1, "{listed}");
    let erased = told(&["erase", "--id", &id, "--yes"]);
    assert!(
        erased.contains("1 stored dumps are erased, 0 were in the spool"),
        "{erased}"
    );
    assert!(
        erased.contains("1 of the stored ones still have files in the spool"),
        "{erased}"
    );
    server.restart();
    assert_nothing_is_left(&remote, [(&server, "a restart")]);
}

/// The row is there, and the table keeps it. Others pass by, and nothing of it is given up or counted as done.
#[test]
fn what_cannot_be_erased_waits_by_itself_until_it_can() {
    let remote = Remote::start();
    let (mut server, id) = with_a_dump(&remote, "row:1");
    remote
        .cluster
        .execute("CREATE RULE keep AS ON DELETE TO rtcstats DO INSTEAD NOTHING");
    let erased = server.run(&["erase", "--id", &id, "--yes"]);
    let text = String::from_utf8_lossy(&erased.stdout).into_owned();
    assert_eq!(erased.status.code(), Some(1), "{erased:?}");
    assert!(
        text.contains("0 stored dumps are erased, 0 were in the spool"),
        "{text}"
    );
    server.restart();
    wait_until("the word that it waits", || {
        let has = |line: &str| line.contains(&format!("dump {id} waits by itself")) && line.contains("to be erased");
        server.log().lines().any(has)
    });
    let mut client = Client::open(server.address(), "/");
    client.send(LINE);
    client.close(None);
    wait_until("the row of another", || remote.row_count() == 2);
    assert_eq!(remote.dumps().len(), 2);
    assert!(server.spooled().iter().any(|file| file.to_string_lossy().contains(&id)));
    remote.cluster.execute("DROP RULE keep ON rtcstats");
    wait_until("its row to go", || remote.row_count() == 1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert_eq!(remote.dumps().len(), 1);
    assert_eq!(server.log().matches("waits by itself").count(), 1, "it is told once");
}

#[test]
fn killed_while_an_upload_in_parts_is_erased_no_part_is_left() {
    let remote = Remote::start();
    let packed = Packed::new();
    for (point, point_of_erasure) in LIVES_OF_AN_UPLOAD {
        let mut server = packed.find_by_another(&remote);
        dies_at_each(&mut server, &[point]);
        erase(&server, &packed.id);
        dies_at_each(&mut server, &[point_of_erasure]);
        server.restart();
        assert_nothing_is_left(&remote, [(&server, point)]);
    }
}
