//! However much a start finds in its spool, that delays no session and takes no memory; the oldest dump is delivered
//! first.
//!
//! The tests show this by causes and not by times: which calls are made before the server listens, what the kernel says
//! about its memory, in which order rows are written. The store is away at first (a file stands where its folder should
//! be) and comes later.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use rusqlite::{Connection, OpenFlags};
use support::backlog::{self, id, message};
use support::{Client, Dump, Server, wait_until};

const MANY: usize = 10_000;
const FEW: usize = 1_000;
const ORPHANS: usize = 1_500;
/// `delivery.workers`, at its default.
const WORKERS: usize = 4;
/// How many ids the workers know of at a time. As many again may be deferred (`WINDOW_IDS_MAX`).
const WINDOW: usize = 1_024;
/// How much the peaks of memory may differ. The 9,000 additional dumps have 10 MB, so this allows 233 bytes for each, a
/// fifth of its length. The measured differences are 500 to 900 KiB; they depend on how often the allocator had to ask
/// for memory.
const GROWTH_KIB_MAX: usize = 2_048;
/// Added to that: the pages of a catalogue that has more rows (`CATALOGUE_CACHE_KIB_MAX`).
const CATALOGUE_KIB_MAX: usize = 512;
/// The shortest pause before a destination that is down is probed again, in seconds (`RETRY_PAUSE_S_MIN`).
const PAUSE_S_MIN: u64 = 5;

/// A server, and those calls of all its threads that open or list a file or a socket.
struct Traced {
    server: Server,
    folder: tempfile::TempDir,
}

impl Traced {
    /// Prepares a server that is not started yet.
    fn prepare() -> Traced {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        // Otherwise each thread would have a heap of its own, and the scheduler would decide how many heaps are
        // touched.
        let mut server = Server::prepare(&[("MALLOC_ARENA_MAX", "1")]);
        let file = folder.path().join("trace.txt");
        let file = file.to_str().expect("a path of letters");
        // Detached, so that the process that is started becomes the server.
        let strace = "strace -D -f -qq --seccomp-bpf -s 4096 -e trace=openat,getdents64,listen -o";
        let words: Vec<&str> = strace.split(' ').chain([file]).collect();
        server.wrap(&words);
        Traced { server, folder }
    }

    /// The calls of all threads, each with its thread. The paths are relative to the data folder.
    fn calls(&self) -> Vec<(i32, String)> {
        let text = fs::read_to_string(self.folder.path().join("trace.txt")).expect("there is a trace");
        let data = self.server.data();
        let text = text.replace(data.to_str().expect("a path of letters"), "DATA");
        let call = |line: &str| {
            let (thread, call) = line.split_once(' ')?;
            let call = call.trim_start();
            call.starts_with(|first: char| first.is_ascii_lowercase())
                .then_some((thread.parse().ok()?, call.to_owned()))
        };
        text.lines().filter_map(call).collect()
    }

    /// What the loop thread calls until it listens, and what it calls after that.
    fn calls_of_the_loop(&self) -> (Vec<String>, Vec<String>) {
        let thread = self.server.pid().as_raw_nonzero().get();
        let own = self.calls().into_iter().filter(|(by, _)| *by == thread);
        let mut before: Vec<String> = own.map(|(_, call)| call).collect();
        let listens = before.iter().position(|call| call.starts_with("listen("));
        let after = before.split_off(listens.expect("it listens"));
        // The files that the dynamic loader looks for are always the same, and many.
        before.retain(|call| call.contains("\"DATA") || call.starts_with("getdents64"));
        // Descriptors and results differ, and strace may report a call in two parts.
        let what = |call: String| match call.split_once(", O_") {
            Some((open, _)) => open.to_owned(),
            None => call.split(['(', ',']).next().unwrap_or_default().to_owned(),
        };
        (before.into_iter().map(what).collect(), after)
    }
}

