//! Which system calls the loop thread makes: seen by strace on that thread alone, held against one list.
//!
//! Whatever may wait for a disk or for another machine is not on the list. Attaching needs root, or ptrace to be allowed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::server::Server;
use super::wait::wait_until;

/// Sockets, polling, the dump's file, memory, and the log.
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

/// Those that would have to be looked at even if the list above grew.
const FORBIDDEN: [&str; 14] = [
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

/// A look at the loop thread of one server, into a file.
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
        // The loop wakes up once a second, so that there is something to see soon.
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

    /// The names of all calls, and all lines.
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

/// That these are calls of the list and nothing else.
pub fn assert_allowed(calls: &BTreeSet<String>, lines: &[String]) {
    assert!(!ALLOWED.iter().any(|call| FORBIDDEN.contains(call)));
    let others: Vec<_> = calls.iter().filter(|call| !ALLOWED.contains(&call.as_str())).collect();
    let example = |call: &String| lines.iter().find(|line| line.starts_with(&format!("{call}("))).cloned();
    let examples: Vec<_> = others.iter().filter_map(|call| example(call)).collect();
    assert!(others.is_empty(), "the loop thread also calls {others:?}: {examples:?}");
    // Whether the log takes a line is asked; nothing is waited for.
    let asks = |line: &str| line.contains("{fd=2, events=POLLOUT}") && line.contains("{tv_sec=0, tv_nsec=0}");
    let waits = lines.iter().find(|line| line.starts_with("ppoll(") && !asks(line));
    assert_eq!(waits, None, "the loop thread waits for something else");
}
