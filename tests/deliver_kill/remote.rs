//! Kills on the way to a bucket and a table in PostgreSQL: small dumps at each point, a large one at each step of its
//! upload in parts, and one that is put aside.

use std::path::Path;

use support::stored::files_below;
use support::{Client, Dump, Remote, Server, forms, large, wait_until};

use crate::{POINTS, VARIABLE, dies};

/// Points between the store's answer and the removal of the files, where POINTS has only `row`.
pub const POINTS_OF_A_ROW: [&str; 3] = ["row begun:1", "row inserted:1", "row committed:1"];

/// The points that matter for a table of another form: all that come after the object.
const POINTS_AFTER_THE_OBJECT: [&str; 9] = [
    "put:1",
    "row begun:1",
    "row inserted:1",
    "row committed:1",
    "row:1",
    "unlink:1",
    "unlink:2",
    "unlink:3",
    "unlink:4",
];

/// Several lives of a server with one large dump. Each ends with a kill, and the next life goes on. The manifest is
/// written anew with each upload that is begun and with each that is cancelled, and once more by the first life, which
/// finds the dump beside its lines.
pub const LIVES_OF_AN_UPLOAD: [&[&str]; 10] = [
    &["manifest rewritten:1", "partial:1", "commit:1", "put:1"],
    &["upload begun:1", "stray upload aborted:1"],
    &["manifest rewritten:2", "upload aborted:1"],
    &["upload noted:1", "manifest rewritten:1", "manifest rewritten:1"],
    &["upload part:1", "manifest rewritten:2"],
    &["upload part:2", "upload part:2"],
    &["upload part:3"],
    &["upload sent:1"],
    &["put:1", "upload aborted:1"],
    &["row committed:1", "put:1", "row:1", "unlink:3"],
];

pub const POINTS_OF_A_REFUSAL: [&str; 5] = [
    "fail note:1",
    "fail move:1",
    "fail move:2",
    "fail move:3",
    "fail move:4",
];

/// Names the rule that a server with fault points breaks.
const BREAK: &str = "RTCSTATS_FAULT_BREAK";

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

fn line(number: usize) -> String {
    format!("[\"kept\",null,null,{number}]")
}

/// A server that delivers there and dies at `point`. It gets the line with this number.
fn killed(remote: &Remote, point: &str, number: usize) -> Server {
    let mut server = Server::prepare(&[]);
    remote.configure(&mut server);
    dies_of_a_dump(&mut server, point, number);
    server
}

fn dies_of_a_dump(server: &mut Server, point: &str, number: usize) {
    server.set(VARIABLE, point);
    server.restart();
    let mut client = Client::open(server.address(), "/");
    // At the first points the server is gone before it answers.
    let _ = client.try_send(&line(number)).and_then(|()| client.try_sync());
    drop(client);
    dies(server, point);
    server.set(VARIABLE, "");
}

