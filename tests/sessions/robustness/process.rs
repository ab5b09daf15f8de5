//! Looks at the server's process from outside: processor time, descriptors, their limit, and which user runs the test.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, prlimit};
use support::Server;

/// The processor time used so far by the main thread, which runs the loop.
pub fn loop_time(server: &Server) -> Duration {
    let pid = server.pid().as_raw_nonzero();
    let path = format!("/proc/{pid}/task/{pid}/schedstat");
    let text = std::fs::read_to_string(&path).expect("the kernel counts processor time");
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.expect("nanoseconds come first"))
}

/// Asserts that the loop sleeps. A spinning loop takes the whole second, a sleeping one a thousandth of it. The bound
/// is far from both, because other work on the machine makes processor times longer.
pub fn assert_sleeps(server: &Server) {
    let before = loop_time(server);
    std::thread::sleep(Duration::from_secs(1));
    let used = loop_time(server) - before;
    assert!(used < Duration::from_millis(200), "the loop used {used:?} of a second");
}

/// How many descriptors the server has open.
pub fn descriptors(server: &Server) -> u64 {
    let folder = format!("/proc/{}/fd", server.pid().as_raw_nonzero());
    std::fs::read_dir(folder).expect("the process can be looked at").count() as u64
}

/// The descriptor that the server would get next. As a limit, this number allows the server no further descriptor.
///
/// It is the smallest of several readings, because descriptors that a worker has for a moment would make it too large.
pub fn next_descriptor(server: &Server) -> u64 {
    let folder = format!("/proc/{}/fd", server.pid().as_raw_nonzero());
    let looks = (0..20).map(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let open: Vec<u64> = std::fs::read_dir(&folder)
            .expect("the process can be looked at")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect();
        (0..).find(|number| !open.contains(number)).expect("numbers do not end")
    });
    looks.min().expect("there were looks")
}

/// Sets how many descriptors the running server may have, and returns the previous limit.
pub fn limit_descriptors(server: &Server, limit: Rlimit) -> Rlimit {
    prlimit(Some(server.pid()), Resource::Nofile, limit).expect("one's own child can be limited")
}

/// Changes only the soft limit, so that it can be raised again.
pub fn soft(limit: Rlimit, current: u64) -> Rlimit {
    Rlimit {
        current: Some(current),
        maximum: limit.maximum,
    }
}

/// Lets this test process have as many sockets as it needs.
pub fn raise_own_limit(needed: u64) {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    assert!(
        most >= needed,
        "this test needs {needed} descriptors, and the hard limit is {most}"
    );
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    rustix::process::setrlimit(Resource::Nofile, raised).expect("up to the hard limit it may be raised");
}

/// Fails with an explanation if the test does not run as root.
pub fn need_root(what: &str) {
    assert!(rustix::process::geteuid().is_root(), "this test needs root for {what}");
}
