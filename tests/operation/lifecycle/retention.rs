//! `[retention]` as an operator switches it on: the oldest dumps are removed, their rows stay. No clock is believed
//! alone: neither that of one file, nor that of the machine.

use std::fs;
use std::path::{Path, PathBuf};

use support::aged::{self, swept};
use support::{Client, Server, wait_until};

const MAX_AGE: &str = "RTCSTATS_RETENTION__MAX_AGE";
const MAX_BYTES: &str = "RTCSTATS_RETENTION__MAX_BYTES";

fn deliver(server: &Server, count: usize) {
    for number in 0..count {
        let mut client = Client::open(server.address(), "/");
        client.send(&format!("[\"number\",null,{number},0]"));
        client.close(None);
    }
    server.delivered(count);
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

/// A stopped server with one dump for each of these: how many days ago its session began, and its file was written.
/// Returns their files as well.
fn with_dated(days: &[(i64, i64)]) -> (Server, Vec<PathBuf>) {
    let mut server = Server::start(&[]);
    deliver(&server, days.len());
    assert!(server.stop().success());
    let catalogue = rusqlite::Connection::open(server.data().join("catalog.db")).unwrap();
    let dated = server.dumps().into_iter().zip(days).map(|(dump, (born, written))| {
        let file = aged::date(&dump.path, *born);
        aged::touch(&file, *written);
        let url = format!("file://{}", file.display());
        let row = [id_of(&file), url, dump.id()];
        let changed = catalogue.execute("UPDATE rtcstats SET id = ?1, blob_url = ?2 WHERE id = ?3", row);
        assert_eq!(changed, Ok(1));
        file
    });
    let files = dated.collect();
    (server, files)
}

fn id_of(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy()[..36].to_owned()
}

/// Asserts which files are there, and that the rows of the others say why they are not.
fn assert_left(server: &Server, files: &[PathBuf], left: &[usize], why: &str) {
    for (at, file) in files.iter().enumerate() {
        let is_left = left.contains(&at);
        assert_eq!(file.exists(), is_left, "dump {at}");
        let rows = server.rows();
        let row = rows.iter().find(|row| row.id == id_of(file)).expect("each has its row");
        assert_eq!(
            row.metadata["blobRemoved"].as_str(),
            (!is_left).then_some(why),
            "dump {at}"
        );
        assert_eq!(
            (row.blob_url.is_some(), &row.metadata["numberOfMessages"]),
            (is_left, &1.into())
        );
    }
}

/// The age is that of the younger witness, and none that is ahead of the clock is one.
#[test]
fn what_is_too_old_goes_from_the_store_and_stays_in_the_catalogue() {
    // Both old; only the file (packed under a wrong clock, restored with old times); only the name (copied lately); a
    // file from the future; a name from the future; both from the future.
    let days = [
        (40, 40),
        (0, 700),
        (40, 0),
        (40, -5_000),
        (-5_000, 40),
        (-5_000, -5_000),
    ];
    let (mut server, files) = with_dated(&days);
    assert!(server.log().contains("see [retention]"), "an operator is told once");
    swept(&server.data().join("dumps"), 0);
    server.set(MAX_AGE, "30d");
    server.restart();
    wait_until("the sweep", || server.log().contains("retention let 3 stored dumps"));
    wait_until("what is ahead to be told", || {
        server
            .log()
            .contains("1 stored dumps have only times that are ahead of the clock")
    });
    assert_left(&server, &files, &[1, 2, 5], "max_age");
    let found = server.run(&["find"]);
    assert_eq!(String::from_utf8(found.stdout).unwrap().lines().count(), 7);
}

/// The order is that of the witnesses, so that a file from the future is not the newest.
#[test]
fn what_is_too_much_goes_at_once_and_oldest_first() {
    let (mut server, files) = with_dated(&[(3, -5_000), (2, 2), (0, 700)]);
    let bytes: u64 = files[1..].iter().map(|file| aged::bytes(file)).sum();
    server.set(MAX_BYTES, &bytes.to_string());
    // The clock is in doubt, and the age is told; but that is another rule.
    server.set(MAX_AGE, "1d");
    server.restart();
    wait_until("the sweep", || server.log().contains("retention let 1 stored dumps"));
    wait_until("the doubt", || {
        server.log().contains("retention would let 2 stored dumps")
    });
    assert_left(&server, &files, &[1, 2], "max_bytes");
}

/// What the folder remembers of the last sweep, and what the log then says of it.
const DOUBTS: [(&str, &str); 7] = [
    ("nothing", "remembers no earlier sweep"),
    ("700 days ago", "the last sweep was at "),
    ("16 days ago", "the last sweep was at "),
    ("in 1 day", "the last sweep was at "),
    ("in 13 years", "the last sweep was at "),
    ("half a line", "remembers no earlier sweep"),
    ("a folder", "remembers no earlier sweep"),
];

fn remember(folder: &Path, what: &str) {
    let file = folder.join(".last-sweep");
    let _ = fs::remove_file(&file);
    match what {
        "nothing" => {}
        "700 days ago" => swept(folder, 700),
        "16 days ago" => swept(folder, 16),
        "in 1 day" => swept(folder, -1),
        "in 13 years" => swept(folder, -5_000),
        "half a line" => fs::write(file, "2026-11-26T01:51:35.123Z 20").unwrap(),
        "a folder" => fs::create_dir(file).unwrap(),
        _ => unreachable!("{what}"),
    }
}

#[test]
fn a_clock_that_disagrees_with_the_last_sweep_only_tells_what_it_would_remove() {
    let (mut server, files) = with_dated(&[(40, 40), (50, 50), (1, 1)]);
    let dumps = server.data().join("dumps");
    server.set(MAX_AGE, "30d");
    for (remembered, told) in DOUBTS {
        let before = server.log().len();
        remember(&dumps, remembered);
        server.restart();
        let new = || server.log()[before..].to_owned();
        wait_until(&format!("the doubt about {remembered}"), || {
            let has = |line: &str| line.contains("retention would let 2 stored dumps") && line.contains(told);
            new().lines().any(has)
        });
        assert!(server.stop().success());
        assert_left(&server, &files, &[0, 1, 2], "max_age");
    }
    fs::remove_dir(dumps.join(".last-sweep")).unwrap();
    // The sweeps have agreed ever since. The server may have been off for a while.
    swept(&dumps, 14);
    server.restart();
    wait_until("the sweep", || server.log().contains("retention let 2 stored dumps"));
    assert_left(&server, &files, &[2], "max_age");
}
