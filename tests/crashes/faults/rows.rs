//! Faults that end a start, that commands meet, and what the probe says of each.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;

use rustix::io::Errno;
use support::stored::files_below;
use support::syscalls::{self, Deed, Rule, Syscalls};
use support::{Client, Server, wait_until};
use tempfile::TempDir;

use super::scene::{await_rows, finish, inherit, live_through, prepare};

/// `None` where system calls cannot be changed.
fn with(rules: &[Rule]) -> Option<(Server, Syscalls, TempDir)> {
    if !syscalls::are_possible() {
        println!("skipped: system calls can be changed on x86-64 only");
        return None;
    }
    let mut server = prepare();
    fs::create_dir(server.data()).expect("a folder can be made");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let faults = Syscalls::attach(&mut server, folder.path(), rules);
    Some((server, faults, folder))
}

const fn not(errno: Errno) -> Deed {
    Deed::NotDone(errno.raw_os_error())
}

const fn done(errno: Errno) -> Deed {
    Deed::Done(errno.raw_os_error())
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// What a file system without locks says, and what the operator reads. A folder is not made for each refusal.
const LOCKS: [(Deed, &str); 6] = [
    (not(Errno::NOLCK), "No locks available"),
    (not(Errno::NOSYS), "Function not implemented"),
    (not(Errno::OPNOTSUPP), "Operation not supported"),
    (not(Errno::INVAL), "Invalid argument"),
    (not(Errno::INTR), "Interrupted system call"),
    (not(Errno::AGAIN), "refuses every lock"),
];

#[test]
fn a_file_system_without_locks_is_named_by_start_and_probe() {
    for (deed, said) in LOCKS {
        let Some((mut server, _faults, _folder)) = with(&[Rule::all("flock", "/spool/", deed)]) else {
            return;
        };
        let probed = server.run(&["check-config", "--probe"]);
        assert_eq!(probed.status.code(), Some(1), "{deed:?}: {}", text(&probed));
        let refused = text(&probed)
            .lines()
            .any(|line| line.contains(": lock") && line.contains(said));
        assert!(refused, "{deed:?}: {}", text(&probed));
        server.spawn();
        assert!(!server.ended().success(), "{deed:?}");
        let log = server.log();
        assert!(
            log.contains(said) && log.contains("flock") && log.contains("/spool"),
            "{deed:?}: {log}"
        );
        let spool = server.data().join("spool");
        assert!(!spool.join("1").exists(), "{deed:?}: one folder after the other");
    }
}

#[test]
fn a_lock_that_is_waited_for_is_in_the_log_while_it_is() {
    let Some((mut server, _faults, _folder)) = with(&[Rule::first(1, "flock", "/lock", Deed::Waits(6))]) else {
        return;
    };
    server.spawn();
    wait_until("the server to serve", || {
        server.get("/healthcheck").starts_with("HTTP/1.1 200 ")
    });
    let log = server.log();
    let at = |said: &str| log.find(said).unwrap_or_else(|| panic!("no {said} in {log}"));
    let waits = at("waiting for the lock ");
    assert!(log[waits..].contains("/spool/0/lock: "), "{log}");
    assert!(
        waits < at("no longer waiting for the lock ") && waits < at("listening on"),
        "{log}"
    );
}

/// A sync that hangs keeps dumps waiting, which is told while it does: once in the log, and for each dump.
#[test]
fn a_sync_that_hangs_is_in_the_log_and_is_why_dumps_wait() {
    let Some((mut server, faults, _folder)) = with(&[Rule::when_armed("syncfs", "/spool", Deed::Waits(40))]) else {
        return;
    };
    server.restart();
    faults.arm();
    let (records, sessions) = live_through(&server);
    drop(sessions);
    let told = || {
        server
            .log()
            .matches("the sync of the disks has not answered for")
            .count()
    };
    wait_until("it to be told", || told() > 0);
    let why = "the sync of the disks does not answer";
    wait_until("it to be the reason", || {
        text(&server.run(&["spool", "list"])).contains(why)
    });
    assert_eq!(told(), 1, "{}", server.log());
    Syscalls::detach(&mut server);
    server.kill();
    server.restart();
    finish(&server, &records);
}

/// What the probe is shown, the place and the result that it prints, and whether something would be refused.
const PROBED: [(&str, &str, Deed, &str, i32); 14] = [
    (
        "statvfs",
        "/spool",
        Deed::Empty,
        "warning  spool DATA/spool: free space",
        0,
    ),
    (
        "statvfs",
        "/spool",
        not(Errno::NOSYS),
        "warning  spool DATA/spool: free space",
        0,
    ),
    (
        "statvfs",
        "/spool",
        not(Errno::STALE),
        "warning  spool DATA/spool: free space",
        0,
    ),
    ("syncfs", "", not(Errno::NOSYS), "warning  spool DATA/spool: sync", 0),
    ("syncfs", "", not(Errno::PERM), "warning  spool DATA/spool: sync", 0),
    ("syncfs", "", not(Errno::IO), "refused  spool DATA/spool: sync", 1),
    ("flock", "/spool", Deed::Lie, "warning  spool DATA/spool: lock", 0),
    (
        "rename",
        "/spool",
        not(Errno::IO),
        "refused  spool DATA/spool: rename",
        1,
    ),
    (
        "rename",
        "/spool",
        done(Errno::STALE),
        "ok  spool DATA/spool: rename",
        0,
    ),
    (
        "write",
        "/spool",
        not(Errno::DQUOT),
        "refused  spool DATA/spool: write",
        1,
    ),
    ("write", "/spool", Deed::Lie, "refused  spool DATA/spool: write", 1),
    ("fsync", "/spool", not(Errno::IO), "refused  spool DATA/spool: write", 1),
    (
        "link",
        "",
        not(Errno::PERM),
        "ok  storage folder DATA/dumps: store  by copies",
        0,
    ),
    (
        "link",
        "",
        done(Errno::IO),
        "ok  storage folder DATA/dumps: store  by links",
        0,
    ),
];

#[test]
fn the_probe_tries_all_that_serving_does() {
    for (call, from, deed, line, status) in PROBED {
        let Some((server, faults, _folder)) = with(&[Rule::all(call, from, deed)]) else {
            return;
        };
        let probed = server.run(&["check-config", "--probe"]);
        let case = format!("{call} {deed:?}: {}", text(&probed));
        assert_eq!(probed.status.code(), Some(status), "{case}");
        assert!(!faults.met().is_empty(), "{case}");
        let line = line.replace("DATA", server.data().to_str().expect("a path of a test is text"));
        let words: Vec<&str> = line.split_whitespace().collect();
        let has = |told: &str| {
            told.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .contains(&words.join(" "))
        };
        assert!(text(&probed).lines().any(has), "no {line} in {case}");
        let left = |folder: &str| files_below(&server.data().join(folder));
        assert!(left("spool").is_empty() && left("dumps").is_empty(), "{case}");
    }
}

/// What an operator's `spool retry` meets on its way. A link that was done and denied must not be copied onto itself.
const RETRIED: [(&str, Deed, Option<usize>); 7] = [
    ("link", not(Errno::PERM), None),
    ("link", not(Errno::NOSYS), None),
    ("link", not(Errno::XDEV), None),
    ("link", done(Errno::PERM), None),
    ("link", done(Errno::EXIST), None),
    ("rename", done(Errno::NOENT), None),
    ("unlink", done(Errno::IO), None),
];

#[test]
fn failed_dumps_are_put_back_whatever_a_link_says() {
    for (call, deed, count) in RETRIED {
        let rule = Rule {
            count,
            ..Rule::all(call, "/failed/", deed)
        };
        let Some((mut server, faults, _folder)) = with(&[rule]) else {
            return;
        };
        fs::remove_dir(server.data()).expect("an empty folder");
        let records = inherit(&server);
        let instance = server.data().join("spool/7");
        let mut ids = Vec::new();
        for file in files_below(&instance.join("packed")) {
            let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
            ids.push(name.split('.').next().expect("an id").to_owned());
            fs::rename(&file, instance.join("failed").join(name)).expect("a file can be moved");
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 2);
        let words = [
            &["spool", "retry"][..],
            &ids.iter().map(String::as_str).collect::<Vec<_>>(),
        ]
        .concat();
        let retried = server.run(&words);
        assert!(retried.status.success(), "{call} {deed:?}: {}", text(&retried));
        assert!(!faults.met().is_empty(), "{call} {deed:?}");
        Syscalls::detach(&mut server);
        server.restart();
        finish(&server, &records);
    }
}

/// Where file systems cannot be synced as a whole, a file goes only after its successor was synced by itself.
#[test]
fn without_syncfs_each_file_is_synced_before_its_predecessor_goes() {
    let watch = |call, from| Rule::all(call, from, Deed::Waits(0));
    let rules = [
        Rule::all("syncfs", "", not(Errno::NOSYS)),
        watch("fsync", ""),
        watch("unlink", "/spool/"),
    ];
    let Some((mut server, faults, _folder)) = with(&rules) else {
        return;
    };
    server.restart();
    let (mut records, sessions) = live_through(&server);
    drop(sessions);
    await_rows(&server, records.len());
    wait_until("the spool to be empty", || server.spooled().is_empty());
    let met = faults.met();
    let at = |call: &str, file: &str| {
        let is_it = |line: &String| line.starts_with(call) && line.contains(file);
        met.iter()
            .position(is_it)
            .unwrap_or_else(|| panic!("no {call} of {file}: {met:#?}"))
    };
    for dump in server.dumps() {
        let id = dump.id();
        let [lines, packed] = [format!("ready/{id}.jsonl"), format!("packed/{id}.jsonl.gz")];
        assert!(at("fsync", &packed) < at("unlink", &lines));
        assert!(at("fsync", &format!("packed/{id}.json ")) < at("unlink", &lines));
        assert!(at("fsync", &format!("dumps/{id}")) < at("unlink", &packed));
        assert!(at("fsync", "catalog.db-wal") < at("unlink", &packed));
    }
    // SQLite never syncs this file. Whoever else opens it takes this process's locks with it.
    assert!(!met.iter().any(|line| line.contains("catalog.db-shm")), "{met:#?}");
    let said = server.log().matches("syncfs is not offered").count();
    assert_eq!(said, 1, "{}", server.log());
    records.iter_mut().for_each(|record| record.closed = true);
    finish(&server, &records);
}

/// Calls of the loop that are interrupted again and again, how often, and what has to fail before so that they come.
const INTERRUPTED: [(&str, usize, Option<Deed>); 3] = [
    ("write", 450, None),
    ("open", 250, None),
    ("ftruncate", 250, Some(not(Errno::IO))),
];

/// A call that is interrupted again and again is given up and tried later, so that the loop serves the others.
#[test]
fn a_call_that_is_interrupted_without_end_keeps_nobody_waiting() {
    for (call, count, before) in INTERRUPTED {
        let file = "spool/0/recording/";
        let interrupted = Rule::first(count, call, file, not(Errno::INTR));
        let before = before.map(|deed| Rule::first(1, "write", file, deed));
        let rules: Vec<Rule> = before.into_iter().chain([interrupted]).collect();
        let Some((mut server, faults, _folder)) = with(&rules) else {
            return;
        };
        server.restart();
        let mut client = Client::open(server.address(), "/");
        client.send("[1]");
        wait_until(&format!("the {call} to be given up"), || faults.met().len() > 100);
        assert!(server.get("/healthcheck").starts_with("HTTP/1.1 "), "{call}");
        client.sync();
        let met = faults.met().iter().filter(|line| line.starts_with(call)).count();
        assert!(met == count || (call == "write" && met > count), "{call}: {met}");
        client.close(None);
        assert_eq!(server.delivered(1)[0].messages(), ["[1]"], "{call}");
    }
}

const INTERVAL: &str = "RTCSTATS_SPOOL__SYNC_INTERVAL";

/// A failed sync is told to one process. The next one must not take what can be read for what is durable.
#[test]
fn what_a_failed_sync_may_have_lost_is_written_anew_after_a_restart() {
    let Some((mut server, faults, _folder)) = with(&[Rule::all("syncfs", "/spool", not(Errno::IO))]) else {
        return;
    };
    server.set(INTERVAL, "60s");
    server.restart();
    let (mut records, sessions) = live_through(&server);
    drop(sessions);
    let spool = server.data().join("spool");
    let packed = || {
        let mut files = files_below(&spool.join("0/packed"));
        files.retain(|file| file.to_string_lossy().ends_with(".jsonl.gz"));
        files
    };
    wait_until("packed dumps", || packed().len() == records.len());
    // The last sync is the first one.
    assert!(server.stop().success());
    assert!(!faults.met().is_empty() && spool.join("sync-failed").exists());
    server.set(INTERVAL, "30ms");
    // A name of its own keeps an inode from being used again.
    let old = server.data().join("old");
    fs::create_dir(&old).expect("a folder can be made");
    for file in packed() {
        fs::hard_link(&file, old.join(file.file_name().expect("a name"))).expect("a link can be made");
    }
    Syscalls::detach(&mut server);
    server.restart();
    wait_until("the log to say so", || {
        server.log().contains("a sync failed before this start")
    });
    records.iter_mut().for_each(|record| record.closed = true);
    finish(&server, &records);
    for dump in server.dumps() {
        let inode = |path: &Path| fs::metadata(path).expect("it was listed").ino();
        let before = old.join(dump.path.file_name().expect("a name"));
        assert!(before.exists() && inode(&dump.path) != inode(&before), "{before:?}");
    }
}

/// With the free space that the defaults ask for.
#[test]
fn a_disk_that_does_not_say_how_much_is_free_takes_sessions() {
    for deed in [Deed::Empty, not(Errno::NOSYS), not(Errno::INVAL)] {
        let Some((mut server, faults, _folder)) = with(&[Rule::all("statvfs", "/spool", deed)]) else {
            return;
        };
        server.unset("RTCSTATS_SPOOL__MIN_FREE");
        server.restart();
        let (mut records, sessions) = live_through(&server);
        drop(sessions);
        assert!(!faults.met().is_empty(), "{deed:?}");
        records.iter_mut().for_each(|record| record.closed = true);
        finish(&server, &records);
        let instance = server.data().join("spool/0").display().to_string();
        let log = server.log();
        let said: Vec<&str> = log.lines().filter(|line| line.contains("(statvfs)")).collect();
        assert!(said.len() == 1 && said[0].contains(&instance), "{deed:?}: {log}");
    }
}
