//! When retention sweeps the store: at the start, and then at intervals until the server stops.
//!
//! Runs on a thread of its own, which is woken when the server stops and which looks at the clock. Failures are logged
//! and tried again.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::sweep::{Sweep, Swept};
use crate::limits::RETENTION_PAUSE_S_MAX;

/// Sweeps until `stop` says so. It is asked after each wake-up and before each removal.
pub fn run(sweep: &Sweep<'_>, stop: &dyn Fn() -> bool) {
    let mut next = Instant::now();
    while !stop() {
        let now = Instant::now();
        if now < next {
            thread::park_timeout(next - now);
            continue;
        }
        next = now + Duration::from_secs(RETENTION_PAUSE_S_MAX);
        sweep_once(sweep, stop);
    }
}

fn sweep_once(sweep: &Sweep<'_>, stop: &dyn Fn() -> bool) {
    match catch_unwind(AssertUnwindSafe(|| sweep.run(SystemTime::now(), stop))) {
        Ok(Ok(Swept { dumps: 0, .. })) => {}
        Ok(Ok(Swept { dumps, bytes })) => log::info!("retention let {dumps} stored dumps of {bytes} bytes go"),
        Ok(Err(error)) => log::error!("retention goes on later: {error}"),
        Err(_) => log::error!("the program panicked while it let stored dumps go; this is tried again later"),
    }
}
