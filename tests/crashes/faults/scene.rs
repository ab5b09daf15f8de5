//! One cell of the matrix, played on the real binary.
//!
//! A process that was killed has left an instance with a dump in each state. A second one meets the fault while it
//! takes these over, while sessions begin and end, and while it delivers. It has to get along without a restart, unless
//! the fault came before it served. Then it is killed, and a third one without faults delivers the rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use support::raw::{CLOSE, frame};
use support::stored::files_below;
use support::syscalls::{Deed, Syscalls};
use support::wait::GUARD;
use support::{Raw, Server, wait_until};
use tempfile::TempDir;

use super::cells::{Cell, Told};
use crate::kill::judge::assert_complete;
use crate::kill::load::{Record, line};

/// Small, so that a slot that leaks is missed.
const CONNECTIONS: usize = 6;
const LINES: usize = 3;

/// In memory, so that no other load of the machine's disk counts.
pub fn prepare() -> Server {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => prepare_in(memory),
        false => prepare_in(&std::env::temp_dir()),
    }
}

/// The same on a disk of its own.
pub fn prepare_in(folder: &Path) -> Server {
    let connections = CONNECTIONS.to_string();
    Server::prepare_in(
        folder,
        &[
            ("RTCSTATS_SERVER__MAX_CONNECTIONS", connections.as_str()),
            ("RTCSTATS_SPOOL__SYNC_INTERVAL", "30ms"),
            ("RTCSTATS_SPOOL__MIN_FREE", "1MiB"),
        ],
    )
}

pub fn play(cell: &Cell) {
    let mut server = prepare();
    let mut records = inherit(&server);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let faults = Syscalls::attach(&mut server, folder.path(), &[cell.rule]);
    start(&mut server);
    let (live, sessions) = live_through(&server);
    records.extend(live);
    // A root that could not be made at the start is not made later: its disk may not be mounted.
    let has_no_root =
        cell.rule.call == "mkdir" && cell.rule.from == "/dumps" && matches!(cell.rule.deed, Deed::NotDone(_));
    let waits_for_a_start = has_no_root || matches!(cell.rule.deed, Deed::Lie);
    if !waits_for_a_start {
        // All but the two sessions that are still live.
        await_rows(&server, records.len() - 2);
        // The descriptor of a file whose opening was denied is known to nobody.
        let unknown = match (cell.rule.call, cell.rule.deed) {
            ("open", Deed::Done(_)) => cell.rule.count.unwrap_or(0),
            _ => 0,
        };
        assert_no_slot_is_lost(&server, sessions.len(), unknown);
    }
    wait_until("a call to meet the fault", || !faults.met().is_empty());
    assert_told(cell, &server.log());
    server.kill();
    drop(sessions);
    Syscalls::detach(&mut server);
    server.restart();
    let failed = failed(&server);
    if cell.may_fail() && !failed.is_empty() {
        let words = [
            &["spool", "retry"][..],
            &failed.iter().map(String::as_str).collect::<Vec<_>>(),
        ]
        .concat();
        assert!(server.run(&words).status.success());
    }
    finish(&server, &records);
}

