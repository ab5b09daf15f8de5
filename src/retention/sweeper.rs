//! When retention sweeps the store: at the start, and then at intervals until the server stops.
//!
//! Runs on a thread of its own, which is woken when the server stops and which looks at the clock. Failures are logged
//! and tried again. What stays as it is from sweep to sweep is told once (`told`).
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::sweep::{Memory, Sweep};
use super::told::Told;
use crate::limits::RETENTION_PAUSE_S_MAX;

/// Sweeps until `stop` says so. It is asked after each wake-up and before each removal.
pub fn run(sweep: &Sweep<'_>, stop: &dyn Fn() -> bool) {
    let mut next = Instant::now();
    let (mut memory, mut told) = (Memory::default(), Told::default());
    while !stop() {
        let now = Instant::now();
        if now < next {
            thread::park_timeout(next - now);
            continue;
        }
        next = now + Duration::from_secs(RETENTION_PAUSE_S_MAX);
        let now = SystemTime::now();
        let swept = catch_unwind(AssertUnwindSafe(|| sweep.run(now, &mut memory, stop)));
        let swept = swept.unwrap_or_else(|_| Err("the program panicked while it let stored dumps go".to_owned()));
        for (level, line) in told.lines(swept, memory.trouble.as_deref(), now.into()) {
            log::log!(level, "{line}");
        }
    }
}
