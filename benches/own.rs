//! What this process takes: CPU time and memory, as Linux counts them.

use std::fs;

/// The CPU time of this thread in seconds. Linux counts it in nanoseconds.
pub fn cpu_s() -> f64 {
    let status = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let first = status.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    first.expect("a number") / 1e9
}

/// The most that this process has held since [`forget_peak`], in MiB.
#[allow(dead_code, reason = "not each bench measures memory")]
pub fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a figure");
    let kib = line
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<f64>().ok());
    kib.expect("a number") / 1024.0
}

#[allow(dead_code, reason = "not each bench measures memory")]
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("proc(5): resets VmHWM");
}
