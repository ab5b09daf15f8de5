//! Looks at the server's process from outside, at what would grow with a queue in memory.

use support::Server;

#[derive(Clone, Copy, Debug)]
pub struct Process {
    pub threads: usize,
    pub descriptors: usize,
    /// Resident memory now, and its maximum since the start, in KiB.
    pub resident: usize,
    pub peak: usize,
}

impl Process {
    pub fn of(server: &Server) -> Process {
        let folder = format!("/proc/{}", server.pid().as_raw_nonzero());
        let count = |name: &str| {
            let entries = std::fs::read_dir(format!("{folder}/{name}"));
            entries.expect("the process can be looked at").count()
        };
        let status = std::fs::read_to_string(format!("{folder}/status")).expect("the process can be looked at");
        let size = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .expect("the kernel tells");
            line.trim().trim_end_matches(" kB").parse().expect("a number")
        };
        Process {
            threads: count("task"),
            descriptors: count("fd"),
            resident: size("VmRSS:"),
            peak: size("VmHWM:"),
        }
    }
}