/// Puts a file where the folder of dumps should be: every put fails, and the error is the destination's.
fn take_away(server: &Server) -> PathBuf {
    let store = server.data().join("dumps");
    fs::create_dir_all(server.data()).expect("the data folder can be made");
    fs::write(&store, b"").expect("the data folder is writable");
    store
}

fn bring_back(store: &PathBuf) {
    fs::remove_file(store).expect("it is one's own file");
    fs::create_dir(store).expect("the data folder is writable");
}

/// Ids in the order in which their rows were written.
fn recorded(server: &Server) -> Vec<String> {
    let file = server.data().join("catalog.db");
    let catalogue = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("there is a catalogue");
    catalogue.busy_timeout(support::wait::GUARD).expect("it can be set");
    let mut rows = catalogue
        .prepare("SELECT id FROM rtcstats ORDER BY rowid")
        .expect("it has the table");
    let ids = rows.query_map([], |row| row.get(0)).expect("it can be read");
    ids.collect::<Result<_, _>>().expect("it can be read")
}

/// Waits for `count` rows, a thousand at a time: the time limit against hanging applies to each thousand.
fn wait_for_rows(server: &Server, count: usize) {
    for part in (FEW..count).step_by(FEW).chain([count]) {
        wait_until(&format!("{part} rows"), || recorded(server).len() >= part);
    }
}

/// The most memory that the process has used so far, in KiB.
fn peak_kib(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    number.expect("a peak in kB")
}

fn assert_no_larger(many: &Traced, few: &Traced, kib: usize) {
    let (many, few) = (peak_kib(&many.server), peak_kib(&few.server));
    assert!(many < few + kib, "{many} KiB with {MANY} dumps, {few} KiB with {FEW}");
}

fn packed(server: &Server) -> usize {
    let names = server.spooled().into_iter();
    names
        .filter(|file| file.to_string_lossy().ends_with(".jsonl.gz"))
        .count()
}

/// When a row is written, there may be older dumps whose rows are not written yet. They are being handled by the other
/// workers, or were being handled when the dumps before the last sync were packed, or they met the outage themselves.
/// The last kind are as many as there are workers, and one for each probe. They come after the other dumps of the first
/// window, so that none of them is left after two windows (the dumps that waited and those that were deferred).
fn assert_oldest_first(order: &[String], probes: usize) {
    let numbers: HashMap<String, usize> = (0..MANY).map(|number| (id(number), number)).collect();
    let mut missing: BTreeSet<usize> = (0..MANY).collect();
    for (at, id) in order.iter().enumerate() {
        let number = numbers[id];
        assert!(missing.remove(&number), "a row twice: {id}");
        let stumbled = if at < 2 * WINDOW { WORKERS + probes } else { 0 };
        let overtaken: Vec<&usize> = missing.range(..number).collect();
        assert!(
            overtaken.len() < 2 * WORKERS + stumbled,
            "row {at} is dump {number}, and {overtaken:?} are not written"
        );
    }
    assert!(missing.is_empty(), "{} are not recorded", missing.len());
}

/// Every number is there once, with its own content.
fn assert_each_once(dumps: Vec<Dump>) {
    assert_eq!(dumps.len(), MANY + 1, "the live session's is the one more");
    // The names sort by age, and the live session is the youngest.
    for (number, dump) in dumps.iter().enumerate().take(MANY) {
        assert_eq!((dump.id(), dump.close_code()), (id(number), 1000));
        assert_eq!(dump.messages(), [message(number)]);
    }
}