/// Waits until so many dumps are delivered or given up.
pub fn await_rows(server: &Server, count: usize) {
    let begin = Instant::now();
    let there = || server.rows().len() + failed(server).len();
    while there() < count {
        let spooled = server.spooled();
        assert!(
            begin.elapsed() < GUARD,
            "{} of {count} rows, in the spool {spooled:#?}",
            there()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The ids of dumps that were given up.
fn failed(server: &Server) -> Vec<String> {
    let notes = files_below(&server.data().join("spool/0/failed")).into_iter();
    let id = |file: PathBuf| Some(file.file_name()?.to_str()?.strip_suffix(".txt")?.to_owned());
    notes.filter_map(id).collect()
}

/// Everything is delivered once, and nothing is left.
pub fn finish(server: &Server, records: &[Record]) {
    await_rows(server, records.len());
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let dumps = server.dumps();
    assert_complete(&dumps, records);
    assert_eq!((server.rows().len(), dumps.len()), (records.len(), records.len()));
}

/// A server that cannot start says why and ends. The next start finds a disk that works.
fn start(server: &mut Server) {
    server.spawn();
    let mut ended = None;
    wait_until("the server to serve or to end", || {
        ended = server.ended_yet();
        ended.is_some() || server.get("/healthcheck").starts_with("HTTP/1.1 200 ")
    });
    if ended.is_some() {
        server.ended();
        let log = server.log();
        let said = log
            .lines()
            .any(|line| line.starts_with("error: ") && line.contains("spool"));
        assert!(said, "it ended without a word: {log}");
        Syscalls::detach(server);
        server.restart();
    }
}

/// Sessions come; two end and are told so, two live on. Returns what they know, and the connections of the latter.
pub fn live_through(server: &Server) -> (Vec<Record>, Vec<Raw>) {
    let mut records: Vec<Record> = ["ends-0", "ends-1", "lives-0", "lives-1"].map(record).into();
    let mut sessions: Vec<Raw> = records.iter().map(|_| Raw::open(server.address())).collect();
    for _ in 0..LINES {
        for (record, session) in records.iter_mut().zip(&mut sessions) {
            session.text(&line(&record.name, record.sent));
            record.sent += 1;
            session.sync();
            record.acknowledged = record.sent;
        }
    }
    for (record, mut session) in records.iter_mut().zip(sessions.drain(..2)) {
        session.write(&frame(CLOSE, &1000u16.to_be_bytes()));
        assert_eq!(
            session.closed(),
            Some(1000),
            "the close frame is answered when the dump is sealed"
        );
        record.closed = true;
    }
    (records, sessions)
}

fn record(name: &str) -> Record {
    Record {
        name: name.to_owned(),
        round: 0,
        sent: 0,
        acknowledged: 0,
        closed: false,
    }
}

/// Connections and descriptors of sessions that are over are free again.
fn assert_no_slot_is_lost(server: &Server, live: usize, unknown: usize) {
    wait_until("the files of dumps to be closed", || {
        open_dumps(server) <= live + unknown
    });
    let mut more: Vec<Raw> = Vec::new();
    wait_until("a place for every session", || {
        more.extend(Raw::try_open(server.address()));
        more.len() + live == CONNECTIONS
    });
}

fn open_dumps(server: &Server) -> usize {
    let folder = format!("/proc/{}/fd", server.pid().as_raw_nonzero());
    let links = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_dump = |path: PathBuf| path.to_string_lossy().contains(".jsonl");
    links
        .filter(|link| fs::read_link(link.path()).is_ok_and(is_dump))
        .count()
}

fn assert_told(cell: &Cell, log: &str) {
    // What is done though it says otherwise is not lost; where it says so though it is not, something may be.
    if cell.rule.deed != Deed::Lie {
        assert!(!log.contains("are lost"), "nothing was lost: {log}");
    }
    let cause = match cell.rule.deed {
        Deed::NotDone(errno) => format!("{}", Errno::from_raw_os_error(errno)),
        Deed::Empty => "statvfs".to_owned(),
        Deed::Done(_) | Deed::Lie | Deed::Waits(_) => return,
    };
    match cell.told {
        Told::Cause => assert!(log.contains(&cause), "the log does not name it: {log}"),
        Told::Nothing => assert!(!log.contains(&cause), "the log speaks of it: {log}"),
        Told::Perhaps => {}
    }
}

/// Puts into the spool what another process has left, and returns what its sessions knew.
pub fn inherit(server: &Server) -> Vec<Record> {
    static LEFT: OnceLock<TempDir> = OnceLock::new();
    let left = LEFT.get_or_init(leave);
    let copied = Command::new("cp")
        .arg("-a")
        .arg(left.path())
        .arg(server.data())
        .status();
    assert!(copied.is_ok_and(|status| status.success()), "cp copies a folder");
    let known = |name: &str| Record {
        sent: LINES,
        acknowledged: LINES,
        closed: name.starts_with("ends"),
        ..record(&format!("left-{name}"))
    };
    ["ends-0", "ends-1", "lives-0", "lives-1"].map(known).into()
}

/// A data folder as a killed process leaves it: two dumps packed, one sealed, one cut off, all in instance 7.
fn leave() -> TempDir {
    let mut server = prepare();
    let data = server.data();
    fs::create_dir_all(&data).expect("a folder can be made");
    fs::write(data.join("dumps"), "in the way of the store").expect("a file can be made");
    server.restart();
    let mut sessions = Vec::new();
    for name in ["left-ends-0", "left-ends-1", "left-lives-0", "left-lives-1"] {
        let mut session = Raw::open(server.address());
        (0..LINES).for_each(|number| session.text(&line(name, number)));
        session.sync();
        if name.contains("ends") {
            session.write(&frame(CLOSE, &1000u16.to_be_bytes()));
            assert_eq!(session.closed(), Some(1000));
        }
        sessions.push(session);
    }
    let spool = data.join("spool");
    let packed = |folder: &str, ending: &str| {
        let files = files_below(&spool.join("0").join(folder));
        files
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(ending))
            .count()
    };
    wait_until("two packed dumps", || {
        packed("packed", ".jsonl.gz") == 2 && packed("ready", ".jsonl") == 0
    });
    server.kill();
    let one = files_below(&spool.join("0/recording")).remove(0);
    let name = one.file_name().expect("a file has a name");
    fs::rename(&one, spool.join("0/ready").join(name)).expect("a file can be moved");
    fs::rename(spool.join("0"), spool.join("7")).expect("a folder can be moved");
    let disk = data.ancestors().nth(2).expect("it lies in a temporary folder");
    let left = tempfile::tempdir_in(disk).expect("a temporary folder can be made");
    fs::rename(&spool, left.path().join("spool")).expect("a folder can be moved");
    left
}