/// Asserts that each of the numbered lines is in its own dump.
fn assert_lines(dumps: &[Dump], count: usize) {
    let mut lines: Vec<&[String]> = dumps.iter().map(Dump::messages).collect();
    lines.sort_unstable();
    let mut expected: Vec<[String; 1]> = (0..count).map(|number| [line(number)]).collect();
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[test]
fn killed_between_any_two_steps_to_bucket_and_table_a_dump_is_one_object_and_one_row() {
    let remote = Remote::start();
    let points = POINTS.map(|(point, pass)| format!("{point}:{pass}"));
    let points: Vec<&str> = points.iter().map(String::as_str).chain(POINTS_OF_A_ROW).collect();
    let mut servers = Vec::new();
    for (number, point) in points.iter().enumerate() {
        let mut server = killed(&remote, point, number);
        server.restart();
        servers.push(server);
    }
    assert_lines(&remote.delivered_by(&servers), points.len());
}

#[test]
fn killed_at_a_row_with_a_number_of_its_own_a_dump_has_one_all_the_same() {
    let remote = Remote::start_with(forms::NUMBERED);
    let mut servers = Vec::new();
    for (number, point) in POINTS_AFTER_THE_OBJECT.iter().enumerate() {
        let mut server = killed(&remote, point, number);
        server.restart();
        servers.push(server);
    }
    let dumps = remote.delivered_to_any_table(&servers);
    assert_lines(&dumps, POINTS_AFTER_THE_OBJECT.len());
}

/// A spool with one large dump, packed a moment before the kill.
pub struct Packed {
    server: Server,
    pub id: String,
    messages: Vec<String>,
}

impl Packed {
    pub fn new() -> Packed {
        let point = "commit:1";
        let mut server = Server::prepare(&[(VARIABLE, point)]);
        server.restart();
        let messages = large::session(&server, large::IN_PARTS);
        dies(&mut server, point);
        let spooled = server.spooled();
        let name = spooled[0].file_name().and_then(|name| name.to_str()).expect("a name");
        let id = name.split_once('.').expect("an extension").0.to_owned();
        Packed { server, id, messages }
    }

    /// A server, not started yet, that finds this dump and delivers it there.
    pub fn find_by_another(&self, remote: &Remote) -> Server {
        let mut server = Server::prepare(&[]);
        remote.configure(&mut server);
        let (from, to) = (self.server.data().join("spool"), server.data().join("spool"));
        for file in files_below(&from) {
            copy(&file, &to.join(file.strip_prefix(&from).expect("it lies below")));
        }
        server
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder can be made");
    std::fs::copy(from, to).expect("the disk has room");
}

/// Starts it and has it die at each of these points, one after the other.
pub fn dies_at_each(server: &mut Server, points: &[&str]) {
    for point in points {
        server.set(VARIABLE, point);
        server.spawn();
        dies(server, point);
    }
    server.set(VARIABLE, "");
}

#[test]
fn killed_at_any_step_of_an_upload_in_parts_a_dump_is_one_object_and_one_row_and_no_part() {
    let remote = Remote::start();
    let packed = Packed::new();
    for points in LIVES_OF_AN_UPLOAD {
        let mut server = packed.find_by_another(&remote);
        dies_at_each(&mut server, points);
        server.restart();
        let dumps = remote.delivered(&server);
        assert_eq!((dumps.len(), dumps[0].id()), (1, packed.id.clone()), "{points:?}");
        assert!(*dumps[0].messages() == packed.messages, "{points:?}: the lines differ");
        // The next life finds an empty bucket.
        let erased = server.run(&["erase", "--id", &packed.id, "--yes"]);
        assert!(erased.status.success(), "{erased:?}");
        assert_eq!((remote.dumps().len(), remote.row_count()), (0, 0), "{points:?}");
    }
}

/// A server that does not wait for a store that is down sets the dump aside, as others do with dumps that no waiting
/// would help. Later the store is there.
#[test]
fn killed_while_a_dump_is_put_aside_it_is_kept_whole_and_can_be_put_back() {
    let remote = Remote::start();
    let mut servers = Vec::new();
    for (number, point) in POINTS_OF_A_REFUSAL.iter().enumerate() {
        let mut server = Server::prepare(&[(BREAK, "RefusesDeferred")]);
        remote.configure_through(&mut server, NOBODY, &remote.cluster.url());
        dies_of_a_dump(&mut server, point, number);
        server.restart();
        servers.push(server);
    }
    for (server, point) in servers.iter().zip(POINTS_OF_A_REFUSAL) {
        wait_until(&format!("all files to be put aside after {point}"), || {
            let files = server.spooled();
            !files.is_empty() && files.iter().all(|file| file.to_string_lossy().contains("/failed/"))
        });
    }
    for server in &mut servers {
        // A start looks at the disk at once, while a running server does so within a minute.
        assert!(server.stop().success());
        let file = server.spooled().remove(0);
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        let id = name.split_once('.').expect("an extension").0;
        let put_back = server.run(&["spool", "retry", id]);
        assert!(put_back.status.success(), "{put_back:?}");
        server.set(BREAK, "");
        remote.configure(server);
        server.restart();
    }
    assert_lines(&remote.delivered_by(&servers), POINTS_OF_A_REFUSAL.len());
}
