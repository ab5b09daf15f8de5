//! What it costs to deliver a session of one message: CPU time and system calls of the whole process.
//!
//! Method: the real binary with a folder store and SQLite, on an ext4 file system with a journal (`disk`). 1,000
//! sessions come in batches of 25: all open, each sends one kilobyte and closes, all are closed; then the next batch
//! begins. The figures cover the time from the first connection until the spool is empty. *CPU*: user and system time
//! of all threads, from the scheduler. *System calls*: those that `strace -f` sees, in separate runs, by thread and by
//! name. Figures are medians of five rounds, in which the versions take turns (`versions`).

mod disk;
mod load;
mod versions;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use support::{Server, wait_until};

use disk::Disk;
use load::{Session, message, process_seconds};
use versions::{ROUNDS, Version, in_turns, ratio};

const SESSIONS: usize = 1_000;
const BATCH: usize = 25;
const MESSAGE_BYTES: usize = 1024;

/// The number of calls over all sessions, by thread and name.
type Calls = BTreeMap<(String, String), usize>;

fn main() {
    let disk = Disk::make();
    let versions = Version::all();
    println!("delivery: {SESSIONS} sessions of one message, in batches of {BATCH}");
    let cpu = in_turns(&versions, |version| [cpu_us(&start(&disk, version))]);
    for (version, [us]) in versions.iter().zip(&cpu) {
        println!(
            "  {:6} {us:>7.1} µs of CPU per session, median of {ROUNDS}",
            version.name
        );
    }
    println!("{}", ratio(&cpu.iter().map(|[us]| *us).collect::<Vec<_>>()));
    for (version, calls) in versions.iter().zip(calls_in_turns(&disk, &versions)) {
        print(version.name, &calls);
    }
}

fn start(disk: &Disk, version: &Version) -> Server {
    let mut server = Server::prepare_in(&disk.folder(), &[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
    version.runs_in(&mut server);
    server.restart();
    server
}

/// Runs all sessions, from the first connection until nothing of them is in the spool.
fn deliver(server: &Server) {
    let message = message(MESSAGE_BYTES);
    for _ in 0..SESSIONS / BATCH {
        let mut sessions: Vec<Session> = (0..BATCH).map(|_| Session::open(server.address())).collect();
        sessions.iter_mut().for_each(|session| session.say_and_close(&message));
        sessions.into_iter().for_each(Session::closed);
    }
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert_eq!(server.rows().len(), SESSIONS, "each session has a row");
}

fn cpu_us(server: &Server) -> f64 {
    let pid = pid(server);
    let before = process_seconds(pid);
    deliver(server);
    (process_seconds(pid) - before) * 1e6 / SESSIONS as f64
}

fn pid(server: &Server) -> i32 {
    server.pid().as_raw_nonzero().get()
}

/// Of each version, the round whose sum is the median.
fn calls_in_turns(disk: &Disk, versions: &[Version]) -> Vec<Calls> {
    let mut rounds = vec![Vec::new(); versions.len()];
    for _ in 0..ROUNDS {
        for (version, rounds) in versions.iter().zip(&mut rounds) {
            rounds.push(calls(&start(disk, version)));
        }
    }
    let median = |mut rounds: Vec<Calls>| {
        rounds.sort_by_key(|calls| calls.values().sum::<usize>());
        rounds.swap_remove(ROUNDS / 2)
    };
    rounds.into_iter().map(median).collect()
}

fn calls(server: &Server) -> Calls {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = folder.path().join("trace");
    let pid = pid(server);
    let mut strace = attach(pid, &trace);
    deliver(server);
    let threads = threads(pid);
    kill_process(Pid::from_child(&strace), Signal::INT).expect("strace can be asked to end");
    strace.wait().expect("strace can be waited for");
    counted(&fs::read_to_string(&trace).expect("strace has written"), &threads)
}

/// Returns once strace has attached itself; its output then goes to `trace`.
fn attach(pid: i32, trace: &Path) -> Child {
    let strace = Command::new("strace")
        .args(["-f", "-s", "0", "-e", "signal=none", "-p", &pid.to_string(), "-o"])
        .arg(trace)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let strace = strace.expect("strace is installed");
    let is_traced = |task: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/task/{task}/status")).unwrap_or_default();
        !status.contains("TracerPid:\t0\n")
    };
    wait_until("strace to attach itself", || {
        threads(pid).keys().all(|task| is_traced(task))
    });
    strace
}

/// The names of all threads by their ids, without the numbers that distinguish the workers.
fn threads(pid: i32) -> BTreeMap<String, String> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the server runs");
    let ids = tasks.filter_map(|task| task.ok()?.file_name().into_string().ok());
    let name = |id: &String| {
        let name = fs::read_to_string(format!("/proc/{pid}/task/{id}/comm")).unwrap_or_default();
        let name = name.trim().trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        if *id == pid.to_string() {
            "loop".to_owned()
        } else {
            name.to_owned()
        }
    };
    ids.map(|id| (id.clone(), name(&id))).collect()
}

/// `ID call(…` is a call; `ID <... call resumed>` is the end of one that was counted already.
fn counted(trace: &str, threads: &BTreeMap<String, String>) -> Calls {
    let mut calls = Calls::new();
    for line in trace.lines() {
        let Some((id, rest)) = line.split_once(' ') else {
            continue;
        };
        let Some((call, _)) = rest.trim_start().split_once('(') else {
            continue;
        };
        if call.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let thread = threads.get(id).cloned().unwrap_or_else(|| "ended".to_owned());
            *calls.entry((thread, call.to_owned())).or_default() += 1;
        }
    }
    calls
}

fn print(name: &str, calls: &Calls) {
    let per_session = |count: usize| count as f64 / SESSIONS as f64;
    println!(
        "  {name}: {:.1} system calls per session",
        per_session(calls.values().sum())
    );
    let mut of_threads: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for ((thread, call), count) in calls {
        of_threads.entry(thread).or_default().push((call, *count));
    }
    for (thread, mut calls) in of_threads {
        calls.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let sum = calls.iter().map(|(_, count)| count).sum();
        println!("    {thread}: {:.2}", per_session(sum));
        for (call, count) in calls.iter().filter(|(_, count)| *count >= SESSIONS / 100) {
            println!("      {:>6.2} {call}", per_session(*count));
        }
    }
}