/// While it serves, the loop thread opens only the files of sessions, and those that say how many cores there are.
fn assert_looks_at_no_backlog(serving: &[String]) {
    let is_live = |call: &str| call.contains("\"DATA/spool/0/recording/") && call.contains("O_CREAT");
    let of_the_system = |call: &str| call.contains("\"/proc/self/") || call.contains("\"/sys/fs/cgroup");
    let opens = |call: &&String| !call.starts_with("listen(");
    let others: Vec<_> = serving
        .iter()
        .filter(opens)
        .filter(|call| !is_live(call) && !of_the_system(call))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn ten_thousand_dumps_delay_no_session_take_no_memory_and_go_oldest_first() {
    let mut traced = [0, FEW, MANY].map(|count| {
        let traced = Traced::prepare();
        backlog::ready(&traced.server.data(), count);
        traced
    });
    let stores = traced.each_ref().map(|traced| take_away(&traced.server));
    let begin = Instant::now();
    traced.iter_mut().for_each(|traced| traced.server.restart());
    let [none, few, many] = &traced;
    let mut client = Client::open(many.server.address(), "/");
    client.send("[\"live\",null,null,0]");
    client.sync();
    for traced in [few, many] {
        wait_until("a window of dumps to be packed and the outage to be met", || {
            packed(&traced.server) >= FEW && traced.server.log().contains("is down")
        });
        assert!(recorded(&traced.server).is_empty(), "nothing is delivered");
    }
    let quiet = none.calls_of_the_loop().0;
    assert!(
        quiet.iter().any(|call| call.contains("DATA/spool/0/recording")),
        "{quiet:?}"
    );
    assert_eq!(few.calls_of_the_loop().0, quiet, "before it listens");
    assert_eq!(many.calls_of_the_loop().0, quiet, "before it listens");
    assert_no_larger(many, few, GROWTH_KIB_MAX);

    stores.iter().for_each(bring_back);
    wait_for_rows(&few.server, FEW);
    wait_for_rows(&many.server, 1);
    let probes = usize::try_from(begin.elapsed().as_secs() / PAUSE_S_MIN).expect("a small number") + 1;
    wait_for_rows(&many.server, MANY);
    assert_oldest_first(&recorded(&many.server), probes);
    client.sync();
    client.close(Some(1000));
    wait_until("the spool to be empty", || many.server.spooled().is_empty());
    assert_eq!(recorded(&many.server).len(), MANY + 1);
    assert_each_once(many.server.dumps());
    assert_no_larger(many, few, GROWTH_KIB_MAX + CATALOGUE_KIB_MAX);
    assert_looks_at_no_backlog(&many.calls_of_the_loop().1);
}

/// Recordings are listed before the server listens, so that none of its own is among them. They are opened only later.
#[test]
fn sessions_that_a_kill_cut_off_are_recovered_while_the_next_ones_go_on() {
    let mut traced = [0, ORPHANS].map(|count| {
        let traced = Traced::prepare();
        backlog::recordings(&traced.server.data(), count);
        traced
    });
    traced.iter_mut().for_each(|traced| traced.server.restart());
    let [none, many] = &traced;
    let mut client = Client::open(many.server.address(), "/");
    client.send("[\"live\",null,null,0]");
    client.sync();
    wait_for_rows(&many.server, ORPHANS);
    client.sync();
    assert_eq!(
        recorded(&many.server).len(),
        ORPHANS,
        "the live one was not taken for one of them"
    );
    client.close(Some(1000));
    many.server.delivered(ORPHANS + 1);
    for (number, dump) in many.server.dumps().iter().enumerate().take(ORPHANS) {
        assert_eq!((dump.id(), dump.close_code()), (id(number), 1006));
        assert_eq!(dump.messages(), [message(number)], "without the torn line");
    }
    let listing = |call: &String| call.starts_with("getdents64");
    let (mut quiet, mut calls) = (none.calls_of_the_loop().0, many.calls_of_the_loop().0);
    // An entry takes 64 bytes. The library asks for 32 KiB at a time, and once more to see the end.
    let listings = calls.iter().filter(|call| listing(call)).count();
    assert!(listings <= ORPHANS.div_ceil(512) + 1, "{listings}");
    quiet.retain(|call| !listing(call));
    calls.retain(|call| !listing(call));
    assert_eq!(calls, quiet, "before it listens");
    assert_looks_at_no_backlog(&many.calls_of_the_loop().1);
    let calls = many.calls();
    let position = |what: &str| calls.iter().position(|(_, call)| call.contains(what)).expect(what);
    assert!(
        position("listen(") < position(&id(0)),
        "an orphan is opened before the server listens"
    );
}
