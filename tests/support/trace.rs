//! Records which system calls the loop thread makes, with strace on that thread alone, and compares them with one list.
//!
//! Calls that may wait for a disk or for another machine are not on the list. Attaching needs root, or permission to
//! use ptrace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::server::Server;
use super::wait::wait_until;

/// Calls for sockets, polling, the dump's file, memory and the log.
const ALLOWED: [&str; 28] = [
    "accept4",
    "brk",
    "close",
    "epoll_ctl",
    "epoll_wait",
    "fcntl",
    "ftruncate",
    "futex",
    "getrandom",
    "getpid",
    "gettid",
    "getsockopt",
    "madvise",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "openat",
    "ppoll",
    "read",
    "recvfrom",
    "rename",
    "restart_syscall",
    "rt_sigreturn",
    "sendto",
    "setsockopt",
    "shutdown",
    "write",
];

/// Calls that must not happen even if the list above grew.
const FORBIDDEN: [&str; 15] = [
    "access",
    "connect",
    "fdatasync",
    "fsync",
    "fstat",
    "getdents64",
    "link",
    "linkat",
    "newfstatat",
    "nanosleep",
    "stat",
    "statx",
    "sync",
    "syncfs",
    "unlink",
];

/// A trace of one server's loop thread, written to a file.
pub struct Trace {
    strace: Child,
    file: PathBuf,
}

impl Trace {
    pub fn attach(server: &Server, folder: &Path) -> Trace {
        let file = folder.join("trace.txt");
        let thread = server.pid().as_raw_nonzero().to_string();
        let strace = Command::new("strace")
            .args(["-qq", "-p", &thread, "-o"])
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .expect("strace is installed (tests/tools.sh)");
        let trace = Trace { strace, file };
        // The loop wakes up once a second, so something is recorded soon.
        wait_until(
            "strace to be attached (this needs root, or ptrace to be allowed)",
            || !trace.lines().is_empty(),
        );
        trace
    }

    pub fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        text.lines().map(str::to_string).collect()
    }

    /// Ends the trace and returns the names of all calls, and all lines.
    pub fn detach(mut self) -> (BTreeSet<String>, Vec<String>) {
        kill_process(Pid::from_child(&self.strace), Signal::INT).expect("one's own child can be signalled");
        self.strace.wait().expect("strace ends");
        let lines = self.lines();
        let name = |line: &String| {
            let (name, _) = line.split_once('(')?;
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
                .then(|| name.to_string())
        };
        (lines.iter().filter_map(name).collect(), lines)
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// Asserts that all these calls are on the list.
pub fn assert_allowed(calls: &BTreeSet<String>, lines: &[String]) {
    assert!(!ALLOWED.iter().any(|call| FORBIDDEN.contains(call)));
    let others: Vec<_> = calls.iter().filter(|call| !ALLOWED.contains(&call.as_str())).collect();
    let example = |call: &String| lines.iter().find(|line| line.starts_with(&format!("{call}("))).cloned();
    let examples: Vec<_> = others.iter().filter_map(|call| example(call)).collect();
    assert!(others.is_empty(), "the loop thread also calls {others:?}: {examples:?}");
    // The loop asks whether the log takes a line, but does not wait for it.
    let asks = |line: &str| line.contains("{fd=2, events=POLLOUT}") && line.contains("{tv_sec=0, tv_nsec=0}");
    let waits = lines.iter().find(|line| line.starts_with("ppoll(") && !asks(line));
    assert_eq!(waits, None, "the loop thread waits for something else");
}
